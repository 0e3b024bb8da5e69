"""A proxy's password is in one file that only root can read, and nowhere else at any time.

The test searches for a word that each spelling of the password contains, and for that word as it is
in an HTTP header. The proxies are real and ask for the password. Only through them can the hosts
reach a package site and a registry.
"""

import base64
import json
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contract.containers import trust_registry
from tests.lab import Lab
from tests.proxies import asked

FOLDER = "/etc/systemd/system/docker.service.d"
DROP_IN = f"{FOLDER}/http-proxy.conf"
WATCH = Path(__file__).with_name("secret_watch.py")
# Every character with a meaning somewhere on the way, and a letter outside ASCII.
AWKWARD = "\"two\" 'one' \\back\\ $HOME `date` %h ${x} é;#"
PLACES = "/boot /etc /home /opt /root /run /srv /tmp /usr/local /var"
WORDS = "/dev/shm/words"  # noqa: S108 - root's own, on a host of the lab
SHOWN = (
    "journalctl --no-pager --output=export",
    "systemctl show docker.service docker.socket containerd.service",
    "systemctl show-environment",
    "systemctl cat docker.service",
    "docker info",
    "docker version",
    "docker system info --format '{{json .}}'",
    "cat /proc/[0-9]*/cmdline",
)
ENVIRONMENT = (
    "tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID docker.service)/environ | grep _PROXY="
)
PULL = "docker rmi -f {0} > /dev/null 2>&1; docker pull --quiet {0}"
SOCKS = {
    "docker_proxy_all": "{{ lab_proxies.socks }}",
    "docker_proxy_no_proxy": ["localhost", AWKWARD],
    "docker_proxy_packages": True,
    "docker_engine_repo_urls": ["{{ lab_hidden_site }}"],
}
LOCKED = {
    "docker_proxy_https": "{{ lab_proxies.locked }}",
    "docker_engine_repo_urls": ["{{ lab_hidden_site }}"],
}
# Addresses that are refused or lead nowhere, with the password in them.
REFUSED_ADDRESSES = {
    "another scheme": "{{ lab_proxies.locked | replace('http:', 'ftp:') }}",
    "no scheme": "{{ lab_proxies.locked | replace('http://', '') }}",
    "a port that is none": "{{ lab_proxies.locked }}x",
    "two lines": "{{ lab_proxies.locked }}\n{{ lab_proxies.locked }}",
}
NOWHERE = {**SOCKS, "docker_proxy_all": "{{ lab_proxies.socks | replace(':1080', ':9') }}"}
BROKEN = {"docker_daemon_config": {"log-driver": "no-such-driver", "log-opts": {"a": "b"}}}


@pytest.fixture(scope="module")
def behind(lab: Lab) -> Lab:
    """A host that site.yml made through the SOCKS proxy, watched while it did.

    One host is enough: where a password could turn up does not depend on the distribution, except
    for dnf's logs.
    """
    host = lab.one(2)
    host.reset()
    trust_registry(host)
    with watched(host):
        site(host, SOCKS)
    return host


def site(lab: Lab, variables: dict[str, Any], *arguments: str, fails: bool = False) -> str:
    """Run site.yml as verbosely as a user may, require no secret in its output, and give that."""
    return run(lab, "site.yml", variables, *arguments, fails=fails)


def run(
    lab: Lab, playbook: str, variables: dict[str, Any], *arguments: str, fails: bool = False
) -> str:
    extra = json.dumps({"docker_activation_stable_seconds": 0, **variables})
    ran = lab.playbook(playbook, "-vvv", "--diff", "-e", extra, *arguments)
    told = ran.stdout + ran.stderr
    tells = [line for line in told.splitlines() for word in spellings(lab) if word in line]
    assert tells == []
    assert ran.returncode == (2 if fails else 0), told
    return told


def spellings(lab: Lab) -> tuple[str, ...]:
    """Give the secret as it is, and as it is within base64, wherever it begins there."""
    secret = str(lab.variables(lab.hosts[0])["lab_proxies_secret"])
    encoded = [base64.b64encode(b" " * n + secret.encode()).decode() for n in range(3)]
    return secret, *(text[2 * n : -4] for n, text in enumerate(encoded))


@contextmanager
def watched(lab: Lab) -> Iterator[None]:
    """Watch each host for the secret, wherever it might be on its way."""
    source = base64.b64encode(WATCH.read_bytes()).decode()
    secret = spellings(lab)[0].encode().hex()
    lab.each(
        f"rm -f /root/secret-watch.*; echo {source} | base64 --decode > /root/secret-watch.py; "
        f"setsid python3 /root/secret-watch.py {secret} > /dev/null 2>&1 < /dev/null &"
    )
    yield
    found = lab.each(
        "touch /root/secret-watch.stop; "
        "for i in $(seq 100); do test -e /root/secret-watch.found && break; sleep 0.1; done; "
        "cat /root/secret-watch.found"
    )
    for host, text in found.items():
        looked, *places = text.splitlines()
        assert int(looked.split()[1]) > 10, host
        assert places == [f"{FOLDER} 0600"], host


def search(lab: Lab) -> dict[str, list[str]]:
    """Name each host's files that contain the secret, and what it shows with it."""
    # Reversed, so that no command line has it, and in a place that is not searched.
    backwards = " ".join(word[::-1] for word in spellings(lab))
    script = f"printf '%s\\n' {backwards} | rev > {WORDS}\n"
    script += f"grep -rlaF --devices=skip -f {WORDS} {PLACES} 2> /dev/null || true\n"
    for shown in SHOWN:
        tells = f"{{ {shown}; }} 2>&1 | grep -aF -f {WORDS} > /dev/null"
        script += f"if {tells}; then echo {shlex.quote(shown)}; fi\n"
    script += f"rm {WORDS}"
    return {host: sorted(text.splitlines()) for host, text in lab.each(script).items()}


def modes(lab: Lab) -> dict[str, str]:
    return lab.each(f"stat -c '%a %u:%g %n' {FOLDER}/*.env")


def expect(lab: Lab, *numbers: int) -> None:
    """Expect the secret in these files of credentials alone, each for root alone."""
    paths = [f"{FOLDER}/http-proxy-{number}.env" for number in numbers]
    assert search(lab) == dict.fromkeys(lab.hosts, paths)
    if paths:
        wanted = "\n".join(f"600 0:0 {path}" for path in paths)
        assert modes(lab) == dict.fromkeys(lab.hosts, wanted)


def pull(lab: Lab) -> list[str]:
    """Pull from the registry that only the proxies reach; give the proxies' requests."""
    began, known = time.time(), lab.variables(lab.hosts[0])
    lab.each(PULL.format(f"{known['lab_hidden_registry']}/library/hello-world"))
    return asked(known, began)


@pytest.mark.parametrize("name", ["locked", "socks"])
def test_the_proxies_ask_for_the_password(name: str, lab: Lab) -> None:
    known = lab.variables(lab.hosts[0])
    address = known["lab_proxies"][name]
    scheme, place = address.split("://")[0], address.rpartition("@")[2]
    for credentials, lets_in in (("", False), ("lab%25user:wrong@", False), (None, True)):
        proxy = address if credentials is None else f"{scheme}://{credentials}{place}"
        ran = subprocess.run(
            [
                *(known["lab_docker_binary"], "--host", known["lab_docker_host"]),
                *("exec", known["lab_proxies_container"], "curl", "--silent", "--fail"),
                *("--proxy", proxy.replace("socks5:", "socks5h:"), known["lab_hidden_site"]),
            ],
            check=False,
            capture_output=True,
        )
        assert (ran.returncode == 0) == lets_in, (credentials, ran)


def test_a_host_made_through_a_proxy_keeps_its_password(behind: Lab) -> None:
    expect(behind, 1)


def test_an_image_comes_through_it(behind: Lab) -> None:
    lines = [line for line in pull(behind) if line.startswith("socks: ")]
    assert len(lines) >= len(behind.hosts)


def test_the_daemon_has_what_was_declared(behind: Lab) -> None:
    proxy = behind.variables(behind.hosts[0])["lab_proxies"]["socks"]
    wanted = {f"HTTP_PROXY={proxy}", f"HTTPS_PROXY={proxy}", f"NO_PROXY=localhost,{AWKWARD}"}
    for host, text in behind.each(ENVIRONMENT).items():
        assert set(text.splitlines()) == wanted, host


def test_neither_check_nor_plan_nor_rerun_tells(behind: Lab, tmp_path: Path) -> None:
    assert "changed=0" in site(behind, SOCKS, "--check")
    assert "no hosts matched" in site(behind, SOCKS)
    plans = behind.plan(tmp_path, LOCKED)
    assert {"proxy.drop_in", "proxy.credentials"} == {
        each["resource"] for plan in plans.values() for each in plan["differences"]
    }
    for told in (json.dumps(plans), *(path.read_text() for path in tmp_path.rglob("stdout"))):
        assert [word for word in spellings(behind) if word in told] == []
    expect(behind, 1)


def test_it_waits_for_the_commit_in_a_file_of_its_own(behind: Lab) -> None:
    with watched(behind):
        run(behind, "tests/contract/proxy_deferred.yml", LOCKED)
    expect(behind, 1, 2)
    assert any(line.startswith("socks: ") for line in pull(behind))
    with watched(behind):
        site(behind, LOCKED, "--tags", "docker_proxy")
    expect(behind, 2)
    assert any(line.startswith("locked: ") for line in pull(behind))


def test_a_commit_that_is_taken_back_leaves_no_copy(behind: Lab) -> None:
    one = behind.one(1)
    with watched(one):
        told = site(one, {**SOCKS, **BROKEN}, fails=True)
    assert "The configuration before it was put back" in told
    # The failed set is known by its file's name, so the file stays until a commit has held.
    expect(one, 2, 3)
    assert any(line.startswith("locked: ") for line in pull(one))


def test_without_a_proxy_nothing_is_left_of_it_and_nothing_comes(behind: Lab) -> None:
    site(behind, {}, "--tags", "docker_proxy")
    expect(behind)
    assert set(behind.each(f"ls {FOLDER} 2> /dev/null || true").values()) == {""}
    registry = behind.variables(behind.hosts[0])["lab_hidden_registry"]
    told = behind.each(f"docker pull {registry}/library/busybox 2>&1 && exit 1 || true")
    assert all("no such host" in text for text in told.values()), told


@pytest.mark.parametrize("playbook", ["site.yml", "tests/contract/proxy_deferred.yml"])
@pytest.mark.parametrize("name", REFUSED_ADDRESSES)
def test_a_refused_address_is_not_shown(behind: Lab, name: str, playbook: str) -> None:
    address = {"docker_proxy_https": REFUSED_ADDRESSES[name]}
    told = run(behind.one(), playbook, address, fails=True)
    assert "docker_proxy_https is an address with credentials" in told


def test_packages_that_do_not_come_do_not_tell(behind: Lab) -> None:
    behind.each("dpkg -r docker-compose-plugin || rpm -e docker-compose-plugin")
    with watched(behind):
        site(behind, NOWHERE, fails=True)
    expect(behind, 1)
