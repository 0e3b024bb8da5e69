# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filesystems that the kernel has stopped, or that are damaged: they are not remounted.

After an error the kernel lets nobody write (ext4(5), errors=remount-ro; btrfs; xfs shuts down).
Writing again without a check would spread the damage. A filesystem that somebody mounted read-only
is another matter, and is remounted as declared.
"""

from typing import Iterator

from ...words.difference import Refusal
from ..storage.case import Case
from ..storage.state import mounted
from .stopped_mount import stopped

# The programs that find and repair errors of each, while it is not mounted.
_CHECKS = {"ext4": "e2fsck -f", "xfs": "xfs_repair", "btrfs": "btrfs check"}


def fault_refusals(case: Case) -> Iterator[Refusal]:
    """Refuse to go on with a stopped filesystem, and name what to do first."""
    declaration, seen = case.declaration, case.seen
    point, ground = declaration.mount_point, seen.ground
    mount = mounted(declaration, seen)
    remedy = "Look for the cause with `dmesg`, and save what is in it. Then stop Docker, run "
    remedy += "`umount %s` and `%s`, and run this again." % (point, _check(case))
    if seen.mount_point.unreadable:
        found = "%s cannot be read: %s." % (point, seen.mount_point.unreadable)
        yield Refusal(found=found + _counted(seen.errors), remedy=remedy)
    elif mount is not None and mount.stopped:
        yield Refusal(found=stopped(mount) + _counted(seen.errors), remedy=remedy)
    elif mount is not None and "ro" in mount.options and seen.errors:
        found = "%s is mounted read-only, and there is something wrong with it." % point
        yield Refusal(found=found + _counted(seen.errors), remedy=remedy)
    if declaration.file and ground.stopped:
        yield Refusal(
            found="docker_storage_file is %s, and %s%s"
            % (declaration.file, stopped(ground), _counted(seen.ground_errors)),
            remedy="Look for the cause with `dmesg`, and have %s checked before anything else."
            % ground.source,
        )
    elif declaration.file and "ro" in ground.options:
        yield Refusal(
            found="docker_storage_file is %s, and %s, which it lies on, is mounted read-only."
            % (declaration.file, ground.mount_point),
            remedy="Run `mount -o remount,rw %s`, or declare another file." % ground.mount_point,
        )


def errors_on_record(case: Case) -> Iterator[str]:
    """Tell of errors in a filesystem that works."""
    seen = case.seen
    if seen.errors and mounted(case.declaration, seen) is not None:
        yield (
            "The filesystem on %s has had errors (on record: %d). Have it checked while it is not "
            "mounted: `%s`." % (case.declaration.mount_point, seen.errors, _check(case))
        )


def _counted(errors: int) -> str:
    return " Errors on record: %d." % errors if errors else ""


def _check(case: Case) -> str:
    # The volume's present filesystem, whatever is declared.
    kind = case.seen.volume.signature.type or case.filesystem.name
    return "%s %s" % (_CHECKS.get(kind, "fsck"), case.declaration.source)
