# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at the docker group found. Types only."""

from typing import Dict, NamedTuple, Optional, Tuple


class GroupLook(NamedTuple):
    """What to look at of the group: its declared members, and who has the declared GID."""

    members: Tuple[str, ...] = ()
    gid: int = 0


class UserObserved(NamedTuple):
    """A user as name services know it (nsswitch.conf(5)); ``gid`` is its primary group.

    ``is_local`` tells that it is in /etc/passwd.
    """

    uid: int
    gid: int
    is_local: bool = True


class SessionObserved(NamedTuple):
    """A running session, with or without the group (credentials(7)).

    ``leader`` is the process that leads it, or the user's first process if somebody else leads it;
    ``program`` is that process's name, ``terminal`` is such as pts/0.
    """

    user: str
    leader: int
    program: str = ""
    terminal: str = ""
    has_group: bool = False


class ShadowObserved(NamedTuple):
    """What /etc/gshadow adds to a group with the GID of docker (gshadow(5)).

    ``administrators`` may add anybody; ``members`` are those that /etc/group does not list and that
    newgrp(1) lets in all the same. A password lets in everybody who knows it.
    """

    group: str
    administrators: Tuple[str, ...] = ()
    members: Tuple[str, ...] = ()
    has_password: bool = False


class GroupObserved(NamedTuple):
    """The group docker.

    ``gid`` is None where there is no such group; ``is_local`` tells that it is in /etc/group.
    ``members`` are those that its entry lists, that of /etc/group if it is there.
    ``members_elsewhere`` are members only by another name service or another group; ``same_gid``
    names, by member, that other group with the GID of docker. ``primary_members`` are users whose
    primary group it is, ``unknown_members`` listed ones that are no users. ``users`` are the
    declared members that exist. ``gid_holder`` is the group with the declared GID, empty where it
    is none or docker; ``gid_users`` are users of that GID where no group has it. ``sessions`` are
    those of declared members without the group, and those of anybody but root with it. ``shadows``
    is what /etc/gshadow adds; ``socket_list`` are the entries in the socket's access control list
    for others than root and this group (acl(5)).
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
