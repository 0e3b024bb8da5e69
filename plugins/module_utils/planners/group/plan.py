# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the docker group: its GID, its members, and the socket that it can open."""

from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ...words import impacts, resources
from ...words.declarations.group import GroupDeclaration
from ...words.declarations.host import Declaration
from ...words.declared import Declared, declare_anywhere, declare_at, record_key
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import DOCKER_GROUP
from ...words.observations.docker.group import GroupLook, GroupObserved, SessionObserved
from ...words.observations.host import Applied, FileObserved, Look, Observation
from ...words.paths import DAEMON_JSON, DOCKER_SOCKET
from ..listening.docker_socket import (
    SOCKET_FILES,
    SOCKET_GLOBS,
    SOCKET_MODE,
    SocketOpener,
    disagreements,
    read_opener,
)
from ..units.docker_unit import DROP_IN_GLOBS, UNIT_FILES
from .shadow import IS_MEMBER, IS_NONE, ROLE, SHADOW_DECLARED, shadow_differences

IGNORE = "docker_group_ignore_missing_users"
_SOCKET_WANTED = "mode %04o, owner root:%%s" % SOCKET_MODE
_UNKEPT = "the group docker is not in /etc/group: another name service has it (nsswitch.conf(5))."


def look_at_group(declaration: GroupDeclaration) -> Look:
    """Say what to look at for the group's plan."""
    return Look(
        files=(DOCKER_SOCKET, DAEMON_JSON) + UNIT_FILES + SOCKET_FILES,
        globs=DROP_IN_GLOBS + SOCKET_GLOBS,
        group=GroupLook(declaration.members, declaration.gid),
    )


def plan_group(declaration: Declaration, observed: Observation) -> Plan:
    """Compare the group with what is declared."""
    group, seen = declaration.group, observed.group
    if seen is None:
        return Plan()
    opener = read_opener(observed.files)
    missing = [name for name in group.members if name not in seen.users]
    differences = list(_group(group, seen))
    if missing and not group.ignore_missing_users:
        differences.append(_missing(missing))
    differences.extend(_lacking(group, seen))
    differences.extend(_unlisted(group, seen, observed.applied))
    differences.extend(shadow_differences(group, seen, observed.applied))
    socket = observed.files.get(DOCKER_SOCKET, FileObserved())
    differences.extend(_socket(seen, opener, socket, group.gid or seen.gid))
    notes = list(_notes(group, seen, opener, missing))
    return Plan(
        differences=tuple(differences),
        declared=tuple(_declarations(group, seen, missing)),
        notes=tuple(notes),
    )


def opens_for_docker(opener: SocketOpener, seen: GroupObserved) -> bool:
    """Whether the socket belongs to the group docker, or to another by dockerd's configuration."""
    return opener.group in (DOCKER_GROUP, str(seen.gid))


def session_notes(
    declaration: GroupDeclaration, seen: GroupObserved, entering: Sequence[str] = ()
) -> Iterator[str]:
    """Say which running sessions have other groups than their user has by now.

    A process keeps the groups with which it was started (credentials(7)). Users who are
    ``entering`` the group are told so even if they have no session.
    """
    for name in declaration.members:
        without = [each for each in seen.sessions if each.user == name and not each.has_group]
        if without:
            told = "%s is in the group docker from the next login on: these running sessions are "
            yield (told + "without it: %s.") % (name, _spoken(without))
    idle = [name for name in entering if name not in {each.user for each in seen.sessions}]
    if idle:
        yield "In the group docker from the next login on: %s." % ", ".join(idle)
    inside = set(seen.members + seen.members_elsewhere + seen.primary_members)
    outside: Dict[str, List[SessionObserved]] = {}
    for each in seen.sessions:
        if each.has_group and each.user not in inside:
            outside.setdefault(each.user, []).append(each)
    for name, having in outside.items():
        told = "%s is not in the group docker, and these running sessions have it until they end: "
        yield (told + "%s.") % (name, _spoken(having))


def _group(declaration: GroupDeclaration, seen: GroupObserved) -> Iterator[Difference]:
    wanted = declaration.gid
    if seen.gid is not None and wanted in (0, seen.gid):
        return
    refusal = None
    if wanted and seen.gid_holder:
        refusal = Refusal(
            found="docker_group_gid is %d, and the group %s has that GID."
            % (wanted, seen.gid_holder),
            remedy="Set docker_group_gid to another number, or run `groupmod --gid` to give %s "
            "another." % seen.gid_holder,
        )
    elif wanted and set(seen.gid_users) - set(declaration.members):
        users = ", ".join(name for name in seen.gid_users if name not in declaration.members)
        refusal = Refusal(
            found="docker_group_gid is %d, and that is the primary group of %s, though no group "
            "has it: they would be root." % (wanted, users),
            remedy="Set docker_group_gid to another number, or run `usermod --gid` to give them "
            "another group.",
        )
    elif not seen.is_local:
        refusal = Refusal(
            found=_UNKEPT, remedy="Give it GID %d there, or take docker_group_gid out." % wanted
        )
    if seen.gid is None:
        sentence = "create the group docker"
        sentence += " with GID %d" % wanted if wanted else ""
    else:
        sentence = "give the group docker GID %d in the place of %d" % (wanted, seen.gid)
    yield Difference(
        resource=resources.GROUP_GROUP,
        role=ROLE,
        path=DOCKER_GROUP,
        expected="GID %d" % wanted if wanted else "a group of the system",
        actual="absent" if seen.gid is None else "GID %d" % seen.gid,
        impact=impacts.NONE,
        sentence=sentence,
        refusal=refusal,
    )


def _missing(names: Sequence[str]) -> Difference:
    spoken = ", ".join(names)
    return _member(
        spoken,
        IS_MEMBER,
        "no such user",
        "%s cannot be put into the group docker" % spoken,
        Refusal(
            found="docker_group_members names users that this host does not know: %s." % spoken,
            remedy="Create them, take them out, or set %s to pass over them." % IGNORE,
            consent=IGNORE,
        ),
    )


def _lacking(declaration: GroupDeclaration, seen: GroupObserved) -> Iterator[Difference]:
    """Name declared members that are not in the group."""
    unkept = None
    if not seen.is_local:
        unkept = Refusal(
            found=_UNKEPT,
            remedy="Put the member into it there, or take the name out of docker_group_members.",
        )
    changes = seen.gid is not None and declaration.gid not in (0, seen.gid)
    for name in declaration.members:
        user = seen.users.get(name)
        # groupmod(8) changes the primary group's GID only for users in /etc/passwd.
        by_primary = name in seen.primary_members and not (
            changes and user is not None and not user.is_local
        )
        # A group with the same GID keeps the old one.
        by_group = name in seen.members_elsewhere and not (changes and name in seen.same_gid)
        if user is None or by_primary or by_group or name in seen.members:
            continue
        sentence = "put %s into the group docker, which is root" % name
        yield _member(name, IS_MEMBER, IS_NONE, sentence, unkept)


def _unlisted(
    declaration: GroupDeclaration, seen: GroupObserved, applied: Applied
) -> Iterator[Difference]:
    """Name undeclared members: those whom we added go, others only where that is declared."""
    everybody = seen.members + seen.members_elsewhere + seen.primary_members
    for name in dict.fromkeys(everybody):
        if name in declaration.members:
            continue
        is_ours = record_key(resources.GROUP_MEMBER, name) in applied.digests
        who = "%s, who is no user of this host," % name if name in seen.unknown_members else name
        if name in seen.members and (declaration.exclusive or is_ours):
            unkept = None
            if not seen.is_local:
                unkept = Refusal(
                    found=_UNKEPT,
                    remedy="Take %s out there, or name %s in docker_group_members." % (name, name),
                )
            sentence = "take %s out of the group docker, which is root" % who
            yield _member(name, IS_NONE, IS_MEMBER, sentence, unkept)
        else:
            yield _reported(name, who, seen)


def _reported(name: str, who: str, seen: GroupObserved) -> Difference:
    told = "%s is in the group docker, which is root, %s. "
    undeclared = "and docker_group_members does not name %s" % name
    if name in seen.members and seen.is_local:
        actual, how = IS_MEMBER, undeclared
        cure = "docker_group_exclusive: true takes %s out." % name
    elif name in seen.primary_members:
        actual, how = "a member by primary group", "by primary group, " + undeclared
        cure = "`usermod --gid` with another group takes that away; no run does."
    elif name in seen.same_gid:
        group = seen.same_gid[name]
        actual = "a member by the group %s" % group
        how = "by the group %s, which has the same GID, " % group + undeclared
        cure = "Take %s out of %s, or give that group another GID; no run does." % (name, group)
    else:
        actual, how = "a member by another name service", "by another name service, " + undeclared
        cure = "Take that away where it is kept (nsswitch.conf(5)); no run does."
    difference = _member(name, IS_NONE, actual, told % (who, how) + cure)
    return difference._replace(only_reported=True)


def _member(
    name: str, expected: str, actual: str, sentence: str, refusal: Optional[Refusal] = None
) -> Difference:
    return Difference(
        resource=resources.GROUP_MEMBER,
        role=ROLE,
        path=name,
        expected=expected,
        actual=actual,
        impact=impacts.NONE,
        sentence=sentence,
        refusal=refusal,
    )


def _socket(
    seen: GroupObserved, opener: SocketOpener, file: FileObserved, gid: Optional[int]
) -> Iterator[Difference]:
    """Compare the socket, if there is one; what a unit file says of it is refused or followed.

    ``gid`` is the one that the group has or will have.
    """
    found = disagreements(opener.settings, gid) if opener.settings else []
    if found:
        said = ", ".join("%s=%s (%s)" % (name, each.value, each.place) for name, each in found)
        refusal = Refusal(
            found="docker.socket would not be opened for the group docker alone, by %s." % said,
            remedy="Take that out and run `systemctl daemon-reload`: by it systemd makes the "
            "socket so at every start.",
        )
        sentence = "%s cannot be kept for the group docker" % DOCKER_SOCKET
        actual = ", ".join("%s=%s" % (name, each.value) for name, each in found)
        yield _of_socket(DOCKER_GROUP, actual, sentence, refusal)
        return
    if file.kind != "other":
        return
    is_dockers = opens_for_docker(opener, seen)
    wanted = seen.gid if is_dockers else file.group
    if (file.mode, file.owner, file.group) == (SOCKET_MODE, 0, wanted) and not seen.socket_list:
        return
    actual = "mode %04o, owner %d:%d" % (file.mode, file.owner, file.group)
    if seen.socket_list:
        actual += ", and in its access control list " + ", ".join(seen.socket_list)
    group = DOCKER_GROUP if is_dockers else opener.group or "root"
    sentence = "give %s back its mode, its owner and its group" % DOCKER_SOCKET
    if seen.socket_list:
        sentence += ", and take its access control list away"
    yield _of_socket(group, actual, sentence)


def _of_socket(
    group: str, actual: str, sentence: str, refusal: Optional[Refusal] = None
) -> Difference:
    expected = _SOCKET_WANTED % group
    return Difference(
        resource=resources.GROUP_SOCKET,
        role=ROLE,
        path=DOCKER_SOCKET,
        expected=expected,
        actual=actual,
        impact=impacts.NONE,
        sentence=sentence,
        refusal=refusal,
    )


def _declarations(
    declaration: GroupDeclaration, seen: GroupObserved, missing: Sequence[str]
) -> Iterator[Declared]:
    yield declare_at(
        resource=resources.GROUP_GROUP, role=ROLE, path=DOCKER_GROUP, wanted=declaration.gid
    )
    for name in declaration.members:
        if name in seen.users or name in seen.members:
            yield declare_at(
                resource=resources.GROUP_MEMBER, role=ROLE, path=name, wanted=IS_MEMBER
            )
    if missing and not declaration.ignore_missing_users:
        yield declare_at(
            resource=resources.GROUP_MEMBER, role=ROLE, path=", ".join(missing), wanted=IS_MEMBER
        )
    yield declare_anywhere(resource=resources.GROUP_MEMBER, role=ROLE, wanted=declaration.exclusive)
    yield from SHADOW_DECLARED
    yield declare_at(
        resource=resources.GROUP_SOCKET,
        role=ROLE,
        path=DOCKER_SOCKET,
        wanted=_SOCKET_WANTED % DOCKER_GROUP,
    )


def _notes(
    declaration: GroupDeclaration,
    seen: GroupObserved,
    opener: SocketOpener,
    missing: Sequence[str],
) -> Iterator[str]:
    if missing and declaration.ignore_missing_users:
        yield (
            "docker_group_members names users that this host does not know, and they were passed "
            "over: %s." % ", ".join(missing)
        )
    if opener.unheeded:
        yield (
            "The group %s in %s has no effect: the socket is made by docker.socket, by its "
            "SocketGroup." % (opener.unheeded, DAEMON_JSON)
        )
    if not opens_for_docker(opener, seen):
        yield (
            "dockerd gives its socket to the group %s, by its own configuration: the group docker "
            "opens nothing." % (opener.group or "root")
        )
    yield from session_notes(declaration, seen)


def _spoken(sessions: Sequence[SessionObserved]) -> str:
    def words(session: SessionObserved) -> Tuple[str, ...]:
        return tuple(word for word in (session.program, session.terminal) if word)

    return ", ".join("%d (%s)" % (each.leader, ", ".join(words(each))) for each in sessions)
