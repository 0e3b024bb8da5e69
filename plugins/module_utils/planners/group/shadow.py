# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan what /etc/gshadow adds to the docker group: administrators, hidden members, a password.

newgrp(1) uses its members and password in place of those in /etc/group (shadow, src/newgrp.c). An
administrator can add anybody, also himself (gpasswd(1)).
"""

from typing import Iterator, Optional, Tuple

from ...words import impacts, resources
from ...words.declarations.group import GroupDeclaration
from ...words.declared import declare_anywhere, record_key
from ...words.difference import Difference
from ...words.docker_names import DOCKER_GROUP
from ...words.observations.docker.group import GroupObserved, ShadowObserved
from ...words.observations.host import Applied
from ...words.resources import Resource

ROLE = "docker_group"
IS_MEMBER, IS_NONE = "a member", "no member"
_EXCLUSIVE = "docker_group_exclusive: true"
SHADOW_DECLARED = (
    declare_anywhere(resource=resources.GROUP_ADMINISTRATOR, role=ROLE, wanted="none but members"),
    declare_anywhere(resource=resources.GROUP_PASSWORD, role=ROLE, wanted="none"),
)


def shadow_differences(
    declaration: GroupDeclaration, seen: GroupObserved, applied: Applied
) -> Iterator[Difference]:
    """Name who gets into the group by /etc/gshadow; with exclusive it is mended."""
    listed = seen.members + seen.members_elsewhere + seen.primary_members
    for shadow in seen.shadows:
        for name in shadow.members:
            if name not in declaration.members and name not in listed:
                yield _hidden(name, shadow, declaration, applied)
        for name in undeclared_administrators(declaration, shadow):
            yield _administrator(name, shadow, declaration)
        if shadow.has_password:
            yield _password(shadow, declaration)


def undeclared_administrators(
    declaration: GroupDeclaration, shadow: ShadowObserved
) -> Tuple[str, ...]:
    """Give the administrators who are no declared members; declared ones can become root anyway."""
    return tuple(
        name for name in shadow.administrators if name not in declaration.members and name != "root"
    )


def shadow_of_docker(seen: Optional[GroupObserved]) -> ShadowObserved:
    """Give what /etc/gshadow says of docker itself."""
    shadows = seen.shadows if seen is not None else ()
    return next(
        (each for each in shadows if each.group == DOCKER_GROUP), ShadowObserved(DOCKER_GROUP)
    )


def _hidden(
    name: str, shadow: ShadowObserved, declaration: GroupDeclaration, applied: Applied
) -> Difference:
    is_ours = record_key(resources.GROUP_MEMBER, name) in applied.digests
    actual = "a member by /etc/gshadow"
    if shadow.group == DOCKER_GROUP and (declaration.exclusive or is_ours):
        sentence = "take %s out of the group docker in /etc/gshadow, by which newgrp lets %s in"
        return _difference(
            resources.GROUP_MEMBER,
            name,
            expected=IS_NONE,
            actual=actual,
            sentence=sentence % (name, name),
        )
    told = (
        "%s is in the group %s, which is root, by /etc/gshadow, and docker_group_members does not "
        "name %s. newgrp goes by that file. " % (name, _spoken(shadow), name)
    )
    cure = "`gpasswd --delete %s %s` takes %s out; no run does." % (name, shadow.group, name)
    if shadow.group == DOCKER_GROUP:
        cure = "%s takes %s out." % (_EXCLUSIVE, name)
    return _reported(
        resources.GROUP_MEMBER, name, expected=IS_NONE, actual=actual, sentence=told + cure
    )


def _administrator(name: str, shadow: ShadowObserved, declaration: GroupDeclaration) -> Difference:
    actual = "an administrator of the group %s" % shadow.group
    expected = "no administrator"
    if shadow.group == DOCKER_GROUP and declaration.exclusive:
        sentence = "take %s from the administrators of the group docker, who can put anybody in"
        return _difference(
            resources.GROUP_ADMINISTRATOR,
            name,
            expected=expected,
            actual=actual,
            sentence=sentence % name,
        )
    told = (
        "%s is an administrator of the group %s, which is root, and can join it; "
        "docker_group_members does not name %s. " % (name, _spoken(shadow), name)
    )
    cure = "`gpasswd --administrators '' %s` takes all of them away; no run does." % shadow.group
    if shadow.group == DOCKER_GROUP:
        cure = "%s takes that from %s." % (_EXCLUSIVE, name)
    return _reported(
        resources.GROUP_ADMINISTRATOR, name, expected=expected, actual=actual, sentence=told + cure
    )


def _password(shadow: ShadowObserved, declaration: GroupDeclaration) -> Difference:
    expected, actual = "no password", "a password"
    if shadow.group == DOCKER_GROUP and declaration.exclusive:
        sentence = "take the password of the group docker away, with which newgrp lets anybody in"
        return _difference(
            resources.GROUP_PASSWORD,
            shadow.group,
            expected=expected,
            actual=actual,
            sentence=sentence,
        )
    told = (
        "the group %s, which is root, has a password, with which newgrp lets anybody in. "
        % _spoken(shadow)
    )
    cure = "`gpasswd --restrict %s` takes it away; no run does." % shadow.group
    if shadow.group == DOCKER_GROUP:
        cure = "%s takes it away." % _EXCLUSIVE
    return _reported(
        resources.GROUP_PASSWORD,
        shadow.group,
        expected=expected,
        actual=actual,
        sentence=told + cure,
    )


def _spoken(shadow: ShadowObserved) -> str:
    same = "" if shadow.group == DOCKER_GROUP else " (the same GID as docker)"
    return shadow.group + same


def _difference(
    resource: Resource, path: str, *, expected: str, actual: str, sentence: str
) -> Difference:
    return Difference(
        resource=resource,
        role=ROLE,
        path=path,
        expected=expected,
        actual=actual,
        impact=impacts.NONE,
        sentence=sentence,
    )


def _reported(
    resource: Resource, path: str, *, expected: str, actual: str, sentence: str
) -> Difference:
    difference = _difference(resource, path, expected=expected, actual=actual, sentence=sentence)
    return difference._replace(only_reported=True)
