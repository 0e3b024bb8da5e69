"""Another image store, and another engine, on a real daemon: refusal, consent, and the way back."""

import json
from subprocess import CompletedProcess

import pytest

from tests.contract.containers import trust_registry
from tests.lab import Lab

ROLES = "docker_engine,docker_daemon"
# Removed in 28, so the newest engine of a site does not have it.
REMOVED = "api-cors-header"
TRACES = """
dpkg-query -W 'docker-*' containerd.io 2>/dev/null || true
ls /etc/apt/sources.list.d /etc/apt/keyrings; ls /etc/docker /var/lib/dockwright 2>&1 || true
"""
SEEN = "docker images --quiet | wc -l; docker ps --all --format '{{.Names}} {{.State}}'"
STARTED = "systemctl show --property=InvocationID docker.service; cat /etc/docker/daemon.json"
CONSENTS = {
    "docker_activation_allow_container_stop": True,
    "docker_daemon_allow_data_left_behind": True,
}


@pytest.fixture(scope="module")
def host(lab: Lab) -> Lab:
    """One bare host, since what is tried here is the same on each."""
    one = lab.one()
    one.reset()
    return one


def run(host: Lab, tags: str, **variables: object) -> "CompletedProcess[str]":
    extra = {"docker_daemon_defaults": False, "docker_activation_stable_seconds": 1, **variables}
    return host.playbook("site.yml", "--tags", tags, "-e", json.dumps(extra))


def snapshots(enabled: bool) -> dict[str, object]:
    config = {"features": {"containerd-snapshotter": True}} if enabled else {}
    return {"docker_daemon_config": config}


def said(ran: "CompletedProcess[str]") -> str:
    return " ".join((ran.stdout + ran.stderr).split())


def test_an_engine_is_judged_once_its_version_is_known(host: Lab) -> None:
    (name,) = host.hosts
    host.on(name, f'mkdir -p /etc/docker; echo \'{{"{REMOVED}": "*"}}\' > /etc/docker/daemon.json')
    before = host.on(name, TRACES)
    refused = run(host, "docker_engine")
    assert refused.returncode == 2
    assert "TASK [dockwright.host.docker_engine" in refused.stdout, "the plan asked no site"
    assert "No package was changed; docker-ce was to be" in said(refused)
    assert f"{REMOVED}, which nobody has declared, is no key of engine" in said(refused)
    assert host.on(name, TRACES) == before
    # docker_daemon's declaration counts if that role runs before the daemon starts.
    ran = run(host, ROLES, docker_daemon_config={REMOVED: None})
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_images_go_out_of_sight_by_consent_alone_and_come_back_at_once(host: Lab) -> None:
    (name,) = host.hosts
    image = f"{trust_registry(host)}/library/busybox"
    start = f"docker run --detach --init --restart always --name {{}} {image} sleep 100000"
    host.on(name, start.format("before"))
    before = host.on(name, STARTED)
    refused = run(host, ROLES, **snapshots(True))
    assert refused.returncode == 2
    assert "set docker_daemon_allow_data_left_behind" in said(refused)
    assert host.on(name, STARTED) == before

    switched = run(host, ROLES, **snapshots(True), **CONSENTS)
    assert switched.returncode == 0, switched.stdout + switched.stderr
    assert host.on(name, SEEN).split() == ["0"]
    host.on(name, start.format("after"))

    # An engine without such a store would not see it, whichever role installs it.
    oldest = str(host.variables(name)["lab_engines"][0]["version"])
    older = {"docker_engine_version": oldest, "docker_engine_allow_downgrade": True}
    alone = run(host, "docker_engine", docker_activation_allow_container_stop=True, **older)
    assert alone.returncode == 2
    assert "holds: 1 image and 1 container." in said(alone)
    assert "docker_daemon_allow_data_left_behind" in said(alone)

    back = run(host, ROLES, **snapshots(False), **CONSENTS)
    assert back.returncode == 0, back.stdout + back.stderr
    assert host.on(name, SEEN).split() == ["1", "before", "running"]
