# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find daemons other than docker.service's: processes of dockerd and containerd, by any name.

No socket is opened: running containers are known from shims, held data from the data-root.
"""

import os
import pwd
import re
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.docker.daemons import (
    CONTAINER,
    CONTAINERD,
    DOCKERD,
    MOUNTS,
    OTHER,
    ROOTLESS,
    HeldObserved,
    OtherDaemonObserved,
)
from ...words.paths import DOCKER_SOCKET
from ..host import command, processes
from ..host.files import read_text
from ..host.processes import Process
from ..units.units import parse_show
from .settings import (
    DaemonSettings,
    containerd_settings,
    defaults_of,
    dockerd_settings,
    held_by,
    own_pid_file,
)

# The units whose processes are the engine's own.
OWN_UNITS = (DOCKER_SERVICE, CONTAINERD_SERVICE)
# Arguments with which dockerd and containerd do something else than serve.
_IN_PASSING = {
    DOCKERD: ("--version", "-v", "--validate", "--validate=true", "--help", "-h"),
    CONTAINERD: ("--version", "-v", "--help", "-h", "config", "publish", "oci-hook", "help"),
}
# Names under which dockerd briefly runs itself (moby, pkg/reexec).
_OF_A_MOMENT = re.compile(r"^(docker-(untar|tar|applyLayer|mountfrom\S*)|(libnetwork|setup)-\S+)$")
# Flags that no other program has. dockerd takes flags alone, no other arguments.
_ITS_FLAGS = ("--data-root", "--exec-root", "--containerd", "--userland-proxy-path")
# Programs that start processes for a person or at a time; those are not a unit's own.
_SESSION_MAKERS = ("sshd", "cron", "crond", "atd", "login", "systemd")
# Files of a data-root that a running daemon keeps locked (bbolt, flock(2)).
_LOCKED = ("volumes/metadata.db", "network/files/local-kv.db", "buildkit/cache.db")
_ID = re.compile(r"(?:^|/)([0-9a-f]{64})$")


class UnitState(NamedTuple):
    """One unit: its main process, and whether it is enabled at boot."""

    main_pid: int = 0
    is_enabled: bool = False


UnitStates = Callable[[Sequence[str]], Dict[str, UnitState]]


def show_units(names: Sequence[str]) -> Dict[str, UnitState]:
    """Ask systemd for units' main processes; an empty answer where systemd does not tell."""
    argv = ["systemctl", "show", "--property=Id,MainPID,UnitFileState", "--"] + list(names)
    try:
        output = command.read(argv)
    except command.CommandFailed:
        return {}
    blocks = parse_show(output.stdout)
    if output.status or len(blocks) != len(names):
        return {}
    return {
        name: UnitState(
            int(block.get("MainPID") or 0),
            block.get("UnitFileState", "").startswith("enabled"),
        )
        for name, block in zip(names, blocks)
    }


def observe_running(
    own_root: str, show: UnitStates = show_units, proc: str = "/proc"
) -> Tuple[OtherDaemonObserved, ...]:
    """Find the daemons that are not docker.service's, and other processes in its way."""
    everything = list(processes.read_processes(proc))
    above = processes.cgroup_of(1, "", proc)
    units = {each.pid: _unit_in(processes.cgroup_of(each.pid, above, proc)) for each in everything}
    kinds = _kinds([each for each in everything if units[each.pid] not in OWN_UNITS])
    _add_holders(kinds, everything, units, own_root, proc)
    if not kinds:
        return ()
    services = sorted({units[pid] for pid in kinds if units[pid].endswith(".service")})
    states = show(services) if services else {}
    shims = _shims(everything)
    found = []
    for each in everything:
        if each.pid not in kinds:
            continue
        daemon = _observe(each, kinds[each.pid], units, own_root, states, shims, everything, proc)
        # A process that has ended was read incompletely, and is in nobody's way.
        if processes.read_process(each.pid, proc) == each:
            found.append(daemon)
    return tuple(each for each in found if each.kind != CONTAINERD or not each.place)


def running_shims() -> Dict[str, Tuple[str, ...]]:
    """Give each running container, by ID, with the arguments of its shim."""
    return _shims(list(processes.read_processes()))


def _kinds(others: List[Process]) -> Dict[int, str]:
    """Tell which processes are daemons; children of a daemon do not count."""
    found = {each.pid: DOCKERD for each in others if _is_dockerd(each)}
    found.update({each.pid: CONTAINERD for each in others if _is_containerd(each)})
    parents = {each.pid: each.parent for each in others}
    return {pid: kind for pid, kind in found.items() if found.get(parents[pid]) != DOCKERD}


def _add_holders(
    kinds: Dict[int, str],
    everything: List[Process],
    units: Dict[int, str],
    own_root: str,
    proc: str,
) -> None:
    """Add any process that holds docker.service's socket, data-root or PID file."""
    others = [each for each in everything if each.pid != 1 and units[each.pid] not in OWN_UNITS]
    known = {each.pid for each in others}
    for name in _LOCKED:
        for pid in processes.lock_holders(os.path.join(own_root, name), proc):
            # A process that locks a data-root and listens is a dockerd, whatever its name.
            if pid in known and processes.listening_sockets(pid, proc):
                kinds.setdefault(pid, DOCKERD)
    unknown = [each for each in others if each.pid not in kinds]
    for each in processes.listeners_on(DOCKER_SOCKET, unknown, proc):
        kinds.setdefault(each.pid, OTHER)
    pid = _number(read_text(own_pid_file()))
    # dockerd does not start while the process in its PID file is there (moby, pkg/pidfile).
    if pid in units and DOCKER_SERVICE not in units.values():
        kinds.setdefault(pid, OTHER)


def _observe(
    process: Process,
    kind: str,
    units: Dict[int, str],
    own_root: str,
    states: Dict[str, UnitState],
    shims: Dict[str, Tuple[str, ...]],
    everything: List[Process],
    proc: str,
) -> OtherDaemonObserved:
    pid, within = process.pid, units[process.pid]
    unit = within if _is_main(process, states.get(within), everything) else ""
    place = _place(pid, bool(unit), proc)
    uid = processes.uid_of(pid, proc)
    prefix, chroot = _prefix(pid, proc), processes.chroot_of(pid, proc)
    settings = _settings(process, kind, uid, place, prefix, proc)
    held = HeldObserved()
    if kind == CONTAINERD:
        held = HeldObserved(running=_of_address(shims, settings.sockets[0]))
    elif kind == DOCKERD and place != CONTAINER:
        held = held_by(prefix, settings.data_root, shims)
    listening = processes.listening_sockets(pid, proc) if kind != CONTAINERD else ()
    ours = [path for path in listening if processes.same_path(path) == DOCKER_SOCKET]
    sockets = settings.sockets + tuple(listening if settings.is_handed_sockets else ours)
    pid_file = prefix + settings.pid_file if settings.pid_file else ""
    return OtherDaemonObserved(
        pid=pid,
        kind=kind,
        program=shown(process.program or process.name),
        unit=unit,
        is_enabled=bool(unit) and states[unit].is_enabled,
        started_in="" if unit else within,
        user=_user(uid),
        place=place,
        sockets=tuple(dict.fromkeys(_told(path, chroot) for path in sockets)),
        data_root=_told(settings.data_root, chroot),
        has_own_root=_is_same(prefix + settings.data_root, own_root) and bool(settings.data_root),
        pid_file=_told(settings.pid_file, chroot),
        has_pid_file=_number(read_text(pid_file)) == pid,
        held=held,
        began=process.began,
    )


def _settings(
    process: Process, kind: str, uid: int, place: str, prefix: str, proc: str
) -> DaemonSettings:
    if kind == CONTAINERD:
        return containerd_settings(process.arguments[1:], prefix)
    if kind == OTHER:
        # Only what it holds is known of it.
        return DaemonSettings(sockets=(), data_root="", pid_file=own_pid_file())
    working = os.path.join(proc, str(process.pid), "cwd")
    try:
        folder = os.readlink(working)
    except OSError:
        folder = "/"
    fallback = defaults_of(uid, _home(uid)) if place == ROOTLESS else defaults_of(0, "/root")
    return dockerd_settings(process.arguments[1:], fallback, prefix, folder)


def _is_dockerd(process: Process) -> bool:
    """Whether it is a dockerd: by its file, its arguments, or its name if nothing else is known."""
    arguments = process.arguments[1:]
    called = _base(process.arguments[0])
    if any(each in _IN_PASSING[DOCKERD] for each in arguments):
        return False
    if _OF_A_MOMENT.match(called):
        return False
    if re.match(r"^dockerd([-._]|$)", _base(process.program)):
        return True
    if not process.program:
        return process.name == DOCKERD and called == DOCKERD
    return any(each.startswith(_ITS_FLAGS) for each in arguments) and _are_flags(arguments)


def _are_flags(arguments: Sequence[str]) -> bool:
    """Whether arguments are only flags and their values; a client's name a command as well."""
    before = ""
    for argument in arguments:
        if not argument.startswith("-") and (not before.startswith("-") or "=" in before):
            return False
        before = argument
    return True


def _is_containerd(process: Process) -> bool:
    arguments = process.arguments[1:]
    is_it = _base(process.program or process.name) == CONTAINERD
    return is_it and not any(each in _IN_PASSING[CONTAINERD] for each in arguments)


def _unit_in(cgroup: str) -> str:
    """Name the systemd unit or scope of a control group; groups below it are not systemd's."""
    for part in cgroup.strip("/").split("/"):
        if not part.endswith(".slice"):
            return part if part.endswith((".service", ".scope")) else ""
    return ""


def _is_main(process: Process, state: Optional[UnitState], everything: List[Process]) -> bool:
    """Whether a process is the unit's main one, or the child of a wrapper that is."""
    if state is None or not state.main_pid:
        return False
    if state.main_pid == process.pid:
        return True
    names = [each.name for each in everything if each.pid == state.main_pid]
    makes_sessions = any(name.partition("-")[0] in _SESSION_MAKERS for name in names)
    return state.main_pid == process.parent and not makes_sessions


def _place(pid: int, is_of_a_unit: bool, proc: str) -> str:
    """Tell where a process is at home, by its namespaces as compared with PID 1's.

    A unit may have a mount namespace of its own in which it writes the host's files
    (systemd.exec(5)), as snapd gives one to Docker. Such a process is at home on the host.
    """
    differs = {}
    for kind in ("pid", "user", "mnt"):
        own, host = (processes.namespace(each, kind, proc) for each in (pid, 1))
        differs[kind] = bool(own) and own != host
    if differs["pid"]:
        return CONTAINER
    if differs["user"] or processes.uid_of(pid, proc):
        return ROOTLESS
    return MOUNTS if differs["mnt"] and not is_of_a_unit else ""


def _prefix(pid: int, proc: str) -> str:
    """Give the prefix of a process's own files; empty where they are the host's."""
    same = processes.namespace(pid, "mnt", proc) == processes.namespace(1, "mnt", proc)
    return processes.chroot_of(pid, proc) if same else "%s/%d/root" % (proc, pid)


def _told(path: str, chroot: str) -> str:
    return shown(chroot + processes.same_path(path)) if path else ""


def _is_same(path: str, own: str) -> bool:
    """Whether two paths lead to one folder, by a link or by another mount of it."""
    try:
        return os.path.samefile(path, own)
    except (OSError, ValueError):
        return False


def _shims(everything: List[Process]) -> Dict[str, Tuple[str, ...]]:
    """Give each container that has a shim, by ID, with the shim's arguments."""
    found: Dict[str, Tuple[str, ...]] = {}
    for process in everything:
        if "containerd-shim" not in _base(process.program or process.name):
            continue
        for argument in process.arguments[1:]:
            told = _ID.search(argument)
            if told:
                found[told.group(1)] = process.arguments
    return found


def _of_address(shims: Dict[str, Tuple[str, ...]], address: str) -> Tuple[str, ...]:
    return tuple(key[:12] for key, arguments in sorted(shims.items()) if address in arguments)


def _number(text: str) -> int:
    return int(text) if re.match(r"^\s*\d{1,10}\s*$", text) else 0


def _base(path: str) -> str:
    return os.path.basename(path)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)


def _home(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except (KeyError, OverflowError):
        return "/"


def shown(text: str) -> str:
    """Give a name that can be told: a byte that is no text becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
