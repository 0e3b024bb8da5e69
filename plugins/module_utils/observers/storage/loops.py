# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the loop devices of a backing file: losetup(8) tells inodes, /sys the rest.

All containers on a machine see all its loop devices, with paths from each container's view. So a
file is identified only by its inode and its filesystem's number.
"""

import json
import os
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from ...words.observations.storage import LoopObserved, MountObserved
from ..host import command
from . import block_devices
from .mounts import MountTable

_DELETED = " (deleted)"


class Backing(NamedTuple):
    """The file of a loop device: its inode and its filesystem's number."""

    inode: int
    filesystem: str


def observe_loops(
    path: str, mounted: Sequence[MountObserved], mounts: MountTable
) -> Tuple[LoopObserved, ...]:
    """Give the loop devices of the file, of files that had its name before, and those ``mounted``.

    :raises CommandFailed: where losetup exists and does not tell their files.
    """
    names = [name for name in _names() if block_devices.attribute(name, "loop/backing_file")]
    backings = _backings() if names else {}
    numbers = [each.number for each in mounted]
    wanted = _Wanted(path, mounts)
    found: List[LoopObserved] = []
    for name in names:
        loop, backing = _loop(name), backings.get(name)
        current = backing is not None and backing == wanted.file
        if current or loop.number in numbers or wanted.had_the_name(loop.backing_file, backing):
            found.append(loop._replace(current=current))
    return tuple(found)


def parse_losetup(text: str) -> Dict[str, Backing]:
    """Read the output of ``losetup --json``; before util-linux 2.33 its numbers are texts.

    :raises CommandFailed: where it is no such list.
    """
    try:
        rows = json.loads(text or "{}").get("loopdevices") or []
        return {
            os.path.basename(row["name"]): Backing(
                int(row["back-ino"]), str(row["back-maj:min"]).strip()
            )
            for row in rows
            if row.get("back-ino") is not None and row.get("back-maj:min") is not None
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise command.CommandFailed("losetup --list was not understood: %s" % error)


class _Wanted:
    """The backing file as it is now, and the filesystems on which a file of its name may be."""

    def __init__(self, path: str, mounts: MountTable) -> None:
        folder, name = os.path.split(path)
        self._paths = (path, os.path.realpath(path), os.path.join(os.path.realpath(folder), name))
        self.file = _backing_of(path) if path else None
        here = _backing_of(nearest_folder(path)) if path else None
        self._here = here.filesystem if here is not None else ""
        self._filesystems: FrozenSet[str] = mounts.filesystems_above(path) if path else frozenset()

    def had_the_name(self, words: str, backing: Optional[Backing]) -> bool:
        """Whether a loop device's file had the name on this host, by the kernel's words for it."""
        deleted = words.endswith(_DELETED)
        if backing is None or (words[: -len(_DELETED)] if deleted else words) not in self._paths:
            return False
        if deleted:
            # Another container's file lies on a filesystem that is not mounted here.
            return backing.filesystem == self._here or backing.filesystem in self._filesystems
        # It exists but cannot be seen: another mount hides it, or it belongs to a container.
        return backing.filesystem != self._here and backing.filesystem in self._filesystems


def nearest_folder(path: str) -> str:
    """Give the nearest existing folder above a path."""
    folder = os.path.dirname(os.path.realpath(path))
    while not os.path.isdir(folder) and folder != "/":
        folder = os.path.dirname(folder)
    return folder


def _backing_of(path: str) -> Optional[Backing]:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return Backing(status.st_ino, block_devices.written(status.st_dev))


def _names() -> List[str]:
    try:
        entries = os.listdir(os.path.join(block_devices.SYS, "block"))
    except OSError:
        return []
    names = [entry for entry in entries if entry.startswith("loop") and entry[4:].isdigit()]
    return sorted(names, key=lambda name: int(name[4:]))


def _backings() -> Dict[str, Backing]:
    columns = "NAME,BACK-INO,BACK-MAJ:MIN"
    try:
        output = command.read(["losetup", "--list", "--json", "--output", columns])
    except command.CommandNotFound:
        return {}
    if output.status:
        raise command.CommandFailed("losetup: %s" % output.stderr.strip())
    return parse_losetup(output.stdout)


def _loop(name: str) -> LoopObserved:
    return LoopObserved(
        device="/dev/" + name,
        number=block_devices.attribute(name, "dev"),
        backing_file=block_devices.attribute(name, "loop/backing_file"),
        current=False,
        size=block_devices.size(name),
        offset=block_devices.amount(name, "loop/offset"),
        size_limit=block_devices.amount(name, "loop/sizelimit"),
        read_only=block_devices.attribute(name, "ro") == "1",
        direct_io=block_devices.attribute(name, "loop/dio") == "1",
        holders=block_devices.holders(name),
    )
