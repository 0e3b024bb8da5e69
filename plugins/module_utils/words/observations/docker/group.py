# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at the docker group found. Types only."""

from typing import Dict, NamedTuple, Optional, Tuple


class GroupLook(NamedTuple):
    """What to look at of the group: its members as declared, and who has the declared GID."""

    members: Tuple[str, ...] = ()
    gid: int = 0


class UserObserved(NamedTuple):
    """A user as the name services know it (nsswitch.conf(5)); ``gid`` is the primary group's.

    ``is_local`` tells that /etc/passwd has it.
    """

    uid: int
    gid: int
    is_local: bool = True


class SessionObserved(NamedTuple):
    """A running session, with or without the group (credentials(7)).

    ``leader`` is the process that leads it, or the user's first in one that somebody else leads;
    ``program`` is its name, ``terminal`` such as pts/0.
    """

    user: str
    leader: int
    program: str = ""
    terminal: str = ""
    has_group: bool = False


class ShadowObserved(NamedTuple):
    """What /etc/gshadow adds of a group that has the GID of docker (gshadow(5)).

    ``administrators`` may put anybody in; ``members`` are those that /etc/group does not list, whom
    newgrp(1) lets in all the same. With a password, it lets everybody in who knows it.
    """

    group: str
    administrators: Tuple[str, ...] = ()
    members: Tuple[str, ...] = ()
    has_password: bool = False


class GroupObserved(NamedTuple):
    """The group docker.

    ``gid`` is None where there is no such group; ``is_local`` tells that /etc/group has it.
    ``members`` are those its entry lists, in /etc/group where it is there. ``members_elsewhere``
    are members by another name service or another group alone: ``same_gid`` names that group, which
    has the GID of docker and another name, by member. ``primary_members`` are users whose primary
    group it is, ``unknown_members`` those listed that are no users. ``users`` are the declared
    members that exist. ``gid_holder`` is the group that has the declared GID, empty where none or
    docker has; ``gid_users`` are users of that GID where no group has it. ``sessions`` are those
    of declared members without the group, and those of anybody but root with it. ``shadows`` is
    what /etc/gshadow adds; ``socket_list`` are the entries of the socket's access control list that
    are for others than root and this group (acl(5)).
    """

    gid: Optional[int] = None
    is_local: bool = True
    members: Tuple[str, ...] = ()
    members_elsewhere: Tuple[str, ...] = ()
    primary_members: Tuple[str, ...] = ()
    unknown_members: Tuple[str, ...] = ()
    users: Dict[str, UserObserved] = {}
    gid_holder: str = ""
    gid_users: Tuple[str, ...] = ()
    same_gid: Dict[str, str] = {}
    sessions: Tuple[SessionObserved, ...] = ()
    shadows: Tuple[ShadowObserved, ...] = ()
    socket_list: Tuple[str, ...] = ()
