# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at the programs that the engine's packages install. Types only."""

from typing import NamedTuple


class PackagedProgram(NamedTuple):
    """A program, the package that installs it, and the unit that runs it."""

    path: str
    package: str
    unit: str


class ProgramObserved(NamedTuple):
    """The file at a program's path, and what the package database says about it.

    ``kind`` is absent, file, directory, link or other; ``identity`` stays the same until the file
    is written or replaced. ``installed`` is the package database's digest of the installed file,
    ``found`` the file's own; both are empty where ``unknown`` says why they are not known.
    ``diverted`` is the path to which dpkg-divert(1) diverts the package's file.
    """

    kind: str = "absent"
    mode: int = 0
    owner: int = 0
    identity: str = ""
    installed: str = ""
    found: str = ""
    diverted: str = ""
    unknown: str = ""


class ProgramVerified(NamedTuple):
    """A file that a run has found to be its package's own, of this version."""

    identity: str
    version: str
