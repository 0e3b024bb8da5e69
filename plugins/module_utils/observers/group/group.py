# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at the docker group, at its members by every name service, and at running sessions."""

import grp
import os
import pwd
from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple

from ...words.docker_names import DOCKER_GROUP
from ...words.observations.docker.group import (
    GroupLook,
    GroupObserved,
    SessionObserved,
    ShadowObserved,
    UserObserved,
)
from ...words.paths import DOCKER_SOCKET
from ..host.files import read_text
from ..trust import access_control

# Major device numbers of pseudo-terminals and consoles (proc(5), stat; the kernel's devices.txt).
_PTS_MAJORS = range(136, 144)
_TTY_MAJOR = 4
_FIRST_SERIAL = 64


class Process(NamedTuple):
    """A process as proc(5) tells it; ``session`` is the id of its leader."""

    program: str
    state: str
    session: int
    terminal: str


def observe_group(look: GroupLook) -> GroupObserved:
    """Look at the group docker; users that name services do not enumerate are asked for by name."""
    try:
        entry: Optional[grp.struct_group] = grp.getgrnam(DOCKER_GROUP)
    except KeyError:
        entry = None
    gid = entry.gr_gid if entry is not None else None
    listed = tuple(dict.fromkeys(entry.gr_mem)) if entry is not None else ()
    local = members_in(read_text("/etc/group"))
    local_users = names_in(read_text("/etc/passwd"))
    known = {each.pw_name: each for each in pwd.getpwall()}
    users: Dict[str, UserObserved] = {}
    for name in look.members:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        known[name] = user
        users[name] = UserObserved(user.pw_uid, user.pw_gid, name in local_users)
    primary = tuple(sorted(name for name, each in known.items() if each.pw_gid == gid))
    members = listed if local is None else local
    # A process gets the GID, whichever entry of whichever service names it (initgroups(3)).
    by_group = _by_group(gid) if gid is not None else {}
    joined = [name for name, each in users.items() if gid in os.getgrouplist(name, each.gid)]
    elsewhere = [name for name in listed if name not in members]
    elsewhere.extend(
        name for name in list(by_group) + joined if name not in members + listed + primary
    )
    holder = _holder(look.gid) if look.gid and look.gid != gid else ""
    asks = bool(look.gid) and look.gid != gid and not holder
    watched = {user.uid: name for name, user in reversed(list(users.items())) if user.uid}
    return GroupObserved(
        gid=gid,
        is_local=local is not None or gid is None,
        members=members,
        members_elsewhere=tuple(dict.fromkeys(elsewhere)),
        primary_members=primary,
        unknown_members=tuple(name for name in members if name not in known and _is_unknown(name)),
        users=users,
        gid_holder=holder,
        gid_users=tuple(
            sorted(name for name, each in known.items() if asks and each.pw_gid == look.gid)
        ),
        same_gid={
            name: group
            for name, group in by_group.items()
            if group != DOCKER_GROUP and name in elsewhere and name not in listed
        },
        sessions=observe_sessions(watched, gid),
        shadows=shadows_in(read_text("/etc/group"), read_text("/etc/gshadow"), gid),
        socket_list=_socket_list(gid),
    )


def members_in(text: str) -> Optional[Tuple[str, ...]]:
    """Give the members that group(5) lists for docker; None where it has no such group."""
    for line in text.split("\n"):
        fields = line.split(":")
        if fields[0] == DOCKER_GROUP and len(fields) > 3:
            return _names(fields[3])
    return None


def shadows_in(text: str, shadow: str, gid: Optional[int]) -> Tuple[ShadowObserved, ...]:
    """Give what gshadow(5) adds to the groups of this GID in group(5)."""
    if gid is None:
        return ()
    found = []
    # Of several entries of one name the first counts.
    shadowed = {fields[0]: fields for fields in reversed(_fields(shadow, 4))}
    for fields in _fields(text, 4):
        if fields[2] != str(gid):
            continue
        name, passwords = fields[0], [fields[1]]
        administrators: Tuple[str, ...] = ()
        members: Tuple[str, ...] = ()
        if name in shadowed:
            passwords.append(shadowed[name][1])
            administrators = _names(shadowed[name][2])
            members = tuple(
                each for each in _names(shadowed[name][3]) if each not in _names(fields[3])
            )
        # Words that are no password: another file has it, or none can be right.
        has_password = any(each and each != "x" and each[0] not in "!*" for each in passwords)
        if administrators or members or has_password:
            found.append(
                ShadowObserved(
                    group=name,
                    administrators=administrators,
                    members=members,
                    has_password=has_password,
                )
            )
    return tuple(found)


def _fields(text: str, count: int) -> List[List[str]]:
    lines = [line.split(":") for line in text.split("\n")]
    return [fields for fields in lines if len(fields) >= count]


def _names(text: str) -> Tuple[str, ...]:
    names = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _socket_list(gid: Optional[int]) -> Tuple[str, ...]:
    """Name whom the socket's access control list admits besides root and the group."""
    return tuple(
        "%s:%s" % (access_control.spoken(each), access_control.permitted(each))
        for each in access_control.read_entries(DOCKER_SOCKET)
        if each.number and not (each.is_group and each.number == gid)
    )


def names_in(text: str) -> Tuple[str, ...]:
    """Give the names of the users in passwd(5)."""
    return tuple(line.split(":")[0] for line in text.split("\n") if ":" in line)


def observe_sessions(
    watched: Mapping[int, str], gid: Optional[int], proc: str = "/proc"
) -> Tuple[SessionObserved, ...]:
    """Give sessions by UID: of watched users without the group, and of anybody with it.

    A container's processes can have the same numbers but are nobody's session. They are left out by
    their PID namespace (pid_namespaces(7)).
    """
    found: Dict[Tuple[str, int, bool], SessionObserved] = {}
    own = _pid_namespace(proc, "self")
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdigit()):
        uid, groups = _credentials(read_text("%s/%d/status" % (proc, pid)))
        has_group = gid is not None and gid in groups
        # Root needs no group.
        if not uid or not (has_group or uid in watched):
            continue
        process = parse_stat(read_text("%s/%d/stat" % (proc, pid)))
        if process is None or process.state in "ZX" or _pid_namespace(proc, str(pid)) != own:
            continue
        leader = parse_stat(read_text("%s/%d/stat" % (proc, process.session)))
        # su leaves its user in the caller's session, so the user's first process stands for it.
        led_by, _groups = _credentials(read_text("%s/%d/status" % (proc, process.session)))
        is_theirs = leader is not None and led_by == uid
        session = SessionObserved(
            user=watched.get(uid) or _name_of(uid),
            leader=process.session if is_theirs else pid,
            program=leader.program if leader is not None and is_theirs else process.program,
            terminal=process.terminal,
            has_group=has_group,
        )
        key = (session.user, process.session if leader is not None else pid, has_group)
        found.setdefault(key, session)
    return tuple(found.values())


def parse_stat(text: str) -> Optional[Process]:
    """Read /proc/PID/stat; None where the process has ended. A program's name may hold anything."""
    before, parenthesis, after = text.rpartition(")")
    fields = after.split()
    if not parenthesis or len(fields) < 5:
        return None
    program = before.partition("(")[2]
    return Process(
        program=program,
        state=fields[0],
        session=int(fields[3]),
        terminal=terminal_of(int(fields[4])),
    )


def terminal_of(number: int) -> str:
    """Name a terminal by its device's number (proc(5), tty_nr); empty for no terminal."""
    major = (number >> 8) & 0xFFF
    minor = (number & 0xFF) | ((number >> 12) & 0xFFF00)
    if major in _PTS_MAJORS:
        return "pts/%d" % (minor + 256 * (major - _PTS_MAJORS[0]))
    if major == _TTY_MAJOR:
        serial = minor >= _FIRST_SERIAL
        return "ttyS%d" % (minor - _FIRST_SERIAL) if serial else "tty%d" % minor
    return ""


def _credentials(status: str) -> Tuple[int, Tuple[int, ...]]:
    """Give a process's real UID and all its groups; 0 where it has ended."""
    fields = dict(line.partition(":")[::2] for line in status.split("\n"))
    uids = fields.get("Uid", "").split()
    groups = (fields.get("Groups", "") + " " + fields.get("Gid", "")).split()
    return int(uids[0]) if uids else 0, tuple(int(each) for each in groups)


def _pid_namespace(proc: str, pid: str) -> str:
    try:
        return os.readlink("%s/%s/ns/pid" % (proc, pid))
    except OSError:
        return ""


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _by_group(gid: int) -> Dict[str, str]:
    """Give the users whom a group of this GID lists, and its name; docker's own comes first."""
    entries = [each for each in grp.getgrall() if each.gr_gid == gid]
    found: Dict[str, str] = {}
    for each in sorted(entries, key=lambda entry: entry.gr_name != DOCKER_GROUP):
        for name in each.gr_mem:
            found.setdefault(name, each.gr_name)
    return found


def _holder(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""


def _is_unknown(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return True
    return False
