"""A running apt or dnf is waited for, in bounded time, and then named."""

import json
from collections.abc import Iterator

import pytest

from tests.lab import ENGINE_ALONE, Lab

# A real apt or dnf that waits for a site which never answers, and holds its lock meanwhile.
BUSY = {
    "deb": "echo 'deb [trusted=yes] {site}/linux/debian trixie stable' > /root/busy.list; "
    "timeout {seconds} apt-get update -o Dir::Etc::sourcelist=/root/busy.list "
    "-o Dir::Etc::sourceparts=- -o Acquire::http::Timeout=600 >/dev/null 2>&1 &",
    "rpm": "timeout {seconds} dnf --repofrompath=busy,{site}/linux/centos/9/x86_64/stable "
    "--repo=busy --setopt=timeout=600 makecache >/dev/null 2>&1 &",
}
HELD = {
    "deb": "until fuser -s /var/lib/apt/lists/lock 2>/dev/null || pgrep -x apt-get; "
    "do sleep 0.1; done; sleep 0.5",
    "rpm": "until [ -s /var/cache/dnf/metadata_lock.pid ]; do sleep 0.1; done",
}


@pytest.fixture
def bare(lab: Lab) -> Iterator[Lab]:
    """Bare hosts, on which no package manager is left running."""
    lab = lab.distinct()
    lab.reset()
    yield lab
    lab.everywhere(dict.fromkeys(lab.hosts, "pkill -x 'apt-get|dnf' || true"))


def busy(lab: Lab, seconds: int) -> None:
    """Have a package manager run on every host for so many seconds."""
    for host in lab.hosts:
        family = "rpm" if host == "centos9" else "deb"
        site = lab.variables(host)["lab_sites"]["hanging"]
        lab.on(host, BUSY[family].format(site=site, seconds=seconds) + "\n" + HELD[family])


def install(lab: Lab, seconds: int) -> tuple[int, str]:
    """Run site.yml with this time to wait for the lock."""
    ran = lab.playbook(
        "site.yml", *ENGINE_ALONE, "-e", json.dumps({"docker_engine_lock_timeout": seconds})
    )
    return ran.returncode, ran.stdout


def test_who_holds_the_lock_is_named_and_nothing_has_changed(bare: Lab) -> None:
    busy(bare, 600)
    status, said = install(bare, 2)
    assert status == 2, said
    for host in bare.hosts:
        rpm = host == "centos9"
        name, lock = ("dnf", "/var/cache/dnf/") if rpm else ("apt-get", "/var/lib/apt/lists/lock")
        failed = next(line for line in said.splitlines() if line.startswith(f"fatal: [{host}]"))
        assert f"({name}) holds {lock}" in failed
        assert "did not let go within 2 s" in failed
        assert "docker_engine_lock_timeout" in failed
        assert bare.on(host, "ls /etc/apt/keyrings/docker.asc 2>/dev/null || true") == ""
        assert bare.on(host, "command -v dockerd || echo none").strip() == "none"


def test_one_that_lets_go_in_time_is_waited_for(bare: Lab) -> None:
    busy(bare, 12)
    status, said = install(bare, 300)
    assert status == 0, said
    for host in bare.hosts:
        assert bare.on(host, "docker version --format '{{.Server.Version}}'").strip()
