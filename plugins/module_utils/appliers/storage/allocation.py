# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Allocate a file, and verify it: some filesystems report success and allocate nothing."""

import os

from ...observers.storage.block_devices import SECTOR
from ...observers.storage.mounts import observe_mounts
from ..host import command
from ..host.command import ApplyFailed

_NOT_SUPPORTED = "not supported"


def allocate(path: str, size: int) -> None:
    """Allocate the first bytes of a file; what was written to it stays (fallocate(1)).

    posix_fallocate(3) is not used: without support it writes zeros, also into a file in use.

    :raises ApplyFailed: where the filesystem refuses, or has not allocated it.
    """
    try:
        command.run(["fallocate", "--length", str(size), path])
    except ApplyFailed as failed:
        if _NOT_SUPPORTED in str(failed):
            raise ApplyFailed(_in_vain(path))
        raise
    # ZFS and compressing filesystems report success, and take room only for what is written.
    if os.stat(path).st_blocks * SECTOR < size:
        raise ApplyFailed(_in_vain(path))


def _in_vain(path: str) -> str:
    carrier = observe_mounts().carrier(path)
    return (
        "it lies on %s, on a filesystem (%s) that does not allocate it beforehand; set "
        "docker_storage_allocation to sparse" % (carrier.mount_point, carrier.type)
    )
