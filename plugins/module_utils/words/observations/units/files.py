# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at unit files that systemd cannot read. Types only."""

from typing import NamedTuple


class UnitFaultObserved(NamedTuple):
    """A unit's file, or something in its place, that systemd cannot read.

    ``kind`` is what lies there: file, directory, link (to nothing) or other. ``line`` is the first
    line that is no UTF-8, 0 for none; ``unreadable`` says why nobody can read the file;
    ``is_empty`` tells that it has no contents, which masks a unit. ``is_drop_in`` tells a drop-in
    from the unit's own file.
    """

    unit: str
    path: str
    kind: str = "file"
    line: int = 0
    unreadable: str = ""
    is_empty: bool = False
    is_drop_in: bool = True
