"""A dockerd that is not docker.service's is named and left alone, or stopped with consent.

Docker's snap is a stand-in here: a copy of the binary where snapd puts it, run by a unit with
snapd's name for it.
"""

import json

import pytest

from tests.contract.containers import trust_registry
from tests.lab import ENGINE_ALONE, Lab

STOP = "systemctl stop docker.socket docker.service"
WAIT = "for n in $(seq 50); do docker info >/root/said 2>&1 && break; sleep 0.2; done"
BY_HAND = "--data-root /root/other --exec-root /root/other-exec"
SNAP_ROOT = "/var/snap/docker/common/var-lib-docker"
SNAP = f"/snap/docker/current/bin/dockerd --data-root {SNAP_ROOT} -p /run/snap.docker.pid"
UNIT = f"[Service]\\nExecStart={SNAP}\\n[Install]\\nWantedBy=multi-user.target\\n"


@pytest.fixture(scope="module")
def one(lab: Lab) -> Lab:
    """A host with an engine."""
    one = lab.one()
    one.reset_with_engine()
    ran = one.playbook("site.yml", *ENGINE_ALONE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return one


def site(one: Lab, *more: str, **declared: object) -> tuple[int, str]:
    ran = one.playbook("site.yml", *ENGINE_ALONE, "-e", json.dumps(declared), *more)
    return ran.returncode, ran.stdout


def test_one_by_hand_beside_stopped_units_is_refused_and_left_alone(one: Lab) -> None:
    (host,) = one.hosts
    image = f"{trust_registry(one)}/library/busybox"
    script = f"{STOP}; setsid dockerd {BY_HAND} >/root/log 2>&1 </dev/null & {WAIT}"
    one.on(host, f"{script}; docker run -d --stop-timeout 1 --name keeper {image} sleep 3600")
    pid = one.on(host, "cat /run/docker.pid").strip()
    runs = (
        "docker inspect keeper --format '{{.State.Pid}} {{.State.StartedAt}}'; ls -i /run/docker*"
    )
    before = one.on(host, runs)
    for more in (["--check"], []):
        status, said = site(one, *more)
        assert status == 2, said
        assert f"PID {pid} (/usr/bin/dockerd, started by hand in ssh.service)" in said
        assert "Its data-root /root/other has 1 container and 1 image." in said
        assert "1 container of it runs: keeper." in said
        assert f"`kill {pid}`" in said
        assert one.on(host, runs) == before


def test_with_consent_it_is_stopped(one: Lab) -> None:
    (host,) = one.hosts
    status, said = site(one, docker_activation_allow_container_stop=True)
    assert status == 0, said
    assert one.on(host, "docker info --format '{{.DockerRootDir}}'").strip() == "/var/lib/docker"
    assert one.on(host, "pidof dockerd").strip() == one.on(host, "cat /run/docker.pid").strip()
    assert one.on(host, "ls /root/other/containers").strip()


def test_docker_from_snap_is_stopped_and_disabled_with_consent(one: Lab) -> None:
    (host,) = one.hosts
    folder = "/snap/docker/current/bin"
    unit = "snap.docker.dockerd.service"
    one.on(
        host,
        f"{STOP}; mkdir -p {folder}; cp /usr/bin/dockerd {folder}; "
        f"printf '{UNIT}' > /etc/systemd/system/{unit}; systemctl enable -q --now {unit}; {WAIT}",
    )
    status, said = site(one, "--check")
    assert status == 2, said
    assert f"{unit} (PID " in said
    assert f"Its data-root is {SNAP_ROOT}. No container of it runs." in said
    assert "snap stop --disable docker" in said
    status, said = site(one, docker_activation_allow_container_stop=True)
    assert status == 0, said
    states = one.on(host, f"systemctl is-active docker.service {unit} || true")
    assert states.split() == ["active", "inactive"]
    assert one.on(host, f"systemctl is-enabled {unit} || true").strip() == "disabled"
    assert one.on(host, f"ls {SNAP_ROOT}").strip()
    status, said = site(one, "--check")
    assert (status, said.count("changed=0")) == (0, 1), said
