# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the checks of a daemon.json go by besides the document, and what they answer."""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ...words.difference import Refusal
from ...words.observations.docker.named_files import NamedFilesObserved
from ...words.tables.daemon_options import Version
from ..image_store.store import Store

Found = Iterator[Tuple[str, Refusal]]


class Circumstances(NamedTuple):
    """What a check needs to know besides the document.

    ``version`` is the engine's, empty if unknown: the installed one, or one that may come, which
    ``engine`` names as a person would. ``family`` is deb or rpm. ``flags`` are those of the unit's
    command line, by key, and ``flags_source`` is their file; ``takes_hosts`` tells that a drop-in
    of ours takes -H out of it. ``foreign`` are the keys that nobody declared. ``cgroup_driver`` is
    the one that dockerd takes by default, empty if unknown. ``declared`` is what is declared, None
    where nobody can tell. ``store`` is the image store of the next start, ``named_files`` are the
    files that daemon.json names, as far as they can be judged. ``open_files`` is the most that the
    kernel gives to one process, None if unknown.
    """

    version: Version
    family: str
    flags: Dict[str, List[str]]
    flags_source: str
    takes_hosts: bool
    swarm: bool
    foreign: Tuple[str, ...] = ()
    engine: str = ""
    cgroup_driver: str = ""
    declared: Optional[Dict[str, Any]] = None
    store: Store = Store()
    named_files: NamedFilesObserved = NamedFilesObserved()
    open_files: Optional[int] = None

    @property
    def spoken(self) -> str:
        """The engine as a person would name it."""
        if self.engine:
            return self.engine
        return "engine %s" % ".".join(str(part) for part in self.version)


def spoken_version(version: Version) -> str:
    """Name a version as a person would: (23,) is 23.0."""
    return ".".join(str(part) for part in (version if len(version) > 1 else version + (0,)))
