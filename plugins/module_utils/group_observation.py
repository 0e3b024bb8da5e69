# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at the docker group found. Types only."""

from typing import Dict, NamedTuple, Optional, Tuple


class GroupLook(NamedTuple):
    """What to look at of the group: its members as declared, and who has the declared GID."""

    members: Tuple[str, ...] = ()
    gid: int = 0


class UserObserved(NamedTuple):
    """A user as the name services know it (nsswitch.conf(5)); ``gid`` is the primary group's."""

    uid: int
    gid: int


class SessionObserved(NamedTuple):
    """A running session of a user that has not got the group (credentials(7)).

    ``leader`` is the process that leads it, ``program`` its name, ``terminal`` such as pts/0.
    """

    user: str
    leader: int
    program: str = ""
    terminal: str = ""


class GroupObserved(NamedTuple):
    """The group docker.

    ``gid`` is None where there is no such group; ``is_local`` tells that /etc/group has it.
    ``members`` are those its entry lists, ``primary_members`` users whose primary group it is.
    ``users`` are the declared members that exist, ``gid_holder`` the group that has the declared
    GID, empty where none has. ``sessions`` are those of declared members, without the group.
    """

    gid: Optional[int] = None
    is_local: bool = True
    members: Tuple[str, ...] = ()
    primary_members: Tuple[str, ...] = ()
    users: Dict[str, UserObserved] = {}
    gid_holder: str = ""
    sessions: Tuple[SessionObserved, ...] = ()
