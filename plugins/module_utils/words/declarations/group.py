# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of the docker group: what the arguments mean. Pure."""

import re
from typing import Any, Mapping, NamedTuple, Tuple

from ..told_value import told_value
from .error import DeclarationError

# Characters that a name in /etc/group cannot hold, and those it cannot begin with (group(5)).
_NO_NAME = re.compile(r"^$|^[-+]|[\s:,]")
_LARGEST_GID = 2**32 - 2


class GroupDeclaration(NamedTuple):
    """What is declared of the group; with ``gid`` 0 the system chooses the number.

    With ``exclusive`` members that are not declared are removed.
    """

    members: Tuple[str, ...] = ()
    exclusive: bool = False
    gid: int = 0
    ignore_missing_users: bool = False


def declare_group(arguments: Mapping[str, Any]) -> GroupDeclaration:
    """Read the arguments of ``docker_group``.

    :raises DeclarationError: for a value without meaning.
    """
    for name in arguments["members"]:
        if _NO_NAME.search(name):
            raise DeclarationError(
                "docker_group_members holds %s, which is no user's name. It wants exact names, "
                "one an entry." % told_value(name)
            )
    gid = arguments["gid"]
    if not 0 <= gid <= _LARGEST_GID:
        raise DeclarationError(
            "docker_group_gid is %d. It wants a number from 1 to %d, or 0 to leave it to the "
            "system." % (gid, _LARGEST_GID)
        )
    return GroupDeclaration(
        members=tuple(dict.fromkeys(arguments["members"])),
        exclusive=bool(arguments["exclusive"]),
        gid=gid,
        ignore_missing_users=bool(arguments["ignore_missing_users"]),
    )
