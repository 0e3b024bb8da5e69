"""Cut off by SIGKILL at each step of a commit: the next run converges, and a boot finds Docker up.

Every deed of the real module is a step, found by Python's own audit events on the host.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab

HOST = "debian13"
PLAYBOOK = "tests/contract/cut_off.yml"
HOOK = Path(__file__).with_name("cut_off.py")
LEFT = "ls /var/lib/dockwright /etc/systemd/system"
# A set with two files, of which the daemon starts with no other combination but the ordered ones.
GOOD: dict[str, Any] = {
    "docker_daemon_config": {"hosts": ["fd://"], "log-level": "warn"},
    "docker_daemon_hosts_drop_in": True,
}
BAD: dict[str, Any] = {"docker_daemon_config": {"log-opts": {"no-such-option": "1"}}}


@pytest.fixture(scope="module")
def host(lab: Lab) -> Iterator[Lab]:
    """The host with the engine, and the hook that cuts off."""
    if HOST not in lab.hosts:
        pytest.skip(f"the lab runs without {HOST}")
    lab.reset()
    ran = lab.playbook("site.yml", "--limit", HOST)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    place = "/root/cut_off"
    lab.on(HOST, f"mkdir {place}; cat > {place}/sitecustomize.py <<'END'\n{HOOK.read_text()}\nEND")
    yield lab


def commit(lab: Lab, variables: dict[str, Any], at: int) -> int:
    """Stage and commit, cut off at a step; give how Ansible ended."""
    extra = json.dumps({**variables, "cut_off_at": str(at), "docker_activation_retry": True})
    return lab.playbook(PLAYBOOK, "--limit", HOST, "-e", extra).returncode


def count(lab: Lab, variables: dict[str, Any]) -> int:
    """How many steps a commit has that is not cut off."""
    lab.on(HOST, "rm -f /root/deeds")
    commit(lab, variables, 0)
    return int(lab.on(HOST, "wc -l < /root/deeds"))


def site(lab: Lab, variables: dict[str, Any] | None = None) -> str:
    extra = json.dumps({**(variables or {}), "docker_activation_stable_seconds": 0})
    ran = lab.playbook("site.yml", "--limit", HOST, "-e", extra)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def restart(lab: Lab) -> None:
    """Have the host boot anew, and require that Docker serves."""
    lab.command("restart", HOST)
    # The hosts' own clients wake it through its socket, as anywhere.
    assert lab.on(HOST, "systemctl start docker.service && docker version -f '{{.Server.Version}}'")


def test_a_commit_cut_off_at_any_step_is_finished_by_the_next_run(host: Lab) -> None:
    steps = count(host, GOOD)
    assert steps >= 8, host.on(HOST, "cat /root/deeds")
    site(host)
    for at in range(1, steps + 1):
        assert commit(host, GOOD, at) != 0, f"step {at} was not cut off"
        site(host, GOOD)
        assert "no hosts matched" in site(host, GOOD), at
        flags = host.on(HOST, "tr '\\0' ' ' < /proc/$(pidof dockerd)/cmdline")
        assert "-H" not in flags, at
        assert "--containerd=" in flags, at
        left = host.on(HOST, LEFT)
        assert not any(word in left for word in ("saved", "staged", "dockwright-restore")), left
        site(host)


@pytest.mark.parametrize("variables", [GOOD, BAD], ids=["good", "bad"])
def test_a_host_that_boots_after_any_step_has_docker_up(
    host: Lab, variables: dict[str, Any]
) -> None:
    steps = count(host, variables)
    site(host)
    for at in range(1, steps + 1):
        assert commit(host, variables, at) != 0, f"step {at} was not cut off"
        restart(host)
        site(host)
        assert "no hosts matched" in site(host), at
