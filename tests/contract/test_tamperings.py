"""Break one thing on a real host: the plan names that resource, and what follows from it, alone.

Each row is undone by its inverse, and then the plan is empty again. Every role adds its rows.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.lab import Lab

DEB_REPOSITORY = "/etc/apt/sources.list.d/docker.sources"
RPM_REPOSITORY = "/etc/yum.repos.d/docker-ce.repo"
DEB_KEY = "/etc/apt/keyrings/docker.asc"
RPM_KEY = "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce"


class Tampering(NamedTuple):
    """One row: shell lines that break and mend, and what the plan must name.

    In lines and paths {repository} and {key} stand for the host's own files, {install} and
    {remove} for its package manager's commands, {wrong_key} for an address.
    """

    name: str
    breaks: str
    mends: str
    named: tuple[tuple[str, str], ...]
    refused: str = ""


KEEP_REPOSITORY = "cp -a {repository} /root/kept; "
KEEP_KEY = "cp -a {key} /root/kept; "
REPOSITORY = ("engine.repository_file", "{repository}")
KEY = ("engine.repository_key", "{key}")

TABLE = (
    Tampering(
        "repository names another site",
        KEEP_REPOSITORY + "sed -i 's,//packages,//elsewhere,' {repository}",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository is believed without signature",
        KEEP_REPOSITORY + "sed -i 's/gpgcheck=1/gpgcheck=0/; $a Trusted: yes' {repository}",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository file is for anybody to write",
        "chmod 666 {repository}",
        "chmod 644 {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "repository file is gone",
        "mv {repository} /root/kept",
        "mv /root/kept {repository}",
        (REPOSITORY,),
    ),
    Tampering(
        "key is another",
        KEEP_KEY + "{fetch} {wrong_key} > {key}",
        "mv /root/kept {key}",
        (KEY,),
    ),
    Tampering(
        "key has company",
        KEEP_KEY + "{fetch} {wrong_key} >> {key}",
        "mv /root/kept {key}",
        (KEY,),
    ),
    Tampering(
        "a package is gone",
        "{remove} docker-compose-plugin",
        "{install} docker-compose-plugin",
        (("engine.package", "docker-compose-plugin"),),
    ),
    Tampering(
        "daemon is stopped",
        "systemctl stop docker.socket docker.service",
        "systemctl start docker.service",
        (("service.running", "docker.service"),),
    ),
    Tampering(
        "daemon does not start with the host",
        "systemctl disable -q docker.service",
        "systemctl enable -q docker.service",
        (("service.enabled", "docker.service"),),
    ),
    Tampering(
        "containerd is stopped",
        "systemctl stop containerd.service",
        "systemctl start containerd.service; systemctl restart docker.service",
        (("service.running", "containerd.service"),),
    ),
    Tampering(
        "daemon is masked by somebody",
        "systemctl mask -q docker.service",
        "systemctl unmask -q docker.service",
        (("service.masked", "docker.service"),),
        refused="systemctl unmask docker.service",
    ),
    Tampering(
        "an old daemon runs under a new file",
        "cp -a /usr/bin/dockerd /usr/bin/dockerd.new; mv /usr/bin/dockerd.new /usr/bin/dockerd",
        "systemctl restart docker.service",
        (("service.binary", "docker.service"),),
    ),
    Tampering(
        "an old containerd runs under a new file",
        "cp -a /usr/bin/containerd /usr/bin/c.new; mv /usr/bin/c.new /usr/bin/containerd",
        "systemctl restart containerd.service; systemctl restart docker.service",
        (("service.binary", "containerd.service"),),
    ),
)


@pytest.fixture(scope="module")
def provisioned(lab: Lab) -> Lab:
    """Hosts that site.yml has made, from bare ones."""
    lab.reset()
    ran = lab.playbook("site.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return lab


def words(lab: Lab, host: str) -> dict[str, str]:
    """What the table's words stand for on a host."""
    rpm = host == "centos9"
    distribution = {"debian13": "debian", "ubuntu2404": "ubuntu", "centos9": "centos"}[host]
    read = "import sys,urllib.request as u;print(u.urlopen(sys.argv[1]).read().decode())"
    return {
        "repository": RPM_REPOSITORY if rpm else DEB_REPOSITORY,
        "key": RPM_KEY if rpm else DEB_KEY,
        "wrong_key": f"{lab.variables(host)['lab_sites']['wrong_key']}/linux/{distribution}/gpg",
        "fetch": f"python3 -c '{read}'",
        "remove": "rpm -e" if rpm else "dpkg -r",
        "install": "dnf -y -q install" if rpm else "apt-get install -y -q",
    }


def test_a_provisioned_host_is_as_declared(provisioned: Lab, tmp_path: Path) -> None:
    plans = provisioned.plan(tmp_path)
    for host in provisioned.hosts:
        assert (plans[host]["verdict"], plans[host]["differences"]) == ("clean", [])
        assert plans[host]["changed"] is False


@pytest.mark.parametrize("tampering", TABLE, ids=lambda row: row.name.replace(" ", "_"))
def test_the_plan_names_what_was_broken(
    tampering: Tampering, provisioned: Lab, tmp_path: Path
) -> None:
    known = {host: words(provisioned, host) for host in provisioned.hosts}
    provisioned.everywhere({host: fill(tampering.breaks, known[host]) for host in known})
    try:
        broken = provisioned.plan(tmp_path / "broken")
    finally:
        provisioned.everywhere({host: fill(tampering.mends, known[host]) for host in known})
    mended = provisioned.plan(tmp_path / "mended")
    for host in provisioned.hosts:
        named = [(each["resource"], each["path"]) for each in broken[host]["differences"]]
        wanted = [(resource, fill(path, known[host])) for resource, path in tampering.named]
        assert named == wanted, host
        assert {each["cause"] for each in broken[host]["differences"]} == {"drift"}, host
        if tampering.refused:
            assert tampering.refused in broken[host]["msg"], host
        else:
            assert broken[host]["verdict"] == "drifted", host
        assert mended[host]["differences"] == [], host


def fill(text: str, known: dict[str, str]) -> str:
    """Put a host's own words in; other braces stay."""
    for word, meaning in known.items():
        text = text.replace("{" + word + "}", meaning)
    return text


MENDED_TOGETHER = (
    "repository is believed without signature",
    "key is another",
    "a package is gone",
    "daemon does not start with the host",
    "an old daemon runs under a new file",
)


def test_site_mends_what_was_broken_in_one_run(provisioned: Lab, tmp_path: Path) -> None:
    rows = [row for row in TABLE if row.name in MENDED_TOGETHER]
    assert len(rows) == len(MENDED_TOGETHER)
    for row in rows:
        provisioned.everywhere(
            {host: fill(row.breaks, words(provisioned, host)) for host in provisioned.hosts}
        )
    ran = provisioned.playbook("site.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    plans = provisioned.plan(tmp_path)
    assert {host: plan["verdict"] for host, plan in plans.items()} == dict.fromkeys(
        provisioned.hosts, "clean"
    )


def test_a_second_run_is_play_one_alone(provisioned: Lab) -> None:
    ran = provisioned.playbook("site.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "skipping: no hosts matched" in ran.stdout
    assert ran.stdout.count("changed=0") == len(provisioned.hosts)
    assert "[WARNING]" not in ran.stdout + ran.stderr
