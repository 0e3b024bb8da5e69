# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell of a filesystem to which nobody can write: stopped by the kernel, or mounted read-only."""

from typing import Optional

from ...words.difference import Refusal
from ...words.observations.storage import MountObserved


def stopped(mount: MountObserved) -> str:
    """Say that the kernel has stopped a filesystem, and why it does so."""
    return (
        "the kernel lets nobody write to the filesystem on %s any more (%s), as it does after an "
        "error." % (mount.mount_point, mount.stopped)
    )


def unwritable(root: str, carrier: MountObserved) -> Optional[Refusal]:
    """Refuse a data-root that no daemon can write to."""
    if carrier.stopped:
        return Refusal(
            found="data-root is %s, and %s" % (root, stopped(carrier)),
            remedy="Look for the cause with `dmesg`, and save what is in it. Then stop Docker, and "
            "have %s checked while it is not mounted." % carrier.source,
        )
    if "ro" in carrier.options:
        return Refusal(
            found="data-root is %s, and %s, which it lies on, is mounted read-only: dockerd does "
            "not start there." % (root, carrier.mount_point),
            remedy="Run `mount -o remount,rw %s`, or declare another data-root."
            % carrier.mount_point,
        )
    return None
