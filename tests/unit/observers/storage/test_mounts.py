"""The kernel's table of mounts."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import block_devices
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage.mounts import (
    MountTable,
    observe_mounts,
    parse_mountinfo,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    MountObserved,
)

from tests.unit.observers.fake_sys import fake_sys

MOUNTINFO = r"""
22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
27 1 252:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
40 27 0:35 / /srv/a\040b rw,noatime shared:20 - btrfs /dev/loop3 rw,discard=async,subvol=/
41 27 0:35 /sub /srv/sub ro,noatime shared:21 master:2 - btrfs /dev/loop3 rw,subvol=/sub
42 27 0:36 / /mnt/nas rw - cifs //nas/share rw
43 27 7:4 / /var/lib/docker rw,relatime - xfs /dev/loop4 rw,prjquota
44 43 0:40 / /var/lib/docker rw - tmpfs none ro,size=1024k
45 27 252:2 / /var/lib/docker/volumes rw - ext4 /dev/vdc1 rw
46 27 252:1 /etc/hosts /srv/a\134b rw - ext4 /dev/vda1 rw
"""


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MountTable:
    fake_sys(monkeypatch, tmp_path / "sys", {"loop3": {"dev": "7:3"}})
    return MountTable(parse_mountinfo(MOUNTINFO))


def test_a_btrfs_has_the_number_of_the_device_it_comes_from(table: MountTable) -> None:
    # It does not matter whether this machine has a node of that name.
    number = block_devices.number_of("/dev/loop3")
    assert table.of(["7:3", number]) == (
        MountObserved(
            mount_point="/srv/a b",
            source="/dev/loop3",
            type="btrfs",
            options=("rw", "noatime", "discard=async", "subvol=/"),
            root="/",
            number=number,
        ),
        MountObserved(
            mount_point="/srv/sub",
            source="/dev/loop3",
            type="btrfs",
            options=("ro", "noatime", "subvol=/sub"),
            root="/sub",
            number=number,
        ),
    )


def test_other_filesystems_have_a_device_s_number_or_none(table: MountTable) -> None:
    assert table.carrier("/var/lib").number == "252:1"
    assert table.carrier("/mnt/nas").number == ""
    assert table.on("/proc")[0].number == ""


def test_a_mount_is_read_only_if_its_filesystem_is(table: MountTable) -> None:
    assert table.on("/var/lib/docker")[-1].options == ("ro", "size=1024k")


@pytest.mark.parametrize(
    ("path", "mount_point", "source"),
    [
        ("/", "/", "/dev/vda1"),
        ("/no/such/path", "/", "/dev/vda1"),
        ("/srv/a b/c", "/srv/a b", "/dev/loop3"),
        ("/srv/a\\b", "/srv/a\\b", "/dev/vda1"),
        ("/srv/a bc", "/", "/dev/vda1"),
        ("/srv/../proc/1", "/proc", "proc"),
        # The topmost of two counts; what was mounted below them before is hidden.
        ("/var/lib/docker", "/var/lib/docker", "none"),
        ("/var/lib/docker/volumes/x", "/var/lib/docker", "none"),
    ],
)
def test_a_path_lies_on_the_mount_a_walk_ends_in(
    table: MountTable, path: str, mount_point: str, source: str
) -> None:
    carrier = table.carrier(path)
    assert (carrier.mount_point, carrier.source) == (mount_point, source)


def test_the_topmost_mount_is_the_last_however_they_are_listed() -> None:
    lines = MOUNTINFO.strip().split("\n")
    table = MountTable(parse_mountinfo("\n".join(reversed(lines))))
    assert [each.type for each in table.on("/var/lib/docker")] == ["xfs", "tmpfs"]


def test_a_mount_that_another_hides_is_not_reached(table: MountTable) -> None:
    xfs, memory = table.on("/var/lib/docker")
    assert table.reached([xfs]) is None
    assert table.reached([xfs, memory]) == memory


def test_filesystems_above_a_path_are_hidden_ones_too(table: MountTable) -> None:
    assert table.filesystems_above("/var/lib/docker/volumes/x") == {
        "252:1",
        "7:4",
        "0:40",
        "252:2",
    }


@pytest.mark.parametrize(
    "text", ["", "\n", "27 1 252:1 / /", "a b c d e f - ext4", "1 1 0:2 / / rw - rootfs rootfs rw"]
)
def test_what_tells_of_no_mount_leaves_the_root(text: str) -> None:
    assert MountTable(parse_mountinfo(text)).carrier("/srv").mount_point == "/"


def test_the_first_root_may_be_its_own_parent() -> None:
    table = MountTable(
        parse_mountinfo("1 1 0:2 / / rw - rootfs rootfs rw\n20 1 8:1 / / rw - ext4 /dev/sda1 rw")
    )
    assert table.carrier("/srv").type == "ext4"
    assert [each.type for each in table.on("/")] == ["rootfs", "ext4"]


def test_this_machine_s_mounts_are_understood() -> None:
    assert observe_mounts().carrier("/proc/self/mountinfo").type == "proc"


@pytest.mark.parametrize(
    ("own", "of_filesystem", "stopped"),
    [
        ("rw,relatime", "rw,errors=remount-ro", ""),
        # Somebody has mounted or remounted it read-only, as a whole or only this mount of it.
        ("ro,relatime", "ro", ""),
        ("ro,relatime", "rw", ""),
        ("rw,relatime", "ro,errors=remount-ro", "ro"),
        # Captured on Linux 6.18: ext4 with an error, and after FS_IOC_SHUTDOWN.
        ("rw,relatime", "rw,errors=remount-ro,emergency_ro", "emergency_ro"),
        ("rw,relatime", "rw,shutdown", "shutdown"),
    ],
)
def test_what_the_kernel_has_stopped_is_told_from_what_somebody_mounted_read_only(
    own: str, of_filesystem: str, stopped: str
) -> None:
    line = f"50 27 7:9 / /data {own} shared:9 - ext4 /dev/loop9 {of_filesystem}\n"
    assert parse_mountinfo(line)[0].seen.stopped == stopped
