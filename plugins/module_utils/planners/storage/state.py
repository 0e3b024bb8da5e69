# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Interpret a look at the filesystem under data-root: what is ours, what is mounted, and sizes."""

from typing import List, Optional, Set, Tuple

from ...words import resources
from ...words.declarations.storage import StorageDeclaration
from ...words.declared import BEGUN, digest, record_key
from ...words.observations.host import Applied, FileObserved, Observation
from ...words.observations.storage import FstabLine, LoopObserved, MountObserved, StorageObserved
from ...words.tables.filesystems import FILESYSTEMS, Filesystem
from ...words.tables.supported_systems import SupportedSystem

ROLE = "docker_storage"
# The kernel's suffix for a file that has no name any more (proc(5)).
DELETED = " (deleted)"
# On record for a filesystem whose mkfs has ended, and for one that was mounted since.
MADE, USED = digest("made"), digest("used")
GIBIBYTE = 1024**3
# A new filesystem is mounted here while the mount point's contents are moved into it.
MOVING = "/run/dockwright/moving"
# A filesystem may leave out a last group that is too small: mke2fs(8) one of a few MiB.
SLACK = 4 * 1024**2
_UNITS = ((1024**4, "TiB"), (GIBIBYTE, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


def filesystem_of(
    declaration: StorageDeclaration, system: SupportedSystem, seen: StorageObserved
) -> Filesystem:
    """Give the declared filesystem; ``auto`` is the present one, or this system's default."""
    if declaration.filesystem != "auto":
        return FILESYSTEMS[declaration.filesystem]
    there = FILESYSTEMS.get(seen.volume.signature.type)
    if there is not None and there.name in system.filesystems:
        return there
    return FILESYSTEMS[system.filesystems[0]]


def current_loops(seen: StorageObserved) -> List[LoopObserved]:
    """Give the loop devices of the backing file that has its name now."""
    return [loop for loop in seen.loops if loop.current]


def lost_loops(declaration: StorageDeclaration, seen: StorageObserved) -> List[LoopObserved]:
    """Give loop devices of a file that had the declared name and was deleted or replaced."""
    names = {declaration.file, declaration.file + DELETED} if declaration.file else set()
    return [loop for loop in seen.loops if not loop.current and loop.backing_file in names]


def numbers_of(seen: StorageObserved) -> Set[str]:
    """Give the numbers of the block devices that the declared volume is, or is attached to."""
    numbers = {loop.number for loop in current_loops(seen)}
    return numbers | ({seen.volume.number} if seen.volume.number else set())


def mounts_here(declaration: StorageDeclaration, seen: StorageObserved) -> List[MountObserved]:
    """Give what is mounted on the mount point, the topmost last."""
    return [each for each in seen.mounts if each.mount_point == declaration.mount_point]


def is_ours(mount: MountObserved, seen: StorageObserved) -> bool:
    """Whether the whole declared volume is mounted here, by device number and not by name."""
    return mount.root == "/" and bool(mount.number) and mount.number in numbers_of(seen)


def mounted(declaration: StorageDeclaration, seen: StorageObserved) -> Optional[MountObserved]:
    """Give the mount of the declared volume on the declared mount point, if it is there."""
    here = mounts_here(declaration, seen)
    return here[-1] if here and is_ours(here[-1], seen) else None


def is_absent(seen: StorageObserved) -> bool:
    """Whether there is no backing file yet; an empty one has nothing to lose."""
    volume = seen.volume
    return volume.kind == "absent" or (volume.kind == "file" and volume.size == 0)


def is_recorded(applied: Applied, uuid: str) -> bool:
    """Whether this is a filesystem that we have made or adopted."""
    return bool(uuid) and record_key(resources.STORAGE_SIGNATURE, uuid) in applied.digests


def is_unused(applied: Applied, uuid: str) -> bool:
    """Whether this is a filesystem that we have made and that was never in its place."""
    key = record_key(resources.STORAGE_SIGNATURE, uuid)
    return bool(uuid) and applied.digests.get(key) in (BEGUN, MADE)


def is_unfinished(applied: Applied, seen: StorageObserved) -> bool:
    """Whether our own mkfs on a device was cut off: begun on record, and half made in fact.

    A whole filesystem is not made again, even if the record lacks its end.
    """
    volume, numbers = seen.volume, numbers_of(seen)
    if volume.kind != "device" or not volume.half_made or not volume.signature.uuid:
        return False
    if any(mount.number in numbers for mount in seen.mounts):
        return False
    key = record_key(resources.STORAGE_SIGNATURE, volume.signature.uuid)
    return applied.digests.get(key) == BEGUN


def needs_mkfs(applied: Applied, seen: StorageObserved) -> bool:
    """Whether nothing is on the volume yet, or only what we wrote half of."""
    if is_absent(seen):
        return True
    signature = seen.volume.signature
    if is_unfinished(applied, seen):
        return True
    return seen.volume.kind == "device" and not signature.type


def fstab_lines(
    declaration: StorageDeclaration, seen: StorageObserved
) -> Tuple[List[FstabLine], List[FstabLine]]:
    """Split the lines that concern us: those that the mount unit replaces, and those in its way."""
    replaced: List[FstabLine] = []
    conflicting: List[FstabLine] = []
    for line in seen.fstab:
        of_volume = line.source == declaration.source or _leads_to_volume(line, seen)
        here = line.mount_point.rstrip("/") == declaration.mount_point
        if of_volume and here:
            replaced.append(line)
        elif of_volume or here:
            conflicting.append(line)
    return replaced, conflicting


def is_in_place(declaration: StorageDeclaration, seen: StorageObserved, unit_text: str) -> bool:
    """Whether the volume is mounted there, or set to be mounted there, already."""
    return mounted(declaration, seen) is not None or is_set_down(declaration, seen, unit_text)


def is_set_down(declaration: StorageDeclaration, seen: StorageObserved, unit_text: str) -> bool:
    """Whether a line of fstab or a mount unit puts this volume on the mount point."""
    if fstab_lines(declaration, seen)[0]:
        return True
    return is_said_by(unit_text, declaration.source)


def is_said_by(unit_text: str, source: str) -> bool:
    """Whether a mount unit mounts this file or device."""
    return "\nWhat=%s\n" % source.replace("%", "%%") in unit_text


def file_at(observed: Observation, path: str) -> FileObserved:
    """Give a file as it was seen; one that was not looked at is absent."""
    return observed.files.get(path, FileObserved())


def wanted_bytes(declaration: StorageDeclaration, seen: StorageObserved) -> int:
    """Give the wanted size of the volume; a device keeps its own."""
    return declaration.size if declaration.file else seen.volume.size


def in_words(size: int) -> str:
    """Write a number of bytes as a person would: 10 GiB, 1.5 GiB, or bytes where it is odd."""
    for unit, name in _UNITS:
        if size >= unit:
            hundredths = size * 100 // unit
            if hundredths * unit == size * 100 or size >= GIBIBYTE:
                text = "%d.%02d" % divmod(hundredths, 100)
                return "%s %s" % (text.rstrip("0").rstrip("."), name)
    return "%d bytes" % size


def one(kind: str) -> str:
    """Write one of a kind as a person would: a btrfs, an xfs, several signatures."""
    if kind.startswith("several "):
        return kind
    spoken_with_a_vowel = kind.startswith(("e", "x", "n", "o", "i", "f2", "LVM"))
    return ("an %s" if spoken_with_a_vowel else "a %s") % kind


def with_article(kind: str) -> str:
    """Write a path's kind with its article."""
    return "a socket, a pipe or a device" if kind == "other" else "a %s" % kind


def _leads_to_volume(line: FstabLine, seen: StorageObserved) -> bool:
    volume, kind = seen.volume, line.source.partition("=")
    if kind[1] and kind[0].upper() in ("UUID", "LABEL"):
        name = kind[2].strip("\"'")
        ours = volume.signature.uuid if kind[0].upper() == "UUID" else volume.signature.label
        return bool(ours) and name == ours
    if line.source_file and line.source_file == volume.real_path:
        return True
    return bool(line.source_number) and line.source_number in numbers_of(seen)
