"""A backing file, a mount point and what is around them, in folders of this machine."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.observers.host.command import (
    CommandFailed,
    Output,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import (
    block_devices,
    storage,
    superblock,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage.mounts import (
    Mount,
    MountTable,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    LoopObserved,
    MountObserved,
    SignatureObserved,
    StorageLook,
    StorageObserved,
    VolumeObserved,
)

from tests.unit.observers.fake_sys import fake_sys
from tests.unit.observers.storage.test_superblock import btrfs, ext4, xfs

GIBIBYTE = 1024**3


class Host:
    """A folder with a file of one GiB and a mount point; commands answer from a table."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file, self.mount_point = folder / "docker.img", folder / "docker"
        self.mount_point.mkdir()
        self.answers = {
            "blkid": Output(0, "TYPE=btrfs\nUUID=u\nLABEL=l\n", ""),
            "lsattr": Output(0, "---------------C------ /x\n", ""),
        }
        self.asked: list[Sequence[str]] = []
        self.mounts: list[MountObserved] = []
        self.loops: tuple[LoopObserved, ...] = ()
        self.heads: dict[str, bytes] = {}
        monkeypatch.setattr(command, "read", self._read)
        monkeypatch.setattr(storage, "observe_loops", lambda *_: self.loops)
        monkeypatch.setattr(
            superblock, "read_head", lambda path: self.heads.get(path, bytes(0x11000))
        )
        fake_sys(
            monkeypatch,
            folder / "sys",
            {"null": {"dev": "7:0", "size": "2097152"}},
        )

    def write(self, head: bytes = b"") -> None:
        self.file.write_bytes(head)
        os.truncate(self.file, GIBIBYTE)
        self.file.chmod(0o600)

    def look(self, **changed: str) -> StorageObserved:
        names: dict[str, Any] = {"file": str(self.file), "mount_point": str(self.mount_point)}
        names.update(changed)
        root = Mount(
            id="1",
            parent="0",
            filesystem="252:1",
            seen=MountObserved(mount_point="/", source="/dev/vda1", type="ext4"),
        )
        above = [
            Mount(id=str(i), parent="1", filesystem="", seen=each)
            for i, each in enumerate(self.mounts, start=2)
        ]
        table = MountTable([root, *above])
        return storage.observe_storage(StorageLook(**names), table, "/x/..", "/var/lib/containerd")

    def _read(self, argv: Sequence[str]) -> Output:
        self.asked.append(argv)
        answer = self.answers.get(argv[0])
        if answer is None:
            raise CommandFailed(f"{argv[0]} could not be run")
        return answer


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Host:
    return Host(tmp_path.resolve(), monkeypatch)


def test_a_backing_file_is_told_with_what_is_in_it(host: Host) -> None:
    host.write()
    host.heads[str(host.file)] = btrfs(GIBIBYTE)
    volume = host.look().volume
    assert volume == VolumeObserved(
        kind="file",
        real_path=str(host.file),
        size=GIBIBYTE,
        allocated=host.file.stat().st_blocks * 512,
        mode=0o600,
        owner=os.getuid(),
        group=volume.group,
        attributes="C",
        signature=SignatureObserved(type="btrfs", uuid="u", label="l"),
        filesystem_bytes=GIBIBYTE,
    )
    assert [argv[0] for argv in host.asked] == ["lsattr", "blkid"]


def test_a_filesystem_without_attributes_has_none(host: Host) -> None:
    host.write()
    host.answers["lsattr"] = Output(1, "", "lsattr: Operation not supported")
    assert host.look().volume.attributes == ""
    del host.answers["lsattr"]
    assert host.look().volume.attributes == ""


def test_a_file_of_no_size_is_not_probed(host: Host) -> None:
    host.file.touch()
    assert host.look().volume.signature == SignatureObserved()
    assert [argv[0] for argv in host.asked] == ["lsattr"]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (Path.exists, "absent"),
        (Path.mkdir, "directory"),
        (os.mkfifo, "other"),
        (lambda path: path.symlink_to("/etc/passwd"), "link"),
        (lambda path: path.symlink_to(path), "link"),
    ],
)
def test_what_is_no_file_is_not_probed(host: Host, make: Callable[[Path], None], kind: str) -> None:
    make(host.file)
    volume = host.look().volume
    assert (volume.kind, volume.real_path) == (kind, os.path.realpath(host.file))
    assert host.asked == []


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda path: path.symlink_to("/dev/null"), "other"),
        (lambda path: path.symlink_to("none"), "absent"),
        (lambda path: path.symlink_to(path), "other"),
        (lambda path: path.symlink_to("/"), "directory"),
    ],
)
def test_a_device_is_what_its_name_leads_to(
    host: Host, make: Callable[[Path], None], kind: str
) -> None:
    make(host.file)
    assert host.look(file="", device=str(host.file)).volume.kind == kind
    assert host.asked == []


def test_a_path_through_a_file_leads_nowhere(host: Host) -> None:
    host.file.touch()
    assert host.look(file=f"{host.file}/docker.img").volume.kind == "absent"


def test_a_swap_file_is_held_by_swap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: Host
) -> None:
    host.write()
    (tmp_path / "swaps").write_text(f"Filename\n{host.file} file 1\n")
    monkeypatch.setattr(block_devices, "SWAPS", str(tmp_path / "swaps"))
    assert host.look().volume.holders == ("swap",)


def mounted(host: Host, kind: str, offset: int = 0) -> None:
    """Have the file mounted by a loop device for which this machine surely has a node."""
    host.write()
    host.mounts = [
        MountObserved(
            mount_point=str(host.mount_point), source="/dev/null", type=kind, number="7:0"
        )
    ]
    host.loops = (
        LoopObserved(device="/dev/null", number="7:0", backing_file=str(host.file), offset=offset),
    )


def test_a_mounted_filesystem_is_read_through_its_device(host: Host) -> None:
    mounted(host, "ext4")
    host.heads = {"/dev/null": ext4(262144), str(host.file): ext4(1)}
    found = host.look()
    assert found.volume.filesystem_bytes == GIBIBYTE
    assert host.asked[-1] == ["blkid", "-p", "-o", "export", "/dev/null"]
    assert found.mounts == tuple(host.mounts)


def test_what_is_mounted_from_within_a_file_is_no_signature_of_it(host: Host) -> None:
    mounted(host, "ext4", offset=1024**2)
    host.heads = {"/dev/null": ext4(262144 - 256)}
    assert host.look().volume.filesystem_bytes == GIBIBYTE - 1024**2
    assert host.asked[-1][-1] == str(host.file)


def test_a_mounted_xfs_tells_its_size_and_keeps_its_log_within(host: Host) -> None:
    mounted(host, "xfs")
    told = os.statvfs(host.mount_point)
    host.heads = {"/dev/null": xfs(1, log=16384)}
    size = host.look().volume.filesystem_bytes
    assert size == told.f_blocks * told.f_frsize + 16384 * 4096


def test_a_hidden_mount_is_read_as_if_it_were_none(host: Host) -> None:
    mounted(host, "xfs")
    host.mounts.append(
        MountObserved(mount_point=str(host.mount_point.parent), source="none", type="tmpfs")
    )
    host.heads = {str(host.file): btrfs(GIBIBYTE)}
    assert host.look().volume.filesystem_bytes == GIBIBYTE
    assert host.asked[-1][-1] == str(host.file)


def test_mounts_are_those_here_and_those_of_the_volume_elsewhere(host: Host) -> None:
    mounted(host, "ext4")
    here = host.mounts[0]
    other = MountObserved(mount_point=str(host.mount_point), source="none", type="tmpfs")
    elsewhere = MountObserved(
        mount_point="/elsewhere", source="/dev/null", type="ext4", number="7:0"
    )
    host.mounts = [
        elsewhere,
        MountObserved(mount_point="/unrelated", source="none", type="tmpfs"),
        here,
        other,
        here,
    ]
    assert host.look().mounts == (here, other, here, elsewhere)


def test_a_loop_device_that_is_not_the_file_s_is_not_the_volume(host: Host) -> None:
    mounted(host, "ext4")
    host.loops = (host.loops[0]._replace(current=False),)
    host.heads = {"/dev/null": ext4(262144), str(host.file): btrfs(4096)}
    assert host.look().volume.filesystem_bytes == 4096


def test_loop_devices_that_are_not_known_leave_the_volume_unread(
    monkeypatch: pytest.MonkeyPatch, host: Host
) -> None:
    def fail(*_: object) -> tuple[LoopObserved, ...]:
        raise CommandFailed("losetup: no")

    host.write()
    monkeypatch.setattr(storage, "observe_loops", fail)
    assert host.look().volume.signature == SignatureObserved(unreadable="losetup: no")
    assert [argv[0] for argv in host.asked] == ["lsattr"]


def test_a_mount_point_shows_a_few_of_its_entries(host: Host) -> None:
    for name in ("lost+found", "g", "f", "e", "d", "c", "b"):
        (host.mount_point / name).mkdir()
    found = host.look().mount_point
    assert (found.kind, found.real_path) == ("directory", str(host.mount_point))
    assert found.entries == ("b", "c", "d", "e", "f")
    assert not found.set_aside
    Path(f"{host.mount_point}.before-dockwright").mkdir()
    assert host.look().mount_point.set_aside


def test_a_folder_that_autofs_waits_on_is_not_listed(host: Host) -> None:
    (host.mount_point / "x").touch()
    host.mounts = [
        MountObserved(mount_point=str(host.mount_point), source="systemd-1", type="autofs")
    ]
    assert host.look().mount_point.entries == ()


def test_a_mount_point_may_be_a_link_a_file_or_nothing(host: Host) -> None:
    link = host.mount_point.with_name("link")
    link.symlink_to(host.mount_point)
    found = host.look(mount_point=str(link)).mount_point
    assert (found.kind, found.real_path, found.entries) == ("link", str(host.mount_point), ())
    host.write()
    assert host.look(mount_point=str(host.file)).mount_point.kind == "file"
    assert host.look(mount_point=f"{host.file}/x").mount_point.kind == "absent"


def test_nothing_is_seen_where_nothing_is_named(host: Host) -> None:
    found = host.look(file="", mount_point="")
    assert (found.volume, found.mounts, found.free) == (VolumeObserved(), (), 0)
    assert (found.mount_point.kind, found.mount_point.real_path) == ("absent", "")


def test_room_is_that_of_the_nearest_folder(host: Host) -> None:
    found = host.look(file=f"{host.mount_point}/none/docker.img")
    told = os.statvfs(host.mount_point)
    assert found.total == told.f_blocks * told.f_frsize
    assert 0 < found.free <= found.total
    assert found.host_filesystem == "ext4"


@pytest.mark.parametrize(
    ("name", "number"), [("root", 0), ("0", 0), ("4711", 4711), ("no-such-name", None), ("", None)]
)
def test_owners_are_numbers(host: Host, name: str, number: int | None) -> None:
    found = host.look(owner=name, group=name)
    assert (found.owner, found.group) == (number, number)


def test_tools_are_found_on_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: Host
) -> None:
    (tmp_path / "mkfs.xfs").touch(mode=0o755)
    (tmp_path / "xfs_io").touch(mode=0o644)
    (tmp_path / "xfs_growfs").mkdir()
    monkeypatch.setenv("PATH", f":{tmp_path}")
    monkeypatch.setattr(storage, "_FOLDERS", [])
    assert host.look().tools == ("mkfs.xfs",)


def test_docker_s_root_is_where_links_lead_to(host: Host) -> None:
    assert host.look().docker_root == "/"
