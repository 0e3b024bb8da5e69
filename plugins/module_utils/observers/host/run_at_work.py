# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which run of ours is changing this host, without taking a lock even for a moment.

A run holds a lock (flock(2)) on a file and writes into it who it is. The file's words are believed
only of the process that the kernel names as holder, in proc_locks(5) and as ``lock:`` in
proc_pid_fdinfo(5). /proc/locks does not show a lock whose process has ended while a child of it,
such as mkfs, still holds the lock; the child's own descriptor shows it.
"""

import os
import re
from typing import Dict, List, Tuple

from .files import read_text

LOCK = "/run/dockwright/lock"
_LONGEST = 500


def observe_run_at_work(path: str = LOCK) -> str:
    """Say which other run holds the host's lock, in its own words; empty where none does."""
    processes, owners = _look(path)
    return "" if os.getpid() in processes else _name(path, processes, owners)


def name_holder(path: str = LOCK) -> str:
    """Say who holds the host's lock; empty where nobody holds it any more."""
    return _name(path, *_look(path))


def _look(path: str) -> Tuple[List[int], List[int]]:
    """Give the processes that hold the lock, and those of them that took it."""
    try:
        status = os.stat(path)
    except OSError:
        return [], []
    owners = _owners(status)
    holders: Dict[int, int] = {}
    # A run deletes its words when it ends, so without words there is mostly nobody to look for.
    if status.st_size and not owners:
        holders = _holders(path, (status.st_dev, status.st_ino))
        owners = [owner for owner in holders.values() if owner]
    return list(holders) or owners, owners


def _name(path: str, processes: List[int], owners: List[int]) -> str:
    """Give the holder's own words or, without any, its process."""
    if not processes:
        return ""
    said = read_text(path)[:_LONGEST].encode("utf-8", "replace").decode("utf-8").strip()
    named = re.search(r"process (\d+)", said)
    # If nobody owns the lock, the process that took it has ended, and the words are its own.
    if said and (not owners or (named is not None and int(named.group(1)) in owners)):
        return said
    program = read_text("/proc/%d/comm" % processes[0]).strip()
    return "process %d%s" % (processes[0], " (%s)" % program if program else "")


def _owners(status: os.stat_result) -> List[int]:
    """Give the processes that took a lock on a file, as far as this process can see them."""
    device = "%02x:%02x" % (os.major(status.st_dev), os.minor(status.st_dev))
    wanted = "%s:%d" % (device, status.st_ino)
    found = []
    for line in read_text("/proc/locks").splitlines():
        fields = line.split()
        # A lock that is only waited for has an arrow, and so one more field.
        if len(fields) == 8 and fields[1] == "FLOCK" and fields[5] == wanted:
            found.append(int(fields[4]))
    return [owner for owner in found if owner > 0]


def _holders(path: str, identity: Tuple[int, int]) -> Dict[int, int]:
    """Find the processes that have the file open and locked, each with the process that locked it.

    The latter is 0 where it has ended or is in another PID namespace.
    """
    found: Dict[int, int] = {}
    name = os.path.basename(path)
    for process in _entries("/proc"):
        for descriptor in _entries("/proc/%d/fd" % process):
            link = "/proc/%d/fd/%d" % (process, descriptor)
            try:
                # The name is compared first: the file may be on a server that does not answer.
                if os.path.basename(os.readlink(link)) != name:
                    continue
                status = os.stat(link)
            except OSError:
                continue
            if (status.st_dev, status.st_ino) != identity:
                continue
            for line in read_text("/proc/%d/fdinfo/%d" % (process, descriptor)).splitlines():
                fields = line.split()
                if fields[:1] == ["lock:"] and "FLOCK" in fields and len(fields) > 5:
                    found[process] = max(0, int(fields[5]))
    return found


def _entries(folder: str) -> List[int]:
    try:
        return [int(each) for each in os.listdir(folder) if each.isdigit()]
    except OSError:
        return []
