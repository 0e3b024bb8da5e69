# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge what the volume holds, and what it should hold: signatures, sizes, data."""

from typing import Iterator, Optional

from ...words import resources
from ...words.declarations.storage import BLOCK, StorageDeclaration
from ...words.declared import record_key
from ...words.difference import Refusal
from ...words.observations.storage import StorageObserved
from ..storage.case import Case
from ..storage.state import (
    GIBIBYTE,
    file_at,
    in_words,
    is_absent,
    is_recorded,
    is_said_by,
    is_set_down,
    is_unfinished,
    lost_loops,
    mounted,
    one,
    wanted_bytes,
)
from ..storage.units import mount_unit_path

_SIZE = "docker_storage_size"


def host_reserve(declaration: StorageDeclaration, seen: StorageObserved) -> int:
    """Give the bytes that should stay free on the filesystem under the backing file."""
    if declaration.host_reserve is not None:
        return declaration.host_reserve
    return max(GIBIBYTE, seen.total // 20)


def signature_refusals(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen, wanted = case.declaration, case.seen, case.filesystem.name
    signature, source = seen.volume.signature, declaration.source
    unit = file_at(case.observed, mount_unit_path(declaration.mount_point)).text
    was_here = record_key(resources.STORAGE_FILE, source) in case.applied.digests or is_said_by(
        unit, source
    )
    if seen.volume.kind == "device" and not signature.type and not signature.unreadable:
        if was_here and not declaration.recreate:
            yield Refusal(
                found="%s had a filesystem, and none is found on it now." % source,
                remedy="Have it repaired (a backup superblock may be whole), or set "
                "docker_storage_recreate to begin with an empty one.",
                consent="docker_storage_recreate",
            )
        elif not seen.volume.blank:
            yield Refusal(
                found="%s has no signature that is known, and is not blank." % source,
                remedy="It may be used as it is, by a database or for encryption. If nothing on it "
                "is wanted, fill its first 4 MiB and its last with zeros.",
            )
        return
    if is_absent(seen):
        if was_here and not declaration.recreate and not lost_loops(declaration, seen):
            yield Refusal(
                found="%s was here, with a filesystem in it, and is gone." % source,
                remedy="Put it back, or set docker_storage_recreate to begin with an empty one.",
                consent="docker_storage_recreate",
            )
        return
    if signature.unreadable:
        return
    if not signature.type and seen.volume.kind == "file":
        yield Refusal(
            found="%s is a file of %s in which no filesystem is found, and it is not known to be "
            "empty." % (source, in_words(seen.volume.size)),
            remedy="Remove it if it is; Dockwright makes one of its own.",
        )
    elif signature.type and signature.type != wanted and not is_unfinished(case.applied, seen):
        yield Refusal(
            found="%s holds %s%s, and %s is declared."
            % (source, one(signature.type), _named(signature.uuid), one(wanted)),
            remedy="Nothing is formatted over it. Declare docker_storage_filesystem: %s if it is "
            "what is wanted, or another file or device." % signature.type
            if signature.type in case.system.filesystems
            else "Nothing is formatted over it. Declare another file or device.",
        )
    elif (
        signature.type
        and not is_recorded(case.applied, signature.uuid)
        and not case.in_place
        and not declaration.adopt_filesystem
    ):
        yield Refusal(
            found="%s holds %s%s that Dockwright has not made."
            % (source, one(signature.type), _named(signature.uuid)),
            remedy="Set docker_storage_adopt_filesystem to use it with what is in it, or declare "
            "another file or device.",
            consent="docker_storage_adopt_filesystem",
        )


def size_refusals(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen = case.declaration, case.seen
    volume, size = seen.volume, wanted_bytes(case.declaration, seen)
    if size < case.filesystem.minimum:
        yield Refusal(
            found="%s is to be %s, and the smallest %s takes %s."
            % (declaration.source, in_words(size), case.filesystem.name, _least(case)),
            remedy="Set %s to more." % _SIZE if declaration.file else "Declare a larger device.",
        )
        return
    if not declaration.file:
        return
    # A size made in powers of 1000 is no multiple of the block size.
    if volume.kind == "file" and volume.size >= size + BLOCK:
        yield Refusal(
            found="%s has %s, and %s is %s: no run makes it smaller."
            % (declaration.file, in_words(volume.size), _SIZE, in_words(size)),
            remedy="Set %s to %s." % (_SIZE, _declarable(volume.size)),
        )
        return
    needed = size - (volume.allocated if volume.kind == "file" else 0)
    grows = is_absent(seen) or volume.size < size
    reserve = host_reserve(declaration, seen)
    # The rest of a cut-off creation is removed before anything else is made.
    free = seen.free + volume.leftover
    if (declaration.allocation == "full" or grows) and needed > max(0, free - reserve):
        yield Refusal(
            found="%s takes another %s, and of the %s that are free around it %s stay in reserve."
            % (declaration.file, in_words(needed), in_words(free), in_words(reserve)),
            remedy="Make room, set %s to less, or docker_storage_host_reserve." % _SIZE,
            consent="docker_storage_host_reserve",
        )


def data_refusal(case: Case) -> Optional[Refusal]:
    declaration, seen = case.declaration, case.seen
    if not declaration.file or is_absent(seen):
        return None
    unit = file_at(case.observed, mount_unit_path(declaration.mount_point)).text
    ours = is_recorded(case.applied, seen.volume.signature.uuid)
    # Once it is unmounted, a mount by hand would no longer show whose it was.
    if not ours and not is_set_down(declaration, seen, unit):
        return Refusal(
            found="docker_storage_state is absent, and %s is a file that Dockwright has not made."
            % declaration.file,
            remedy="It was left alone. Remove it by hand, if it is to go.",
        )
    consent = "docker_storage_allow_data_removal"
    remedy = "Set %s to delete it." % consent
    if declaration.allow_data_removal:
        return None
    if seen.mount_point.unreadable:
        told = "%s cannot be read (%s), so nobody knows what is in it."
        found = told % (declaration.mount_point, seen.mount_point.unreadable)
        return Refusal(found=found, remedy=remedy, consent=consent)
    if mounted(declaration, seen) is None:
        found = "%s is not mounted, so nobody knows what is in it." % declaration.file
        return Refusal(found=found, remedy=remedy, consent=consent)
    if not seen.mount_point.entries:
        return None
    names = ", ".join(seen.mount_point.entries)
    return Refusal(
        found="%s is not empty (%s)." % (declaration.mount_point, names),
        remedy=remedy,
        consent=consent,
    )


def _named(uuid: str) -> str:
    return " (%s)" % uuid if uuid else ""


def _least(case: Case) -> str:
    return in_words(case.filesystem.minimum)


def _declarable(size: int) -> str:
    """Write a size in the form of docker_storage_size."""
    return "%dG" % (size // GIBIBYTE) if size % GIBIBYTE == 0 else str(size)
