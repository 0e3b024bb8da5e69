# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check whether there is room in a filesystem for what should move into it.

The space that a new one keeps for itself was measured with btrfs-progs 6.14, xfsprogs 6.13 and
e2fsprogs 1.47, from 128 MiB to 1 TiB. The figures here are never lower, so that a planned move is
not refused once the filesystem is made.
"""

from typing import Iterator, Optional

from ...words.difference import Refusal
from ...words.observations.storage import ContentsObserved
from ...words.tables.filesystems import MEBIBYTE
from ..storage.case import Case
from ..storage.state import GIBIBYTE, in_words, mounts_here, one, wanted_bytes

# Below the first size and from the second on, mke2fs(8) makes inodes for other numbers of bytes.
_SMALL, _HUGE = 512 * MEBIBYTE, 4096 * GIBIBYTE


def room_refusals(case: Case) -> Iterator[Refusal]:
    """Refuse to move what does not fit, before anybody stops anything for it."""
    contents = case.seen.contents
    if contents is None or case.declaration.adopt_existing != "move":
        return
    if mounts_here(case.declaration, case.seen):
        return
    kind, size = case.filesystem.name, wanted_bytes(case.declaration, case.seen)
    told = lack(
        case.declaration.mount_point,
        contents,
        "a new %s of %s" % (kind, in_words(size)),
        new_room(kind, size, contents.entries),
        new_inodes(kind, size),
    )
    if told:
        yield Refusal(found=told, remedy=_remedy(case, contents))


def lack(
    place: str, contents: ContentsObserved, where: str, room: int, inodes: Optional[int]
) -> str:
    """Say what does not fit, with both figures; empty where all of it does."""
    more = "" if contents.is_whole else "more than "
    if contents.size > room:
        told = "what is in %s takes %s%s, and %s has room for %s."
        return told % (place, more, _up(contents.size), where, in_words(_down(room)))
    if inodes is not None and contents.entries > inodes:
        told = "in %s are %s%d files and folders, and %s has room for %d."
        return told % (place, more, contents.entries, where, inodes)
    return ""


def _up(size: int) -> str:
    return in_words(-(-size // MEBIBYTE) * MEBIBYTE)


def _down(size: int) -> int:
    return size // MEBIBYTE * MEBIBYTE if size > MEBIBYTE else size


def new_room(kind: str, size: int, entries: int) -> int:
    """Give the bytes for files in a new filesystem with this many entries."""
    return max(0, size - _own(kind, size) - of_entries(kind, size, entries))


def of_entries(kind: str, size: int, entries: int) -> int:
    """Give what entries take beyond what a new filesystem has set aside for them."""
    if kind == "xfs":
        return entries * 512
    if kind == "btrfs":
        # Kept twice.
        return 2 * max(0, entries * 1024 - _metadata(size))
    return 0


def new_inodes(kind: str, size: int) -> Optional[int]:
    """Give how many files and folders a new filesystem takes; None where they are not limited."""
    if kind == "xfs":
        # They may take a twentieth of it, or a quarter of a small one (xfs(5), imaxpct).
        return size // 20 // 512
    return size // _inode_ratio(size) - 16 if kind == "ext4" else None


def _own(kind: str, size: int) -> int:
    """Give what a new filesystem keeps for itself."""
    if kind == "btrfs":
        return 17 * MEBIBYTE + 2 * _metadata(size)
    if kind == "xfs":
        return max(64 * MEBIBYTE, size // 2048) + size // 40 + 32 * MEBIBYTE
    journal = min(size // 24, GIBIBYTE if size >= 32 * GIBIBYTE else 128 * MEBIBYTE)
    tables = size * 256 // _inode_ratio(size)
    # The last part is root's, and is left free so that nobody fills the filesystem completely.
    return tables + journal + 12 * MEBIBYTE + size // 512 + size // 20


def _metadata(size: int) -> int:
    most = GIBIBYTE if size > 50 * GIBIBYTE else 256 * MEBIBYTE
    return min(max(size // 20, 32 * MEBIBYTE), most)


def _inode_ratio(size: int) -> int:
    if size < _SMALL:
        return 4096
    return 16384 if size < _HUGE else 65536


def _remedy(case: Case, contents: ContentsObserved) -> str:
    kind = case.filesystem.name
    if not case.declaration.file:
        return "Declare a larger device, or remove what is not needed."
    size = -(-wanted_bytes(case.declaration, case.seen) // GIBIBYTE) * GIBIBYTE
    while new_room(kind, size, contents.entries) < contents.size or (
        (new_inodes(kind, size) or contents.entries) < contents.entries
    ):
        size += max(GIBIBYTE, size // 10 // GIBIBYTE * GIBIBYTE)
    told = "Set docker_storage_size to %dG or more, or remove what is not needed."
    return told % (size // GIBIBYTE)


def unmeasured(case: Case) -> Iterator[str]:
    """Tell of a move of which a plan does not count all there is."""
    contents = case.seen.contents
    if contents is not None and not contents.is_whole:
        yield (
            "%s holds more than %d files and folders. Whether they fit into %s is counted when "
            "they are moved, before anything is copied."
            % (case.declaration.mount_point, contents.entries, one(case.filesystem.name))
        )
