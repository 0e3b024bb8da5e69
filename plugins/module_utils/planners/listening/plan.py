# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare Docker's Unix sockets with their listeners.

With ``-H fd://`` systemd makes them and passes them to each dockerd that it starts
(systemd.socket(5)). They must be where clients look for them, and systemd must still have them for
the next start. Otherwise dockerd makes its own, in the same place.
"""

from typing import Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...words import impacts, resources
from ...words.declarations.activation import ActivationDeclaration
from ...words.difference import Difference, Refusal
from ...words.docker_names import DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.docker.listening import ListeningObserved, UnixSocketObserved
from ...words.observations.host import FileObserved, Observation, UnitObserved
from ...words.paths import DAEMON_JSON, DOCKER_SOCKET
from ...words.tables.daemon_options import RESTART
from ..activation.effect import Effect
from ..containers.stop import stop_refusal
from ..daemon.document import NotADocument, read_document
from ..units.docker_unit import DockerUnit, host_flags, read_unit

ROLE = "docker_activation"
# The end of the error for a path on which nobody listens (errno(3), ECONNREFUSED).
_REFUSED = "[Errno 111]"
_UNIX = "unix://"
_NONE = UnitObserved()
_TURNING = ("activating", "deactivating")


class Fault(NamedTuple):
    """What is wrong with a path: what was found there, in words, and whether it is in the way."""

    path: str
    found: str
    in_the_way: bool = False


def plan_listening(
    activation: ActivationDeclaration,
    observed: Observation,
    effect: Effect,
    files: Mapping[str, FileObserved],
) -> Iterator[Difference]:
    """Name the paths at which clients do not find the daemon, or its next start finds no socket.

    ``files`` are as they will be once everything is committed.
    """
    seen = observed.listening
    socket = observed.units.get(SOCKET_UNIT, _NONE)
    if seen is None or socket.mask_path:
        # A mask is a difference of its own.
        return
    service = observed.units.get(DOCKER_SERVICE, _NONE)
    runs = service.active_state == "active"
    if not runs:
        if service.load_state == "not-found":
            faults = _in_the_way(seen, (DOCKER_SOCKET,) if takes_from_systemd(files) else ())
        else:
            faults = stopped_faults(observed, observed.files)
    else:
        # Besides systemd's, dockerd may have sockets of its own.
        own = own_paths(observed.files, service)
        faults = _own_faults(seen, own, observed.daemon_silent)
        if takes_from_systemd(observed.files, service):
            faults = systemd_faults(seen, socket, observed.daemon_silent) + faults
    for fault in faults:
        yield _difference(fault, runs, activation, observed, effect)


def listening_notes(observed: Observation) -> Tuple[str, ...]:
    """Say where clients find a daemon that does not listen in the usual place."""
    seen = observed.listening
    if seen is None or not seen.addresses or DOCKER_SOCKET in seen.addresses:
        return ()
    service = observed.units.get(DOCKER_SERVICE, _NONE)
    if not takes_from_systemd(observed.files, service):
        return ()
    if DOCKER_SOCKET in own_paths(observed.files, service):
        return ()
    return (
        "%s listens on %s and not on %s: the docker command finds the daemon by DOCKER_HOST alone."
        % (SOCKET_UNIT, ", ".join(seen.addresses), DOCKER_SOCKET),
    )


def takes_from_systemd(files: Mapping[str, FileObserved], service: UnitObserved = _NONE) -> bool:
    """Whether dockerd takes its sockets from systemd: the running one, or else the next."""
    hosts = _hosts(files, service)
    # The packages' docker.service will say fd:// once it is there; so may what systemd fills in.
    return hosts is None or any(host.startswith(("fd://", "$")) for host in hosts)


def own_paths(files: Mapping[str, FileObserved], service: UnitObserved = _NONE) -> Tuple[str, ...]:
    """Give the paths at which dockerd makes sockets itself."""
    hosts = _hosts(files, service)
    if hosts is None:
        return ()
    paths = [each[len(_UNIX) :] or DOCKER_SOCKET for each in hosts if each.startswith(_UNIX)]
    if not hosts:
        paths = [DOCKER_SOCKET]
    return tuple("/run" + path[8:] if path.startswith("/var/run/") else path for path in paths)


def is_sound(observed: Observation) -> bool:
    """Whether docker.socket can stay as it is for the next start of docker.service.

    If dockerd makes its own socket, it always can.
    """
    seen = observed.listening
    socket = observed.units.get(SOCKET_UNIT, _NONE)
    if seen is None or socket.load_state == "not-found" or not takes_from_systemd(observed.files):
        return True
    if socket.active_state != "active":
        return False
    for path in seen.addresses:
        held = [each for each in seen.listeners if each.path == path and each.by_systemd]
        # Where nobody can tell, the socket that a running daemon was given is taken to be sound.
        if not any(each.is_there or (_may_lead(each) and each.by_daemon) for each in held):
            return False
    return True


def stopped_faults(observed: Observation, files: Mapping[str, FileObserved]) -> List[Fault]:
    """Say what keeps clients from a docker.service that does not run yet, once it runs."""
    seen = observed.listening
    if seen is None:
        return []
    if not takes_from_systemd(files):
        return _in_the_way(seen, own_paths(files))
    socket = observed.units.get(SOCKET_UNIT, _NONE)
    if socket.active_state == "active":
        return systemd_faults(seen, socket, "")
    return _in_the_way(seen, seen.addresses or (DOCKER_SOCKET,))


def systemd_faults(seen: ListeningObserved, socket: UnitObserved, silent: str) -> List[Fault]:
    """Say what is wrong with the sockets that systemd makes; ``silent`` is as in Observation."""
    if socket.active_state in _TURNING:
        return []
    found = _in_the_way(seen, seen.addresses)
    for path in seen.addresses:
        if path in [fault.path for fault in found]:
            continue
        held = [each for each in seen.listeners if each.path == path and each.by_systemd]
        words = _found_of_systemd(seen, socket, path, held, silent)
        if words:
            found.append(Fault(path, words))
    if not seen.addresses and socket.load_state == "not-found":
        found.append(Fault(DOCKER_SOCKET, "there is no %s" % SOCKET_UNIT))
    return found


def _found_of_systemd(
    seen: ListeningObserved,
    socket: UnitObserved,
    path: str,
    held: Sequence[UnixSocketObserved],
    silent: str,
) -> str:
    if socket.active_state != "active":
        return "%s is %s" % (SOCKET_UNIT, socket.active_state)
    if seen.kinds.get(path) == "absent":
        return "it is gone"
    if not held:
        return "%s has no socket open" % SOCKET_UNIT
    if not any(_may_lead(each) for each in held) or _is_refused(path, silent):
        return "it is another socket than that of %s" % SOCKET_UNIT
    if silent and seen.has_main_process and not any(each.by_daemon for each in held):
        return "the daemon does not listen on the socket of %s" % SOCKET_UNIT
    return ""


def _own_faults(seen: ListeningObserved, paths: Sequence[str], silent: str) -> List[Fault]:
    """Say what is wrong with sockets that the running dockerd has made itself."""
    found = []
    for path in paths:
        held = [each for each in seen.listeners if each.path == path and each.by_daemon]
        leads = any(_may_lead(each) for each in held) and not _is_refused(path, silent)
        if not held or leads:
            continue
        kind = seen.kinds.get(path)
        words = "it is gone" if kind == "absent" else "it is another socket than the daemon's"
        in_the_way = _in_the_way(seen, (path,))
        found.extend(in_the_way or [Fault(path, words)])
    return found


def _in_the_way(seen: ListeningObserved, paths: Sequence[str]) -> List[Fault]:
    """Name what lies in a socket's place and is no socket."""
    told = {
        "file": "it is a file",
        "directory": "it is a directory",
        "link": "it is a link to nothing",
        "other": "it is no socket",
    }
    kinds = [(path, seen.kinds.get(path, "")) for path in paths]
    return [Fault(path, told[kind], True) for path, kind in kinds if kind in told]


def _is_refused(path: str, silent: str) -> bool:
    """Whether the daemon was asked at this path, and nobody listens there."""
    return path == DOCKER_SOCKET and _REFUSED in silent


def _may_lead(listener: UnixSocketObserved) -> bool:
    return listener.is_there is not False


def _hosts(files: Mapping[str, FileObserved], service: UnitObserved) -> Optional[List[str]]:
    """Give where dockerd listens; None where no unit says how it is started."""
    unit = read_unit(files)
    arguments = service.arguments
    if arguments and arguments[0].endswith("dockerd"):
        # The running process counts, whatever its files say by now.
        unit = DockerUnit(words=arguments, arguments=arguments)
    if not unit.words:
        return None
    hosts = list(host_flags(unit)) + [word for word in unit.words if word.startswith("$")]
    try:
        configured = read_document(files.get(DAEMON_JSON, FileObserved()).text).get("hosts")
    except NotADocument:
        configured = None
    if isinstance(configured, list):
        hosts.extend(str(each) for each in configured)
    return hosts


def _difference(
    fault: Fault,
    runs: bool,
    activation: ActivationDeclaration,
    observed: Observation,
    effect: Effect,
) -> Difference:
    refusal: Optional[Refusal] = None
    if fault.in_the_way:
        refusal = Refusal(
            found="%s is to be Docker's socket, and %s." % (fault.path, fault.found),
            remedy="Find out who made it, then move it away: `mv %s %s.old`."
            % (fault.path, fault.path),
        )
    elif observed.units.get(SOCKET_UNIT, _NONE).load_state == "not-found":
        refusal = Refusal(
            found="%s takes its socket from %s (-H fd://), and there is no such unit."
            % (DOCKER_SERVICE, SOCKET_UNIT),
            remedy="Install docker-ce anew, whose unit it is.",
        )
    elif runs:
        restarts = effect.action == RESTART
        live = effect.containers_live if restarts else None
        breaks = effect.breaks if restarts else ()
        deed = "Making %s anew" % fault.path
        refusal = stop_refusal(deed, activation, observed, live, breaks)
    return Difference(
        resource=resources.SERVICE_SOCKET,
        role=ROLE,
        path=fault.path,
        expected="a socket that leads to the daemon, now and after its next start",
        actual=fault.found,
        impact=impacts.RESTART if runs else impacts.NONE,
        sentence="make the socket %s anew: %s" % (fault.path, fault.found),
        refusal=refusal,
    )
