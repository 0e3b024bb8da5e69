# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at the files of systemd's units found that systemd cannot read. Types only."""

from typing import NamedTuple


class UnitFaultObserved(NamedTuple):
    """A file of a unit, or one in the place of a file, that says nothing systemd could go by.

    ``kind`` is what lies there: file, directory, link (to nothing) or other. ``line`` is the first
    one that is no UTF-8, 0 where all is; ``unreadable`` tells why nobody can read the file;
    ``is_empty`` that it has no contents, which masks a unit. ``is_drop_in`` tells it from the
    unit's own file.
    """

    unit: str
    path: str
    kind: str = "file"
    line: int = 0
    unreadable: str = ""
    is_empty: bool = False
    is_drop_in: bool = True
