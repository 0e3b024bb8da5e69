# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filesystems that a backing file cannot lie on, or not with all of it allocated."""

from typing import Iterator, Optional

from ...words.difference import Refusal
from ..storage.case import Case
from ..storage.state import is_absent

# Filesystems in memory (proc(5), /proc/filesystems): their contents do not survive a boot.
_IN_MEMORY = ("tmpfs", "ramfs")
# fallocate(2) succeeds there and allocates nothing (OpenZFS, zpl_fallocate).
_NEVER_ALLOCATED = ("zfs",)
# These have no fallocate(2) (each one's file_operations; nfs means version 3 at most).
_WITHOUT_ALLOCATION = (
    "9p",
    "ecryptfs",
    "ext2",
    "ext3",
    "jfs",
    "nfs",
    "nilfs2",
    "reiserfs",
    "ubifs",
)


def ground_refusals(case: Case) -> Iterator[Optional[Refusal]]:
    """Refuse a backing file that would not keep its contents, or could not be as declared."""
    declaration, kind = case.declaration, case.seen.host_filesystem
    if kind in _IN_MEMORY:
        yield Refusal(
            found="docker_storage_file is %s, on a %s: it lies in memory, and is gone with the "
            "next boot." % (declaration.file, kind),
            remedy="Declare a path on a disk; `findmnt -T PATH` tells what a path lies on.",
        )
        return
    if declaration.allocation != "full" or not _is_to_allocate(case):
        return
    sparse = "Set docker_storage_allocation to sparse."
    if kind in _NEVER_ALLOCATED + _WITHOUT_ALLOCATION:
        yield Refusal(
            found="docker_storage_file is %s, on %s, which allocates nothing beforehand, and "
            "docker_storage_allocation is full." % (declaration.file, kind),
            remedy=sparse,
        )
    elif _is_compressed(case):
        yield Refusal(
            found="docker_storage_file is %s, which its %s compresses: it takes less room than it "
            "has bytes, whatever is allocated, and docker_storage_allocation is full."
            % (declaration.file, kind),
            remedy=sparse,
        )


def _is_to_allocate(case: Case) -> bool:
    volume = case.seen.volume
    return is_absent(case.seen) or volume.allocated < max(volume.size, case.declaration.size)


def _is_compressed(case: Case) -> bool:
    """Whether a btrfs compresses what is overwritten; files of ours are written in place (+C)."""
    seen = case.seen
    if seen.host_filesystem != "btrfs" or is_absent(seen) or "C" in seen.volume.attributes:
        return False
    of_mount = [option.partition("=") for option in seen.ground.options]
    mounted_so = any(
        name in ("compress", "compress-force") and kind not in ("no", "none")
        for name, _equals, kind in of_mount
    )
    return "c" in seen.volume.attributes or (mounted_so and "m" not in seen.volume.attributes)
