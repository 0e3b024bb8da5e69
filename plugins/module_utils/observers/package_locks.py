# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the process that holds a lock of the package manager's, and change nothing about it."""

import fcntl
import os
import re
import struct
from typing import NamedTuple, Optional, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.observers.files import read_text

# fcntl(2), struct flock: type, whence, start, length, process.
_FLOCK = "hhqqi"


class Holder(NamedTuple):
    """Who holds a lock, and which."""

    process: int
    path: str

    def words(self) -> str:
        """Name the process as `ps` would, without its arguments: they may hold secrets."""
        name = read_text("/proc/%d/comm" % self.process).strip()
        name = name or "a program of another namespace"
        return "process %d (%s) holds %s" % (self.process, name, self.path)


def find_holder(records: Sequence[str], numbers: Sequence[str]) -> Optional[Holder]:
    """Find the process that holds one of these record locks, or is named in one of these files."""
    for path in records:
        process = _record_holder(path)
        if process is not None:
            return Holder(process, path)
    for path in numbers:
        number = read_text(path)[:64].strip()
        if re.match(r"^\d+$", number) and os.path.isdir("/proc/" + number):
            return Holder(int(number), path)
    return None


def _record_holder(path: str) -> Optional[int]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
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
