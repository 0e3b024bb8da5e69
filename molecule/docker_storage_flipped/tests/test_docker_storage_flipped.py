"""Another filesystem is mounted in another place, and holds what was in that place before."""

import json
import shlex
from typing import Any

import pytest
from testinfra.host import Host

FILE = "/data-1/images/docker.d.img"
POINT = "/data-1/docker.d"
UNIT = "data\\x2d1-docker.d.mount"
SIZE = 1536 * 1024**2


@pytest.fixture
def kind(host: Host) -> str:
    """Give the filesystem that is declared for this host."""
    return "xfs" if host.backend.get_hostname() == "ubuntu2404" else "ext4"


@pytest.fixture
def info(host: Host) -> dict[str, Any]:
    """Give what the daemon says of itself."""
    told: dict[str, Any] = json.loads(host.check_output("docker info --format '{{json .}}'"))
    return told


def test_the_daemon_goes_by_it(host: Host, info: dict[str, Any], kind: str) -> None:
    status = dict(info["DriverStatus"])
    assert info["DockerRootDir"] == f"{POINT}/engine"
    assert info["Driver"] == "overlay2"
    assert status["Backing Filesystem"] == {"xfs": "xfs", "ext4": "extfs"}[kind]
    assert json.loads(host.file("/etc/docker/daemon.json").content_string)["storage-driver"] == (
        "overlay2"
    )


def test_an_image_runs_from_there(host: Host) -> None:
    registry = host.ansible.get_variables()["lab_registry"]
    told = host.check_output("docker run --rm %s/library/busybox stat -f -c %%T /", registry)
    assert "overlay" in told or told == "UNKNOWN"
    assert host.check_output("ls %s/engine/overlay2", POINT).split()


def test_the_backing_file_fills_as_it_is_used(host: Host) -> None:
    file = host.file(FILE)
    assert (file.user, file.gid, file.mode, file.size) == ("daemon", 6, 0o640, SIZE)
    blocks, unit = host.check_output("stat -c '%%b %%B' %s", FILE).split()
    assert int(blocks) * int(unit) < SIZE // 2


def test_its_loop_device_goes_through_the_cache(host: Host) -> None:
    (device,) = host.check_output("losetup --noheadings --output NAME -j %s", FILE).split()
    name = device.removeprefix("/dev/")
    assert host.file(f"/sys/block/{name}/loop/dio").content_string.strip() == "0"
    assert not host.file("/etc/systemd/system/dockwright-direct-io.service").exists


def test_the_unit_of_an_escaped_name_has_mounted_it(host: Host, kind: str) -> None:
    name = host.check_output("systemd-escape --path --suffix=mount %s", POINT)
    assert name == UNIT
    assert host.check_output("systemctl is-enabled %s", UNIT) == "enabled"
    assert host.check_output("systemctl is-active %s", UNIT) == "active"
    mounted = host.check_output("findmnt --noheadings --output FSTYPE,LABEL,OPTIONS %s", POINT)
    there, label, options = mounted.split()
    assert (there, label) == (kind, "flipped")
    assert "noatime" in options.split(",")


def test_docker_does_not_start_without_it(host: Host) -> None:
    for relation in ("Requires", "After"):
        shown = host.check_output("systemctl show --property=%s --value docker.service", relation)
        # systemd quotes a name with a backslash.
        assert UNIT in shlex.split(shown)
    guard = host.file("/etc/systemd/system/docker.service.d/dockwright-storage.conf")
    assert f"AssertPathIsMountPoint={POINT}\n" in guard.content_string


def test_what_was_in_the_mount_point_is_in_the_filesystem(host: Host) -> None:
    kept = f"{POINT}/kept"
    assert host.check_output("stat -c '%%a %%u %%g' %s", kept) == "2750 12 34"
    assert host.check_output("cat %s/second", kept) == "something"
    assert host.check_output("stat -c '%%a %%h %%Y' %s/file", kept) == "4711 2 981173106"
    assert host.check_output("readlink %s/link", kept) == "file"
    assert host.check_output("stat -c %%F %s/pipe", kept) == "fifo"


def test_nothing_is_left_beneath_or_beside_it(host: Host) -> None:
    beneath = f"mount --bind / /mnt && ls -A /mnt{POINT}"
    assert host.check_output("unshare --mount sh -c %s", beneath) == ""
    assert host.check_output("ls -A /data-1").split() == ["docker.d", "images"]
    assert host.check_output("ls -A /var/lib/docker") == ""
