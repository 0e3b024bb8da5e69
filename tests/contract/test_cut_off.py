"""Cut off by SIGKILL at each step of a commit: the next run converges, and a boot finds Docker up.

Every deed of the real module is a step, found by Python's own audit events on the host. The hosts
share the steps among them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab

PLAYBOOK = "tests/contract/cut_off.yml"
HOOK = Path(__file__).with_name("cut_off.py")
LEFT = "ls -A /var/lib/dockwright /etc/systemd/system /etc/docker"
FLAGS = "tr '\\0' ' ' < /proc/$(pidof dockerd)/cmdline"
Variables = Mapping[str, Any]
# Two files, which only in one order start the daemon at every point in between; both ways.
WITH_HOSTS: Variables = {
    "docker_daemon_config": {"hosts": ["fd://"], "log-level": "warn"},
    "docker_daemon_hosts_drop_in": True,
}
WITHOUT_HOSTS: Variables = {"docker_daemon_config": {"log-level": "info"}}
# dockerd validates it and cannot start with it.
BAD: Variables = {"docker_daemon_config": {"log-opts": {"no-such-option": "1"}}}


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> Iterator[Lab]:
    """Hosts with the engine, and with the hook that cuts off."""
    lab.reset()
    ran = lab.playbook("site.yml", "-e", json.dumps(WITHOUT_HOSTS))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    place = "/root/cut_off"
    # The folder stays once it is made, and its making is one step of the first commit alone.
    hook = f"cat > {place}/sitecustomize.py <<'END'\n{HOOK.read_text()}\nEND"
    folders = f"mkdir -p /etc/systemd/system/docker.service.d {place}"
    lab.everywhere(dict.fromkeys(lab.hosts, f"{folders}; {hook}"))
    yield lab


def site(lab: Lab, variables: Variables) -> str:
    """Converge, and require that it does."""
    extra = json.dumps({**variables, "docker_activation_stable_seconds": 0})
    ran = lab.playbook("site.yml", "--tags", "docker_daemon", "-e", extra)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def commit(lab: Lab, variables: Variables, at: Mapping[str, int]) -> set[str]:
    """Stage and commit, cut off at a step of each host's own; give the hosts that were."""
    steps = {host: str(step) for host, step in at.items()}
    extra = {**variables, "cut_off_at": steps, "docker_activation_retry": True}
    ran = lab.playbook(PLAYBOOK, "--limit", ",".join(at), "-e", json.dumps(extra))
    return set(re.findall(r"^(\w+) .* failed=1 ", ran.stdout, re.MULTILINE))


def count(lab: Lab, variables: Variables) -> dict[str, int]:
    """How many steps a commit has on each host that is not cut off, from another state."""
    site(lab, WITHOUT_HOSTS if variables is not WITHOUT_HOSTS else WITH_HOSTS)
    lab.everywhere(dict.fromkeys(lab.hosts, "rm -f /root/deeds"))
    commit(lab, variables, dict.fromkeys(lab.hosts, 0))
    steps = {host: int(lab.on(host, "wc -l < /root/deeds")) for host in lab.hosts}
    assert all(number >= 12 for number in steps.values()), steps
    return steps


def shared(lab: Lab, steps: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Part the steps among the hosts; each host counts its own, from the first to the last."""
    many = len(lab.hosts)
    for first in range(0, max(steps.values()), many):
        numbered = {
            host: first + 1 + (index + first // many) % many for index, host in enumerate(lab.hosts)
        }
        at = {host: number for host, number in numbered.items() if number <= steps[host]}
        if at:
            yield at


def require_tidy(lab: Lab, host: str, at: Mapping[str, int]) -> None:
    left = lab.on(host, LEFT)
    for word in ("saved", "staged", "dockwright-restore", ".dockwright-"):
        assert word not in left, f"{host}, step {at[host]}: {left}"


def test_a_commit_cut_off_at_any_step_is_finished_by_the_next_run(hosts: Lab) -> None:
    steps = count(hosts, WITH_HOSTS)
    back = count(hosts, WITHOUT_HOSTS)
    uncut = dict.fromkeys(hosts.hosts, 0)
    for at in shared(hosts, {host: max(steps[host], back[host]) for host in hosts.hosts}):
        for variables, own in ((WITH_HOSTS, steps), (WITHOUT_HOSTS, back)):
            reached = {host: number for host, number in at.items() if number <= own[host]}
            assert commit(hosts, variables, reached) == set(reached), reached
            assert commit(hosts, variables, uncut) == set(), reached
            for host in hosts.hosts:
                flags = hosts.on(host, FLAGS)
                assert ("-H" in flags) == (variables is WITHOUT_HOSTS), (host, at)
                assert "--containerd=" in flags, (host, at)
            for host in reached:
                require_tidy(hosts, host, reached)
    assert "no hosts matched" in site(hosts, WITHOUT_HOSTS)


@pytest.mark.parametrize("variables", [WITH_HOSTS, BAD], ids=["a_good_set", "a_bad_set"])
def test_a_host_that_boots_after_any_step_has_docker_up(hosts: Lab, variables: Variables) -> None:
    steps = count(hosts, variables)
    site(hosts, WITHOUT_HOSTS)
    uncut = dict.fromkeys(hosts.hosts, 0)
    for at in shared(hosts, steps):
        assert commit(hosts, variables, at) == set(at), at
        hosts.command("restart", *at)
        for host in at:
            # Nobody helps it: it comes up with the host, or with the first client.
            assert hosts.on(host, "docker version --format '{{.Server.Version}}'"), (host, at)
        assert commit(hosts, WITHOUT_HOSTS, uncut) == set(), at
        for host in at:
            require_tidy(hosts, host, at)
    assert "no hosts matched" in site(hosts, WITHOUT_HOSTS)
