# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look for unit files that systemd cannot read, since systemd says that a unit is bad but not why.

Tried on systemd 257: it stops reading a file at a line that is no UTF-8 and no comment, and it
waits for ever for a named pipe in a file's place.
"""

import os
import stat
from typing import Iterator, List, Optional, Sequence, Tuple

from ...words.observations.units.files import UnitFaultObserved
from ..host.files import kind_of, observe_file

ROOT = "/"
# The load path of the system's units, in order of precedence (systemd.unit(5)).
_FOLDERS = (
    "etc/systemd/system.control",
    "run/systemd/system.control",
    "run/systemd/transient",
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
)
_REMARKS = (b"#", b";")


def observe_unit_faults(names: Sequence[str]) -> Tuple[UnitFaultObserved, ...]:
    """Give the files of these units, and their drop-ins, that systemd cannot read."""
    return tuple(fault for name in names for fault in _faults(name))


def first_foreign_line(contents: bytes) -> int:
    """Give the first line that is no UTF-8, by number, or 0; comments may hold anything."""
    for number, line in enumerate(contents.split(b"\n"), 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            if not line.lstrip().startswith(_REMARKS):
                return number
    return 0


def _faults(name: str) -> Iterator[UnitFaultObserved]:
    for folder in _FOLDERS:
        path = os.path.join(ROOT, folder, name)
        if os.path.lexists(path):
            fault = _fault(name, path, False)
            if fault is not None:
                yield fault
            # The first one counts; systemd skips a directory.
            if not os.path.isdir(path) or os.path.islink(path):
                break
    seen: List[str] = []
    for folder in _drop_in_folders(name):
        for each in _names(folder):
            path = os.path.join(folder, each)
            fault = None if each in seen else _fault(name, path, True)
            seen.append(each)
            if fault is not None:
                yield fault


def _drop_in_folders(name: str) -> Iterator[str]:
    """Give the folders of a unit's own drop-ins, then those for all units of its kind."""
    for kind in (name, name.rpartition(".")[2]):
        for folder in _FOLDERS:
            yield os.path.join(ROOT, folder, kind + ".d")


def _names(folder: str) -> List[str]:
    try:
        return sorted(each for each in os.listdir(folder) if each.endswith(".conf"))
    except OSError:
        return []


def _fault(name: str, path: str, is_drop_in: bool) -> Optional[UnitFaultObserved]:
    fault = UnitFaultObserved(unit=name, path=path, is_drop_in=is_drop_in)
    try:
        status = os.stat(path)
    except OSError as error:
        if os.path.islink(path):
            return fault._replace(kind="link")
        return fault._replace(unreadable=str(error.strerror))
    if os.path.realpath(path) == os.path.join(ROOT, "dev/null"):
        # A mask, of a unit or of a drop-in.
        return None
    if not stat.S_ISREG(status.st_mode):
        return fault._replace(kind=kind_of(status.st_mode))
    seen = observe_file(path)
    if seen.unreadable:
        return fault._replace(unreadable=seen.unreadable)
    line = first_foreign_line(seen.text.encode("utf-8", "surrogateescape"))
    if line:
        return fault._replace(line=line)
    # An empty drop-in says nothing and does no harm.
    return fault._replace(is_empty=True) if not seen.text and not is_drop_in else None
