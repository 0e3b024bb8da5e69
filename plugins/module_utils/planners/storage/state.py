# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at the filesystem under data-root means: what is ours, what is mounted, how big."""

from typing import List, Optional, Set, Tuple

from ...words.declarations.storage import StorageDeclaration
from ...words.difference import digest
from ...words.observations.host import Applied, FileObserved, Observation
from ...words.observations.storage import FstabLine, LoopObserved, MountObserved, StorageObserved
from ...words.tables.filesystems import FILESYSTEMS, Filesystem
from ...words.tables.supported_systems import SupportedSystem
from ..host.comparison import record_key

ROLE = "docker_storage"
SIGNATURE = "storage.signature"
FILE = "storage.file"
# How the kernel ends the name of a file that has none any more (proc(5)).
DELETED = " (deleted)"
# What the record holds of a signature whose mkfs has ended, and of one that was mounted since.
MADE, USED = digest("made"), digest("used")
GIBIBYTE = 1024**3
# Where a new filesystem is while the contents of its mount point are moved into it.
MOVING = "/run/dockwright/moving"
# A filesystem may leave out a last group that is too small: mke2fs(8) one of a few MiB.
SLACK = 4 * 1024**2
_UNITS = ((1024**4, "TiB"), (GIBIBYTE, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


def filesystem_of(
    declaration: StorageDeclaration, system: SupportedSystem, seen: StorageObserved
) -> Filesystem:
    """The filesystem that is declared; ``auto`` is what is there, or what this system has first."""
    if declaration.filesystem != "auto":
        return FILESYSTEMS[declaration.filesystem]
    there = FILESYSTEMS.get(seen.volume.signature.type)
    if there is not None and there.name in system.filesystems:
        return there
    return FILESYSTEMS[system.filesystems[0]]


def current_loops(seen: StorageObserved) -> List[LoopObserved]:
    """The loop devices of the backing file that has its name now."""
    return [loop for loop in seen.loops if loop.current]


def lost_loops(declaration: StorageDeclaration, seen: StorageObserved) -> List[LoopObserved]:
    """Loop devices of a file that had the declared name, and was deleted or replaced in use."""
    names = {declaration.file, declaration.file + DELETED} if declaration.file else set()
    return [loop for loop in seen.loops if not loop.current and loop.backing_file in names]


def numbers_of(seen: StorageObserved) -> Set[str]:
    """The numbers of the block devices that the declared volume is, or is attached to."""
    numbers = {loop.number for loop in current_loops(seen)}
    return numbers | ({seen.volume.number} if seen.volume.number else set())


def mounts_here(declaration: StorageDeclaration, seen: StorageObserved) -> List[MountObserved]:
    """What is mounted on the mount point, the topmost last."""
    return [each for each in seen.mounts if each.mount_point == declaration.mount_point]


def is_ours(mount: MountObserved, seen: StorageObserved) -> bool:
    """Whether the whole declared volume is what is mounted, by device number and not by name."""
    return mount.root == "/" and bool(mount.number) and mount.number in numbers_of(seen)


def mounted(declaration: StorageDeclaration, seen: StorageObserved) -> Optional[MountObserved]:
    """The mount of the declared volume on the declared mount point, if it is there."""
    here = mounts_here(declaration, seen)
    return here[-1] if here and is_ours(here[-1], seen) else None


def is_absent(seen: StorageObserved) -> bool:
    """Whether there is no backing file yet; an empty one holds nothing to lose."""
    volume = seen.volume
    return volume.kind == "absent" or (volume.kind == "file" and volume.size == 0)


def is_recorded(applied: Applied, uuid: str) -> bool:
    """Whether this filesystem is one that we have made or adopted."""
    return bool(uuid) and record_key(SIGNATURE, uuid) in applied.digests


def is_unused(applied: Applied, uuid: str) -> bool:
    """Whether this filesystem is one that we have made and that was never in its place."""
    return bool(uuid) and applied.digests.get(record_key(SIGNATURE, uuid)) in ("", MADE)


def is_unfinished(applied: Applied, seen: StorageObserved) -> bool:
    """Whether our own mkfs on a device was cut off: begun on record, and half made by its own word.

    One that is whole is not made again, whatever the record has missed.
    """
    volume, numbers = seen.volume, numbers_of(seen)
    if volume.kind != "device" or not volume.half_made or not volume.signature.uuid:
        return False
    if any(mount.number in numbers for mount in seen.mounts):
        return False
    return applied.digests.get(record_key(SIGNATURE, volume.signature.uuid)) == ""


def needs_mkfs(applied: Applied, seen: StorageObserved) -> bool:
    """Whether nothing is on the volume yet; over a signature only where we wrote half of it."""
    if is_absent(seen):
        return True
    signature = seen.volume.signature
    if is_unfinished(applied, seen):
        return True
    return seen.volume.kind == "device" and not signature.type


def fstab_lines(
    declaration: StorageDeclaration, seen: StorageObserved
) -> Tuple[List[FstabLine], List[FstabLine]]:
    """Part the lines that concern us: those the mount unit replaces, and those in its way."""
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
    """Whether the host has it that way already: mounted so, or set down to be mounted so."""
    return mounted(declaration, seen) is not None or is_set_down(declaration, seen, unit_text)


def is_set_down(declaration: StorageDeclaration, seen: StorageObserved, unit_text: str) -> bool:
    """Whether a line of fstab or a mount unit says that this volume belongs on the mount point."""
    if fstab_lines(declaration, seen)[0]:
        return True
    return is_said_by(unit_text, declaration.source)


def is_said_by(unit_text: str, source: str) -> bool:
    """Whether a mount unit mounts this file or device."""
    return "\nWhat=%s\n" % source.replace("%", "%%") in unit_text


def file_at(observed: Observation, path: str) -> FileObserved:
    """A file as it was seen; one that was not looked at is not there."""
    return observed.files.get(path, FileObserved())


def wanted_bytes(declaration: StorageDeclaration, seen: StorageObserved) -> int:
    """The size that the volume is to have; a device has the one it has."""
    return declaration.size if declaration.file else seen.volume.size


def in_words(size: int) -> str:
    """Say a number of bytes as a person would: 10 GiB, 1.5 GiB, or bytes where it is odd."""
    for unit, name in _UNITS:
        if size >= unit:
            hundredths = size * 100 // unit
            if hundredths * unit == size * 100 or size >= GIBIBYTE:
                text = "%d.%02d" % divmod(hundredths, 100)
                return "%s %s" % (text.rstrip("0").rstrip("."), name)
    return "%d bytes" % size


def one(kind: str) -> str:
    """Say one of a kind as a person would: a btrfs, an xfs, several signatures."""
    if kind.startswith("several "):
        return kind
    spoken_with_a_vowel = kind.startswith(("e", "x", "n", "o", "i", "f2", "LVM"))
    return ("an %s" if spoken_with_a_vowel else "a %s") % kind


def with_article(kind: str) -> str:
    """Say what kind of thing a path is."""
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
