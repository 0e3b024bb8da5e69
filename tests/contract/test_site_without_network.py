"""A site that is a folder of the host: key, metadata and packages come only from there."""

import json

from tests.lab import Lab

FOLDER = "/srv/docker-ce"
# Runs on the hosts with the standard library alone, and follows the listings of the site's server.
MIRROR = """\
import os, re, sys, urllib.request
base, folder, skipped = sys.argv[1], sys.argv[2], sys.argv[3:]
def fetch(path):
    if any(word in path for word in skipped):
        return
    answer = urllib.request.urlopen(base + path)
    if not path.endswith("/"):
        os.makedirs(os.path.dirname(folder + path), exist_ok=True)
        open(folder + path, "wb").write(answer.read())
        return
    for name in re.findall('href="([^"?]+)"', answer.read().decode()):
        fetch(path + urllib.request.unquote(name))
fetch("/linux/%s/")
"""


def test_everything_comes_from_the_folder(lab: Lab) -> None:
    lab.reset()
    for host in lab.hosts:
        variables = lab.variables(host)
        distribution = {"debian13": "debian", "ubuntu2404": "ubuntu", "centos9": "centos"}[host]
        # Only the newest engine and no other channel: the rest would only take time.
        others = [*variables["lab_engines"][:-1], variables["lab_earlier_patch"]]
        skipped = ["/test/", *(f"docker-ce{name}" for name in versions(others))]
        script = f"python3 - {variables['lab_sites']['good']} {FOLDER} {' '.join(skipped)}"
        lab.on(host, f"{script} <<'END'\n{MIRROR % distribution}\nEND")
    declared = {"docker_engine_repo_urls": [f"file://{FOLDER}"]}
    ran = lab.playbook("site.yml", "-e", json.dumps(declared))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for host in lab.hosts:
        newest = lab.variables(host)["lab_engines"][-1]["version"]
        running = lab.on(host, "docker version --format '{{.Server.Version}}'")
        assert running.startswith(newest)
        if host == "centos9":
            told = lab.on(host, "cat /etc/yum.repos.d/docker-ce.repo")
            key = lab.on(host, f"cmp /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce {FOLDER}/linux/*/gpg")
        else:
            told = lab.on(host, "apt-cache policy docker-ce")
            key = lab.on(host, f"cmp /etc/apt/keyrings/docker.asc {FOLDER}/linux/*/gpg")
        assert f"file:{'//' if host == 'centos9' else ''}{FOLDER}/linux/" in told
        assert "packages.lab.test" not in told
        assert key == ""
    again = lab.playbook("site.yml", "-e", json.dumps(declared))
    assert "no hosts matched" in again.stdout


def versions(engines: list[dict[str, str]]) -> list[str]:
    """Give how engines' package files continue after the name, on deb and on rpm."""
    return [
        f"{part}{between}{engine['version']}"
        for engine in engines
        for part in ("", "-cli", "-rootless-extras")
        for between in "_-"
    ]
