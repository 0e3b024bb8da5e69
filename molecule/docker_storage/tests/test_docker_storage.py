"""Docker keeps its data in the filesystem under data-root, and nothing outside of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from testinfra.host import Host

FILE = "/data0/store/soft/myDocker.btrfs"
POINT = "/data0/store/soft/docker"
UNIT = "data0-store-soft-docker.mount"
GIBIBYTE = 1024**3


@pytest.fixture
def kind(host: Host) -> str:
    """Give the filesystem that ``auto`` means on this system."""
    return "xfs" if host.backend.get_hostname() == "centos9" else "btrfs"


@pytest.fixture
def info(host: Host) -> dict[str, Any]:
    """Give what the daemon says of itself."""
    told: dict[str, Any] = json.loads(host.check_output("docker info --format '{{json .}}'"))
    return told


@pytest.fixture
def loop(host: Host) -> str:
    """Give the name of the only loop device that is attached to the backing file."""
    (device,) = host.check_output("losetup --noheadings --output NAME -j %s", FILE).split()
    return str(device).removeprefix("/dev/")


@pytest.fixture
def container(host: Host) -> Iterator[str]:
    """Give a container that runs from an image in the lab's registry."""
    registry = host.ansible.get_variables()["lab_registry"]
    image = f"{registry}/library/busybox"
    host.check_output("docker pull --quiet %s", image)
    yield host.check_output("docker run --detach --init --name here %s sleep 600", image)
    host.check_output("docker rm --force here")


def test_the_daemon_has_its_root_and_its_driver_there(info: dict[str, Any], kind: str) -> None:
    assert info["DockerRootDir"] == POINT
    assert info["Driver"] == {"btrfs": "btrfs", "xfs": "overlay2"}[kind]
    if kind == "xfs":
        status = dict(info["DriverStatus"])
        assert (status["Backing Filesystem"], status["Supports d_type"]) == ("xfs", "true")


def test_daemon_json_names_both(host: Host, info: dict[str, Any]) -> None:
    declared = json.loads(host.file("/etc/docker/daemon.json").content_string)
    assert declared["data-root"] == POINT
    assert declared["storage-driver"] == info["Driver"]


def test_layers_of_image_and_container_lie_there(
    host: Host, info: dict[str, Any], container: str
) -> None:
    shown = "docker inspect --format '{{.Image}}' here"
    layers = "docker image inspect --format '{{index .RootFS.Layers 0}}' "
    layer = host.check_output(layers + host.check_output(shown)).removeprefix("sha256:")
    database = f"{POINT}/image/{info['Driver']}/layerdb"
    of_image = host.file(f"{database}/sha256/{layer}/cache-id").content_string.strip()
    of_container = host.file(f"{database}/mounts/{container}/mount-id").content_string.strip()
    if info["Driver"] == "btrfs":
        listed = host.check_output("btrfs subvolume list %s", POINT)
        there = {line.split()[-1] for line in listed.splitlines()}
        assert f"btrfs/subvolumes/{of_image}" in there
        assert f"btrfs/subvolumes/{of_container}" in there
    else:
        for name in (of_image, of_container):
            assert host.file(f"{POINT}/overlay2/{name}/diff").is_directory
            assert host.check_output("stat -f -c %%T %s/overlay2/%s", POINT, name) == "xfs"


def test_the_backing_file_is_whole_and_roots_alone(host: Host) -> None:
    file = host.file(FILE)
    assert (file.user, file.group, file.mode, file.size) == ("root", "root", 0o600, GIBIBYTE)
    blocks, unit = host.check_output("stat -c '%%b %%B' %s", FILE).split()
    assert int(blocks) * int(unit) >= GIBIBYTE
    assert host.check_output("ls -A /data0/store/soft").split() == ["docker", "myDocker.btrfs"]


def test_its_loop_device_passes_the_cache_by(host: Host, loop: str) -> None:
    assert host.file(f"/sys/block/{loop}/loop/dio").content_string.strip() == "1"
    state = host.check_output("systemctl is-enabled dockwright-direct-io.service")
    assert state == "enabled"


def test_the_mount_unit_has_mounted_it(host: Host, loop: str, kind: str) -> None:
    assert host.check_output("systemctl is-enabled %s", UNIT) == "enabled"
    assert host.check_output("systemctl is-active %s", UNIT) == "active"
    mounted = host.check_output("findmnt --noheadings --output SOURCE,FSTYPE,OPTIONS %s", POINT)
    source, there, options = mounted.split()
    assert (source, there) == (f"/dev/{loop}", kind)
    assert "discard" not in [option.split("=")[0] for option in options.split(",")]
    size = int(host.check_output("df --output=size --block-size=1 %s | tail -n 1", POINT))
    assert 0.9 * GIBIBYTE < size <= GIBIBYTE


def test_fstab_is_as_it_was(host: Host) -> None:
    assert host.file("/etc/fstab").content == host.file("/root/fstab.before").content


def test_docker_does_not_start_without_it(host: Host) -> None:
    for relation in ("Requires", "After"):
        shown = host.check_output("systemctl show --property=%s --value docker.service", relation)
        assert UNIT in shown.split()
    guard = host.file("/etc/systemd/system/docker.service.d/dockwright-storage.conf")
    assert f"AssertPathIsMountPoint={POINT}" in guard.content_string
    assert not host.file("/etc/systemd/system/containerd.service.d/dockwright-storage.conf").exists


@pytest.mark.usefixtures("container")
def test_nothing_of_dockers_is_on_the_system_disk(host: Host) -> None:
    beneath = "mount --bind / /mnt && ls -A /mnt%s"
    assert host.check_output("unshare --mount sh -c %s", beneath % POINT) == ""
    # In the lab it is a volume, and empty.
    assert host.check_output("ls -A /var/lib/docker") == ""
    # dockerd leaves an image's manifest with containerd, but none of its layers.
    assert host.check_output("find /var/lib/containerd -path '*blobs*' -size +8k") == ""
