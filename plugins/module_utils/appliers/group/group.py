# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the plan of the docker group."""

import os
import stat
from typing import Optional, Tuple

from ...observers.group.group import observe_group
from ...observers.trust.access_control import ACCESS_LIST
from ...planners.group.plan import opens_for_docker, session_notes
from ...planners.group.shadow import IS_MEMBER, shadow_of_docker, undeclared_administrators
from ...planners.listening.docker_socket import SOCKET_MODE, read_opener
from ...words import resources
from ...words.declarations.host import Declaration
from ...words.declared import record_key
from ...words.difference import Plan
from ...words.docker_names import DOCKER_GROUP
from ...words.observations.docker.group import GroupLook
from ...words.observations.host import FileObserved, Observation
from ...words.paths import DOCKER_SOCKET
from ..host import command
from ..host.applied import record_ownership
from ..host.command import ApplyFailed


def apply_group(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[str, ...]:
    """Carry out what differs; name the running sessions that still have the groups of before.

    :raises ApplyFailed: with the words of the command that failed; the next run goes on from there.
    """
    group = declaration.group
    if plan.of_resource(resources.GROUP_GROUP):
        _make_group(group.gid, observed)
    members = [each for each in plan.of_resource(resources.GROUP_MEMBER) if not each.only_reported]
    entering = [each.path for each in members if each.expected == IS_MEMBER]
    record_ownership(
        [record_key(resources.GROUP_MEMBER, name) for name in entering], observed.applied
    )
    for each in members:
        # gpasswd(1) takes users of every name service, usermod(8) only those of /etc/passwd.
        verb = "--add" if each.path in entering else "--delete"
        command.run(["gpasswd", verb, each.path, DOCKER_GROUP])
    if _mended(plan, resources.GROUP_ADMINISTRATOR):
        shadow = shadow_of_docker(observed.group)
        gone = undeclared_administrators(group, shadow)
        kept = ",".join(name for name in shadow.administrators if name not in gone)
        command.run(["gpasswd", "--administrators", kept, DOCKER_GROUP])
    if _mended(plan, resources.GROUP_PASSWORD):
        command.run(["gpasswd", "--restrict", DOCKER_GROUP])
    after = observe_group(GroupLook(group.members, group.gid))
    if plan.of_resource(resources.GROUP_SOCKET):
        is_dockers = opens_for_docker(read_opener(observed.files), after)
        _open_socket(after.gid if is_dockers else None)
    changes = members or plan.of_resource(resources.GROUP_GROUP)
    return tuple(session_notes(group, after, entering)) if changes else ()


def _mended(plan: Plan, resource: str) -> bool:
    return any(not each.only_reported for each in plan.of_resource(resource))


def _make_group(gid: int, observed: Observation) -> None:
    seen = observed.group
    number = ["--gid", str(gid)] if gid else []
    if seen is None or seen.gid is None:
        command.run(["groupadd", "--system"] + number + [DOCKER_GROUP])
        return
    command.run(["groupmod"] + number + [DOCKER_GROUP])
    if observed.files.get(DOCKER_SOCKET, FileObserved()).group == seen.gid:
        _open_socket(gid)


def _open_socket(gid: Optional[int]) -> None:
    """Open the socket to root and one group alone; None keeps the group that it has."""
    try:
        # Only a socket is touched: no other kind of file of that name, and nothing that a link
        # leads to.
        if not stat.S_ISSOCK(os.lstat(DOCKER_SOCKET).st_mode):
            return
        if ACCESS_LIST in os.listxattr(DOCKER_SOCKET, follow_symlinks=False):
            # The list goes before the mode is set: with a list, the mode's group bits are its mask
            # (acl(5)).
            os.removexattr(DOCKER_SOCKET, ACCESS_LIST, follow_symlinks=False)
        os.chown(DOCKER_SOCKET, 0, -1 if gid is None else gid)
        os.chmod(DOCKER_SOCKET, SOCKET_MODE)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ApplyFailed("%s could not be given away: %s." % (DOCKER_SOCKET, error.strerror))
