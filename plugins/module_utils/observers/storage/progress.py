# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell whether a command and its child processes make progress (proc(5))."""

import os
from typing import Dict, List, Tuple

from ..host.files import read_text

# Fields of /proc/PID/stat after the state: its parent, its time in user mode and in the kernel.
_STATE, _PARENT, _USER, _KERNEL = 0, 1, 11, 12
# Bytes that a process has read and written, to whatever file.
_BYTES = ("rchar", "wchar")
# Pages that all disks have read and written (vmstat).
_PAGES = ("pgpgin", "pgpgout")
Signs = Tuple[Tuple[str, ...], ...]


def signs_of_life(pid: int, proc: str = "/proc") -> Signs:
    """Give a value that changes as soon as a process, or one of its descendants, makes progress.

    A process that waits for a disk makes progress while disks do: the kernel writes for it.
    """
    found: Dict[int, List[str]] = {}
    for name in os.listdir(proc):
        if name.isdigit():
            fields = read_text("%s/%s/stat" % (proc, name)).rpartition(")")[2].split()
            if len(fields) > _KERNEL:
                found[int(name)] = fields
    family = {pid}
    # A child's number may be lower than its parent's, once the numbers have started over.
    while True:
        children = {each for each in found if int(found[each][_PARENT]) in family} - family
        if not children:
            break
        family |= children
    signs = [_of_one(each, found[each], proc) for each in sorted(family) if each in found]
    if any(found[each][_STATE] == "D" for each in family if each in found):
        signs.append(_amounts(proc + "/vmstat", _PAGES))
    return tuple(signs)


def _of_one(pid: int, fields: List[str], proc: str) -> Tuple[str, ...]:
    amounts = _amounts("%s/%d/io" % (proc, pid), _BYTES)
    return (str(pid), fields[_USER], fields[_KERNEL]) + amounts


def _amounts(path: str, names: Tuple[str, ...]) -> Tuple[str, ...]:
    lines = [line.replace(":", " ").split() for line in read_text(path).split("\n")]
    return tuple(words[1] for words in lines if len(words) == 2 and words[0] in names)
