# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at the ways to the daemon, and at every folder on the way to a trusted path."""

import glob
import os
import re
import stat
from typing import Dict, Iterable, Iterator, List, Mapping, Set, Tuple

from ...words.docker_names import DOCKERD
from ...words.observations.docker.access import (
    UNIT_FOLDERS,
    AccessLook,
    AccessObserved,
    PathObserved,
)
from ...words.observations.host import FileObserved, UnitObserved
from ...words.paths import DAEMON_JSON
from ...words.unit_lines import assigned, environment_files, said_in
from ..daemon.daemon import DaemonSilent, observe_published
from ..host.command import CommandFailed, read
from ..host.files import kind_of, parse_json, read_text
from ..listening.listeners import daemon_process, observe_listeners, observe_relays, read_arguments
from . import access_control

# Where links lead in a circle, the kernel gives up after as many (path_resolution(7)).
_HOPS = 40
_OTHERS_WRITE, _GROUP_WRITES = 0o002, 0o020
_QUOTED = re.compile(r"^\$?([\"'])(.*)\1$")
# Paths in a command line: a program, or what a flag names, such as a key or a configuration file.
_PATH = re.compile(r"(?<![^\s=@:+!|\"'-])(/[^\s\\\"':;,$%]+)")
_OF_UNITS = re.compile(r"/systemd/[^/]+/.*\.(service|socket|conf)$")


def find_sockets(service: str, files: Mapping[str, FileObserved]) -> Tuple[str, ...]:
    """Give the files of socket units that may belong to the service, by its name or theirs."""
    named = [
        each for text in _units_of(service, files) for each in assigned(text, "Service", "Sockets")
    ]
    services = find_aliases(service) + find_relays(service) + (service,)
    wanted = set(" ".join(named).split()) | {_socket_of(name) for name in services}
    needles = [name[: -len(".service")] for name in services]
    found: List[str] = []
    for folder in UNIT_FOLDERS:
        for path in sorted(glob.glob(folder + "/*.socket")):
            if os.path.basename(path) in wanted or _speaks_of(read_text(path), needles):
                found.append(path)
        for path in sorted(glob.glob(folder + "/*socket.d/*.conf")):
            unit = os.path.basename(os.path.dirname(path))[: -len(".d")]
            if unit in wanted or _speaks_of(unit + read_text(path), needles):
                found.append(path)
    # A drop-in that does not name Docker can change a unit that does, and the other way round.
    names = {os.path.basename(path) for path in found if path.endswith(".socket")}
    names |= {os.path.basename(os.path.dirname(each))[:-2] for each in found if ".d/" in each}
    for folder in UNIT_FOLDERS:
        for name in sorted(names):
            path = "%s/%s" % (folder, name)
            found.extend([path] if os.path.lexists(path) else [])
            found.extend(sorted(glob.glob("%s/%s.d/*.conf" % (folder, name))))
    return tuple(dict.fromkeys(found))


def find_relays(service: str) -> Tuple[str, ...]:
    """Name services that an administrator starts with Docker's socket on their command line."""
    found: Set[str] = set()
    for folder in UNIT_FOLDERS:
        # A package answers for its own units.
        if not folder.startswith(("/usr/lib/", "/lib/")):
            for path in glob.glob(folder + "/*.service"):
                name = os.path.basename(path)
                if name != service and "/docker.sock" in " ".join(commands_in(read_text(path))):
                    found.add(name)
    return tuple(sorted(found))


def find_aliases(service: str) -> Tuple[str, ...]:
    """Find a service's further names, which are links in the unit folders."""
    found: Set[str] = set()
    for folder in UNIT_FOLDERS:
        try:
            entries = [each for each in os.scandir(folder) if each.is_symlink()]
        except OSError:
            continue
        for each in entries:
            if os.path.basename(os.readlink(each.path)) == service and each.name != service:
                found.add(each.name)
    return tuple(sorted(found))


def observe_access(
    look: AccessLook,
    files: Mapping[str, FileObserved],
    units: Mapping[str, UnitObserved],
    answers: bool,
) -> AccessObserved:
    """Look at the daemon's process, at what its unit reads, and at what root trusts.

    ``answers`` tells that the daemon answers, so it may be asked for its containers' ports.
    """
    unit = units.get(look.service, UnitObserved())
    pid = daemon_process(unit.main_pid, DOCKERD) if unit.main_pid else 0
    listeners = observe_listeners(pid) if pid else ()
    published: Tuple[int, ...] = ()
    if answers and any(each.kind == "tcp" for each in listeners):
        try:
            published = observe_published()
        except DaemonSilent:
            published = ()
    texts = _units_of(look.service, files)
    environments = _environment_files(texts)
    trusted = list(look.paths)
    trusted.extend(path for pattern in look.globs for path in sorted(glob.glob(pattern)))
    trusted.extend(path for path in files if _OF_UNITS.search(path))
    trusted.extend(environments)
    arguments = read_arguments(pid) if pid else ()
    commands = [each for text in texts for each in commands_in(text)]
    trusted.extend(path for each in commands + list(arguments) for path in _PATH.findall(each))
    trusted.extend(_paths_in(files.get(DAEMON_JSON, FileObserved()).text))
    return AccessObserved(
        paths=observe_paths(trusted),
        pid=pid,
        arguments=arguments,
        listeners=listeners,
        published=published,
        aliases=find_aliases(look.service),
        environment_files=environments,
        manager_environment=_manager_environment() if any("$" in text for text in texts) else {},
        relays=observe_relays(),
        relay_services=find_relays(look.service),
    )


def observe_paths(trusted: Iterable[str]) -> Dict[str, PathObserved]:
    """Look at each path, and at every existing folder and link on the way to it.

    If a path does not exist, whoever can write to the last folder can create it.
    """
    found: Dict[str, PathObserved] = {}
    for path in dict.fromkeys(trusted):
        for hop in hops(path):
            if hop not in found:
                found[hop] = _observe_path(hop, path)
    return found


def hops(path: str) -> Iterator[str]:
    """Give every path on the way to one, from / on, and on to where links lead."""
    waiting, here, seen = _parts(path), "/", 0
    yield here
    while waiting and seen <= _HOPS:
        part = waiting.pop(0)
        if part == "..":
            here = os.path.dirname(here)
            continue
        there = os.path.join(here, part)
        if not os.path.lexists(there):
            return
        yield there
        if os.path.islink(there):
            seen += 1
            target = os.readlink(there)
            here = "/" if target.startswith("/") else here
            waiting = _parts(target) + waiting
        else:
            here = there


def _parts(path: str) -> List[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _observe_path(path: str, leads_to: str) -> PathObserved:
    try:
        status = os.lstat(path)
    except OSError:
        return PathObserved("other", leads_to=leads_to)
    kind, mode = kind_of(status.st_mode), stat.S_IMODE(status.st_mode)
    if kind == "link":
        mode = 0
    by_group = bool(mode & _GROUP_WRITES)
    return PathObserved(
        kind=kind,
        mode=mode,
        owner=status.st_uid,
        group=status.st_gid,
        owner_name=access_control.user_name(status.st_uid) if status.st_uid else "root",
        group_name=access_control.group_name(status.st_gid) if status.st_gid else "root",
        # Without write permission for the group, the mask allows no named entry to write (acl(5)).
        writers=access_control.writers(path) if by_group else (),
        heirs=access_control.writers(path, access_control.DEFAULT_LIST)
        if kind == "directory"
        else (),
        has_members=by_group
        and bool(status.st_gid)
        and bool(access_control.members_of(status.st_gid)),
        leads_to=leads_to,
    )


def commands_in(text: str) -> List[str]:
    """Give every command line by which a unit file has a service started, stopped or prepared."""
    return [each.value for each in said_in("Service", text) if each.name.startswith("Exec")]


def _units_of(service: str, files: Mapping[str, FileObserved]) -> List[str]:
    """Give the texts of a service's files, with those for every service."""
    return [
        file.text
        for path, file in files.items()
        if file.text
        and ("/%s.d/" % service in path or "/service.d/" in path or path.endswith("/" + service))
    ]


def _environment_files(texts: Iterable[str]) -> Dict[str, str]:
    patterns = [each for text in texts for each in environment_files(text)]
    paths = [path for each in patterns for path in sorted(glob.glob(each))]
    return {path: read_text(path) for path in dict.fromkeys(paths)}


def _manager_environment() -> Dict[str, str]:
    """Read the variables that systemd gives every service (`systemctl set-environment`)."""
    try:
        output = read(["systemctl", "show-environment"])
    except CommandFailed:
        return {}
    return parse_environment(output.stdout)


def parse_environment(text: str) -> Dict[str, str]:
    """Read the output of `systemctl show-environment`, which is quoted as for a shell."""
    found: Dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        quoted = _QUOTED.match(value)
        if equals:
            found[name] = re.sub(r"\\(.)", r"\1", quoted.group(2)) if quoted else value
    return found


def _paths_in(text: str) -> List[str]:
    """Give every path that daemon.json names: of programs, of keys, of profiles."""
    try:
        waiting: List[object] = [parse_json(text)]
    except (ValueError, RecursionError):
        return []
    found: List[str] = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and value.startswith("/") and "\0" not in value:
            found.append(value)
    return found


def _speaks_of(text: str, needles: Iterable[str]) -> bool:
    return any(each in text for each in needles)


def _socket_of(service: str) -> str:
    return service[: -len(".service")] + ".socket"
