# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which run of ours is changing this host. It takes no lock, not for a moment.

A run holds a lock (flock(2)) on a file and writes into it who it is. The kernel tells who holds
the lock, as proc_locks(5) and as ``lock:`` of proc_pid_fdinfo(5): what the file says is believed
only of who holds it. /proc/locks leaves out a lock whose process has ended while a child of it
still holds the lock, as mkfs does; the child's own descriptor tells that.
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
    """Say who holds the host's lock; empty where nobody does any more."""
    return _name(path, *_look(path))


def _look(path: str) -> Tuple[List[int], List[int]]:
    """Give the processes that hold the lock, and those of them that have taken it."""
    try:
        status = os.stat(path)
    except OSError:
        return [], []
    owners = _owners(status)
    holders: Dict[int, int] = {}
    # A run takes its words away as it ends, so without any there is mostly nobody to look for.
    if status.st_size and not owners:
        holders = _holders(path, (status.st_dev, status.st_ino))
        owners = [owner for owner in holders.values() if owner]
    return list(holders) or owners, owners


def _name(path: str, processes: List[int], owners: List[int]) -> str:
    """Give what the holder has said of itself; of one that has not, its process."""
    if not processes:
        return ""
    said = read_text(path)[:_LONGEST].encode("utf-8", "replace").decode("utf-8").strip()
    named = re.search(r"process (\d+)", said)
    # Whoever has locked the file has ended where nobody owns the lock; the words are its own.
    if said and (not owners or (named is not None and int(named.group(1)) in owners)):
        return said
    program = read_text("/proc/%d/comm" % processes[0]).strip()
    return "process %d%s" % (processes[0], " (%s)" % program if program else "")


def _owners(status: os.stat_result) -> List[int]:
    """Name the processes that have locked a file, as far as this process may know of them."""
    device = "%02x:%02x" % (os.major(status.st_dev), os.minor(status.st_dev))
    wanted = "%s:%d" % (device, status.st_ino)
    found = []
    for line in read_text("/proc/locks").splitlines():
        fields = line.split()
        # What waits for a lock has an arrow, and so a field more.
        if len(fields) == 8 and fields[1] == "FLOCK" and fields[5] == wanted:
            found.append(int(fields[4]))
    return [owner for owner in found if owner > 0]


def _holders(path: str, identity: Tuple[int, int]) -> Dict[int, int]:
    """Find the processes that have the file open and locked, each with who has locked it.

    Who has locked it is 0 where that process has ended or is in another PID namespace.
    """
    found: Dict[int, int] = {}
    name = os.path.basename(path)
    for process in _entries("/proc"):
        for descriptor in _entries("/proc/%d/fd" % process):
            link = "/proc/%d/fd/%d" % (process, descriptor)
            try:
                # By name first: what it leads to may be on a server that does not answer.
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
