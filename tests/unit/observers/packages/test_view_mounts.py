"""The mounts of a host over which a view lays an overlay, and those that it only shows."""

import ctypes
import os
from collections.abc import Iterator

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.packages import view_mounts
from ansible_collections.dockwright.host.plugins.module_utils.observers.packages.view_mounts import (
    _Mount,
)

Made = list[tuple[str, str]]


class Mounts:
    """A libc whose mounts are only recorded; it refuses those that ``refuses`` names."""

    def __init__(self, refuses: str = "") -> None:
        self.made: Made = []
        self._refuses = refuses

    def mount(
        self, _source: bytes, target: bytes, kind: bytes, _flags: ctypes.c_ulong, _options: bytes
    ) -> int:
        point = os.fsdecode(target).replace("/run/root", "", 1) or "/"
        if b"/lower" in target:
            return 0
        if kind == b"overlay" and point == self._refuses:
            return -1
        self.made.append(("overlay" if kind == b"overlay" else "shown", point))
        return 0


@pytest.fixture(autouse=True)
def _no_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(os, "mkdir", lambda _path: None)
    monkeypatch.setattr(os, "chown", lambda _path, _owner, _group: None)
    monkeypatch.setattr(os, "chmod", lambda _path, _mode: None)
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda _path: real("/"))
    monkeypatch.setattr(os.path, "isdir", lambda path: not path.endswith(b".conf"))
    yield


def build(*lines: str, refuses: str = "") -> Made:
    mounts = []
    for line in lines:
        number, parent, point, kind = line.split(" ")
        fields = (number, parent, point, "rw", kind)
        mounts.append(_Mount(*(field.encode() for field in fields)))
    libc = Mounts(refuses)
    view_mounts._Builder(libc, mounts).build()  # type: ignore[arg-type]
    return libc.made


def test_the_root_and_what_is_written_to_are_covered_all_else_is_shown() -> None:
    assert build(
        "22 1 / ext4",
        "23 22 /proc proc",
        "24 22 /dev devtmpfs",
        "25 24 /dev/shm tmpfs",
        "26 22 /var xfs",
        "27 26 /var/lib/docker btrfs",
        "28 22 /boot/efi vfat",
        "29 22 /etc/resolv.conf ext4",
        "30 27 /var/lib/docker/overlay2/x/merged overlay",
    ) == [
        ("overlay", "/"),
        ("shown", "/proc"),
        ("shown", "/dev"),
        ("overlay", "/var"),
        ("overlay", "/var/lib/docker"),
        ("shown", "/var/lib/docker/overlay2/x/merged"),
        ("shown", "/boot/efi"),
        ("shown", "/etc/resolv.conf"),
    ]


def test_what_another_mount_hides_is_left_out() -> None:
    assert build(
        "1 1 / rootfs",
        "22 1 / ext4",
        "23 22 /srv/a tmpfs",
        "24 22 /srv tmpfs",
        "25 24 /srv tmpfs",
    ) == [("overlay", "/"), ("overlay", "/srv")]


def test_where_an_overlay_is_refused_the_mount_is_shown_with_all_below_it() -> None:
    assert build(
        "22 1 / ext4", "26 22 /var zfs", "27 26 /var/log zfs", "28 22 /srv ext4", refuses="/var"
    ) == [("overlay", "/"), ("shown", "/var"), ("overlay", "/srv")]


def test_without_one_over_the_root_there_is_no_view() -> None:
    with pytest.raises(OSError, match=r"an overlay over / \(ext4\) was refused"):
        build("22 1 / ext4", refuses="/")


def test_what_automounts_is_not_woken() -> None:
    assert build("22 1 / ext4", "23 22 /net autofs") == [("overlay", "/")]


def test_a_thousand_filesystems_are_not_a_thousand_overlays() -> None:
    made = build("22 1 / ext4", *[f"{100 + each} 22 /m/{each} zfs" for each in range(1000)])
    assert len(made) == 1001
    assert len([kind for kind, _point in made if kind == "overlay"]) == 48
