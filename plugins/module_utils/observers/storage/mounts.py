# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the mounts, and find which of them carries a path (proc(5), mountinfo)."""

import os
from typing import Container, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from ...words.observations.storage import MountObserved
from ..host.files import read_text
from . import block_devices

MOUNTINFO = "/proc/self/mountinfo"
_STOPPED = ("emergency_ro", "shutdown")


class Mount(NamedTuple):
    """A line of mountinfo; ``filesystem`` is the number that stat(2) gives for files on it."""

    id: str
    parent: str
    filesystem: str
    seen: MountObserved


class MountTable:
    """The mounts of this mount namespace."""

    def __init__(self, mounts: Sequence[Mount]) -> None:
        self._mounts = tuple(mounts)
        self._by_id: Dict[str, Mount] = {mount.id: mount for mount in mounts}

    def carrier(self, path: str) -> MountObserved:
        """Give the mount on which a path lies or would lie: the last one on a walk down to it."""
        passed = self._above(path)
        mount = next((each for each in passed if self._is_first(each)), None)
        if mount is None:
            return MountObserved("/")
        while True:
            # A mount further down on the same mount is hidden by the nearer one.
            upon = [each for each in passed if each.parent == mount.id and each is not mount]
            if not upon:
                return mount.seen
            mount = min(upon, key=lambda each: len(each.seen.mount_point))

    def on(self, mount_point: str) -> Tuple[MountObserved, ...]:
        """Give the mounts on a folder, the topmost last."""
        names = (mount_point, os.path.realpath(mount_point))
        found = [each for each in self._mounts if each.seen.mount_point in names]
        return tuple(each.seen for each in sorted(found, key=self._depth))

    def of(self, numbers: Container[str]) -> Tuple[MountObserved, ...]:
        """Give the mounts of these block devices."""
        return tuple(each.seen for each in self._mounts if each.seen.number in numbers)

    def inside(self, folder: str) -> Tuple[str, ...]:
        """Give the mount points inside a folder."""
        within = os.path.realpath(folder).rstrip("/") + "/"
        points = [each.seen.mount_point for each in self._mounts]
        return tuple(sorted({point for point in points if point.startswith(within)}))

    def around(self, path: str) -> Tuple[str, ...]:
        """Give the mount points that a path is or lies below."""
        return tuple(sorted({each.seen.mount_point for each in self._above(path)}))

    def reached(self, mounts: Sequence[MountObserved]) -> Optional[MountObserved]:
        """Give the first of these mounts that its path leads to, hidden by no other."""
        return next((each for each in mounts if self.carrier(each.mount_point) == each), None)

    def filesystems_above(self, path: str) -> FrozenSet[str]:
        """Give the numbers of all filesystems that a path could be on if others were unmounted."""
        return frozenset(each.filesystem for each in self._above(path))

    def _above(self, path: str) -> List[Mount]:
        real = os.path.realpath(path)
        return [
            each
            for each in self._mounts
            if (real + "/").startswith(each.seen.mount_point.rstrip("/") + "/")
        ]

    def _is_first(self, mount: Mount) -> bool:
        return mount.parent == mount.id or mount.parent not in self._by_id

    def _depth(self, mount: Mount) -> int:
        depth = 0
        while not self._is_first(mount):
            mount = self._by_id[mount.parent]
            depth += 1
        return depth


def observe_mounts() -> MountTable:
    """Read the mounts of this mount namespace."""
    return MountTable(parse_mountinfo(read_text(MOUNTINFO)))


def parse_mountinfo(text: str) -> Tuple[Mount, ...]:
    """Read lines of mountinfo, in which a dash ends the optional fields."""
    found = []
    # A name may hold a character that splitlines() takes for the end of a line.
    for line in text.split("\n"):
        own, _dash, of_filesystem = (part.split(" ") for part in line.partition(" - "))
        if len(own) >= 6 and len(of_filesystem) >= 3:
            found.append(_mount(own, of_filesystem))
    return tuple(found)


def _mount(own: Sequence[str], of_filesystem: Sequence[str]) -> Mount:
    source = block_devices.unescape(of_filesystem[1])
    seen = MountObserved(
        mount_point=block_devices.unescape(own[4]),
        source=source,
        type=of_filesystem[0],
        options=_options(own[5], of_filesystem[2]),
        root=block_devices.unescape(own[3]),
        number=_number(own[2], source),
        stopped=_stopped(own[5], of_filesystem[2]),
    )
    return Mount(id=own[0], parent=own[1], filesystem=own[2], seen=seen)


def _number(filesystem: str, source: str) -> str:
    # btrfs gives each subvolume a number without a device; no device has the major number 0.
    if not filesystem.startswith("0:"):
        return filesystem
    is_path = source.startswith("/") and not source.startswith("//")
    return block_devices.number_of(source) if is_path else ""


def _stopped(own: str, of_filesystem: str) -> str:
    """Tell a filesystem that the kernel stopped after an error from one mounted read-only.

    Mounting or remounting read-only sets both options; an error sets only the filesystem's, as `ro`
    or as a word of its own (fs/ext4/super.c, _ext4_show_options).
    """
    words = of_filesystem.split(",")
    if "ro" in words and "ro" not in own.split(","):
        return "ro"
    return next((word for word in _STOPPED if word in words), "")


def _options(own: str, of_filesystem: str) -> Tuple[str, ...]:
    words = own.split(",") + of_filesystem.split(",")
    # A mount is read-only if either part says so.
    return tuple(
        block_devices.unescape(word)
        for word in dict.fromkeys(words)
        if not (word == "rw" and "ro" in words)
    )
