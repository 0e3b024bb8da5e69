# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which process holds a lock of the package manager, without taking one even for a moment."""

import os
import re
from typing import NamedTuple, Optional, Sequence

from ..host.files import read_text


class Holder(NamedTuple):
    """The process that holds a lock, and the lock."""

    process: int
    path: str

    def words(self) -> str:
        """Name the process as `ps` does, without its arguments, which may hold secrets."""
        name = read_text("/proc/%d/comm" % self.process).strip()
        name = name or "a program of another namespace"
        return "process %d (%s) holds %s" % (self.process, name, self.path)


def see_holder(records: Sequence[str], numbers: Sequence[str]) -> Optional[Holder]:
    """Find the process that holds one of these record locks, or that one of these files names."""
    for path in records:
        process = _record_holder(path)
        if process is not None:
            return Holder(process, path)
    return named_holder(numbers)


def named_holder(numbers: Sequence[str]) -> Optional[Holder]:
    """Find a process that still runs and that one of these files names."""
    for path in numbers:
        number = read_text(path)[:64].strip()
        if re.match(r"^\d+$", number) and os.path.isdir("/proc/" + number):
            return Holder(int(number), path)
    return None


def _record_holder(path: str) -> Optional[int]:
    """Find the holder of a record lock (proc_locks(5)), by the file's inode and who has it open.

    The device shown there is not always the one that stat(2) gives, as on btrfs.
    """
    try:
        inode = os.stat(path).st_ino
    except OSError:
        return None
    for line in read_text("/proc/locks").splitlines():
        fields = line.split()
        # A lock that is only waited for has an arrow, and so one more field.
        if len(fields) != 8 or fields[1] not in ("POSIX", "OFDLCK"):
            continue
        if fields[5].rpartition(":")[2] == str(inode) and _has_open(int(fields[4]), path):
            return int(fields[4])
    return None


def _has_open(process: int, path: str) -> bool:
    folder, wanted = "/proc/%d/fd" % process, os.path.realpath(path)
    try:
        return any(os.readlink(os.path.join(folder, each)) == wanted for each in os.listdir(folder))
    except OSError:
        return False
