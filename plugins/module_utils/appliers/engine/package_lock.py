# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait, for a bounded time, until nobody holds the package manager's lock, and name the holder."""

import fcntl
import os
import struct
import time
from typing import Callable, NamedTuple, Optional, Pattern, Sequence, TypeVar

from ...observers.packages.locks import Holder, named_holder
from ..host.command import ApplyFailed

# fcntl(2), struct flock: type, whence, start, length, process.
_FLOCK = "hhqqi"
_PAUSE_SECONDS = 0.5
Done = TypeVar("Done")


class PackageLock(NamedTuple):
    """How a package manager locks: record locks, files with a PID, and its message when locked."""

    manager: str
    records: Sequence[str]
    numbers: Sequence[str]
    said: "Pattern[str]"
    seconds: int


def unlocked(lock: PackageLock, deed: Callable[[], Done]) -> Done:
    """Do a deed once nobody holds the lock; do it again if somebody else took the lock first.

    :raises ApplyFailed: naming the holder, where it does not release the lock in time.
    """
    deadline = time.monotonic() + lock.seconds
    while True:
        _wait(lock, deadline)
        try:
            return deed()
        except ApplyFailed as failed:
            if not lock.said.search(str(failed)) or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)


def await_lock(lock: PackageLock) -> None:
    """Wait until nobody holds the lock.

    :raises ApplyFailed: naming the holder, where it does not release the lock in time.
    """
    _wait(lock, time.monotonic() + lock.seconds)


def find_holder(lock: PackageLock) -> Optional[Holder]:
    """Find the process that holds one of the locks."""
    for path in lock.records:
        process = _record_holder(path)
        if process is not None:
            return Holder(process, path)
    return named_holder(lock.numbers)


def _wait(lock: PackageLock, deadline: float) -> None:
    while True:
        holder = find_holder(lock)
        if holder is None:
            return
        if time.monotonic() > deadline:
            raise ApplyFailed(
                "%s is busy: %s, and did not let go within %d s. Wait for it to end, or raise "
                "docker_engine_lock_timeout. No package was changed."
                % (lock.manager, holder.words(), lock.seconds)
            )
        time.sleep(_PAUSE_SECONDS)


def _record_holder(path: str) -> Optional[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None if answer[0] == fcntl.F_UNLCK else answer[4]
