"""The filesystem under data-root through its life: it grows and changes under containers, comes
with the host before Docker does, and keeps Docker down while it is gone.

In order: each test continues from the one before it.
"""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.contract.containers import run_writers, written
from tests.lab import Lab

FILE, POINT, UNIT = "/data0/images.img", "/data0/docker", "data0-docker.mount"
AWAY = "/data0/elsewhere.img"
GIBIBYTE = 1024**3
Json = dict[str, Any]

SMALL: Json = {
    "docker_storage_file": FILE,
    "docker_storage_mount_point": POINT,
    "docker_storage_size": "2G",
    "docker_activation_stable_seconds": 0,
}
GROWN: Json = {**SMALL, "docker_storage_size": "3G"}
NOATIME: Json = {**GROWN, "docker_storage_mount_options": ["noatime"]}

# Who mounts and who serves, since when, and the container's own process.
RUNS = (
    f"systemctl show --property=InvocationID,ActiveEnterTimestampMonotonic {UNIT} docker.service; "
    "docker inspect --format '{{.State.Pid}} {{.State.StartedAt}}' writer"
)
MOUNT = f"findmnt --noheadings --output SOURCE,OPTIONS {POINT}"
INSIDE = "docker exec writer df -k / | tail -n 1 | awk '{print $2}'"
DIRECT_IO = f"cat /sys/block/$(basename $(losetup --noheadings --output NAME -j {FILE}))/loop/dio"
# What lies under the mount, on the system's disk.
BENEATH = f"unshare --mount sh -c 'mount --bind / /mnt && ls -A /mnt{POINT}'"
DAEMON_JSON = "sha256sum /etc/docker/daemon.json; systemctl show --property=MainPID docker.service"
# What is not about the filesystem is for other tests.
PLANNED = {
    "docker_plan_roles": ["docker_storage", "docker_engine", "docker_daemon", "docker_activation"]
}


@pytest.fixture(scope="module")
def kept(lab: Lab) -> Iterator[Lab]:
    """Hosts with a filesystem of 2 GiB under Docker, and a container that writes in it."""
    lab = lab.distinct(1)
    lab.reset_with_engine()
    site(lab, SMALL, "--tags", "all")
    run_writers(lab)
    yield lab


def site(
    lab: Lab, variables: Json, *arguments: str, fails: bool = False, tags: str = "docker_storage"
) -> str:
    """Run site.yml with these variables, and require that it ends as expected."""
    chosen = () if "--tags" in arguments else ("--tags", tags)
    ran = lab.playbook("site.yml", "-e", json.dumps(variables), *chosen, *arguments)
    assert ran.returncode == (2 if fails else 0), ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def require_nothing_left(lab: Lab, folder: Path, variables: Json) -> None:
    for host, plan in lab.plan(folder, {**variables, **PLANNED}).items():
        assert (plan["verdict"], plan["differences"]) == ("clean", []), host


def test_it_grows_under_a_container_that_writes(kept: Lab, tmp_path: Path) -> None:
    before = kept.each(RUNS)
    sizes = {host: int(text) * 1024 for host, text in kept.each(INSIDE).items()}
    assert all(1.8 * GIBIBYTE < size <= 2 * GIBIBYTE for size in sizes.values()), sizes
    told = site(kept, GROWN)
    assert "WARNING" not in told
    sizes = {host: int(text) * 1024 for host, text in kept.each(INSIDE).items()}
    assert all(2.8 * GIBIBYTE < size <= 3 * GIBIBYTE for size in sizes.values()), sizes
    assert kept.each(RUNS) == before
    for host, lines in written(kept).items():
        assert_no_gap(host, lines)
    for host, text in kept.each(f"stat -c '%s %b %B' {FILE}").items():
        size, blocks, unit = map(int, text.split())
        assert size == 3 * GIBIBYTE, host
        assert blocks * unit >= size, f"{host}: it is not allocated in full"
    require_nothing_left(kept, tmp_path, GROWN)


def assert_no_gap(host: str, lines: list[tuple[int, int]]) -> None:
    """Require that every number is there, and none seconds after the one before it."""
    assert [number for number, _ in lines] == list(range(1, len(lines) + 1)), host
    pauses = [later - sooner for (_, sooner), (_, later) in pairwise(lines)]
    assert max(pauses) <= 3, f"{host}: nothing was written for {max(pauses)} s"


def test_options_change_by_a_remount(kept: Lab, tmp_path: Path) -> None:
    before = kept.each(RUNS)
    assert not any("noatime" in options for options in kept.each(MOUNT).values())
    site(kept, NOATIME)
    assert all("noatime" in options for options in kept.each(MOUNT).values())
    assert kept.each(RUNS) == before
    require_nothing_left(kept, tmp_path / "with", NOATIME)
    site(kept, GROWN)
    assert not any("noatime" in options for options in kept.each(MOUNT).values())
    assert kept.each(RUNS) == before
    require_nothing_left(kept, tmp_path / "without", GROWN)


def test_a_limit_that_this_ground_cannot_keep_is_refused(kept: Lab) -> None:
    before = kept.each(DAEMON_JSON)
    limited = {**GROWN, "docker_daemon_config": {"storage-opts": ["overlay2.size=1G"]}}
    for mode in ((), ("--check",)):
        told = site(kept, limited, *mode, fails=True, tags="docker_daemon")
        if "centos9" in kept.hosts:
            assert "storage-opts says overlay2.size=1G, and the kernel of this host has no " in told
        if set(kept.hosts) - {"centos9"}:
            assert "overlay2.size=1G: the storage driver btrfs has no such option" in told
    assert kept.each(DAEMON_JSON) == before


def test_it_is_there_before_docker_after_a_restart_of_the_host(kept: Lab, tmp_path: Path) -> None:
    kept.command("restart", *kept.hosts)
    stamp = "systemctl show --value --property="
    times = kept.each(
        f"{stamp}ActiveEnterTimestampMonotonic {UNIT}; "
        f"{stamp}ExecMainStartTimestampMonotonic docker.service; systemctl is-active {UNIT} docker"
    )
    for host, text in times.items():
        mounted, started, *states = text.split()
        assert 0 < int(mounted) <= int(started), host
        assert states == ["active", "active"], host
    assert set(kept.each(DIRECT_IO).values()) == {"1"}
    names = kept.each("docker ps --format '{{.Names}}'")
    assert names == dict.fromkeys(kept.hosts, "writer")
    assert set(kept.each(BENEATH).values()) == {""}
    require_nothing_left(kept, tmp_path, GROWN)


def test_docker_stays_down_while_the_file_is_gone_and_says_why(kept: Lab, tmp_path: Path) -> None:
    images = kept.each("docker image ls --quiet --no-trunc")
    kept.each(f"mv {FILE} {AWAY}")
    kept.command("restart", *kept.hosts)
    # A client wakes the socket, and that must not start the daemon either.
    kept.each("timeout 20 docker ps > /dev/null 2>&1 || true")
    states = kept.each("systemctl is-active docker.service || true")
    assert not set(states.values()) & {"active", "activating"}, states
    for host, words in kept.each("journalctl --boot --no-pager -u docker.service -o cat").items():
        assert "Dependency failed for docker.service" in words, f"{host}: {words}"
    for host, words in kept.each(f"journalctl --boot --no-pager -u {UNIT} -o cat").items():
        assert FILE in words, f"{host}: {words}"
    assert set(kept.each(BENEATH).values()) == {""}
    for plan in kept.plan(tmp_path, {**GROWN, **PLANNED}).values():
        assert f"{FILE} was here, with a filesystem in it, and is gone." in plan["msg"]
        assert "docker_storage_recreate" in plan["msg"]
    told = site(kept, GROWN, "--tags", "all", fails=True)
    assert "and is gone." in told
    assert set(kept.each(f"ls -A {POINT}; ls {FILE} 2>/dev/null || true").values()) == {""}
    # systemd counts starts for ten seconds, and the socket has tried many times.
    kept.each(f"mv {AWAY} {FILE}; systemctl reset-failed; systemctl start docker.service")
    assert kept.each("docker image ls --quiet --no-trunc") == images
    require_nothing_left(kept, tmp_path / "back", GROWN)
