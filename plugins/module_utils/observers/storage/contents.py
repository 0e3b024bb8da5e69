# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measure what a copy of a folder takes: bytes and entries, counted up to a limit."""

import os
import stat
import time
from typing import Iterator, List, Optional, Set, Tuple

from ...words.observations.storage import ContentsObserved
from . import block_devices

# A data-root may hold millions of files, and a plan should not take minutes.
FEW, SOON = 200000, 10.0
_BLOCK = 4096
# A file in more pieces than this is taken to have no holes.
_PIECES = 1000


def observe_contents(
    folder: str, most: Optional[int] = FEW, seconds: float = SOON
) -> ContentsObserved:
    """Measure a folder; with a limit, only what was counted until the limit was reached.

    :raises OSError: where the folder itself cannot be read.
    """
    until = time.monotonic() + seconds
    seen: Set[Tuple[int, int]] = set()
    size, entries, folders = 0, 0, 0
    for path, status in _walk(folder, os.lstat(folder).st_dev):
        entries += 1
        if stat.S_ISDIR(status.st_mode):
            folders += 1
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
        size += _size_of(path, status)
        if most is not None and (entries >= most or time.monotonic() > until):
            return ContentsObserved(size=size, entries=entries, folders=folders, is_whole=False)
    return ContentsObserved(size=size, entries=entries, folders=folders)


def _walk(top: str, device: int) -> Iterator[Tuple[str, os.stat_result]]:
    """Give a folder's entries on its own filesystem; skip those that vanish meanwhile."""
    waiting: List[str] = [top]
    while waiting:
        folder = waiting.pop()
        try:
            names = os.listdir(folder)
        except OSError:
            if folder == top:
                raise
            continue
        for name in names:
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISDIR(status.st_mode):
                if status.st_dev != device:
                    continue
                waiting.append(path)
            yield path, status


def _size_of(path: str, status: os.stat_result) -> int:
    """Give an entry's bytes in whole blocks, without a file's holes (lseek(2))."""
    size = status.st_size
    if stat.S_ISREG(status.st_mode) and status.st_blocks * block_devices.SECTOR < size:
        # It has holes, or its filesystem compresses; only the file itself tells which.
        size = min(size, _data_in(path, size))
    elif not stat.S_ISDIR(status.st_mode) and not stat.S_ISREG(status.st_mode):
        # A link is normally stored in its inode.
        return 0
    return -(-size // _BLOCK) * _BLOCK


def _data_in(path: str, size: int) -> int:
    found, place = 0, 0
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOATIME)
    except OSError:
        return size
    try:
        for _piece in range(_PIECES):
            try:
                begin = os.lseek(descriptor, place, os.SEEK_DATA)
                place = os.lseek(descriptor, begin, os.SEEK_HOLE)
            except OSError:
                # ENXIO: from here on there is only a hole.
                return found
            found += place - begin
        return size
    finally:
        os.close(descriptor)
