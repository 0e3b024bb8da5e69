# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Name every unauthenticated way to the daemon: whoever uses it is root.

Counted is what the next start would open, whoever configures it, and what the running process has
open. An accepted drop-in may set another command line, but no TCP without certificates.
"""

import re
from typing import (
    Any,
    Collection,
    Dict,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

from ...words import impacts, resources
from ...words.declared import declare_anywhere
from ...words.difference import Difference, Refusal
from ...words.docker_names import DOCKER_SERVICE, DOCKERD, SOCKET_UNIT
from ...words.observations.docker.access import AccessObserved, ListenerObserved, RelayObserved
from ...words.observations.host import FileObserved, Observation, StagedSet
from ...words.paths import CONTAINERD_CONFIG, DAEMON_JSON, DOCKER_SOCKET
from ...words.tables.daemon_flags import flags_of
from ...words.tables.daemon_options import RESTART
from ..activation.effect import effect_on_daemon, with_staged
from ..daemon.document import NotADocument, read_document
from ..units.docker_unit import DockerUnit, read_unit
from ..units.start_arguments import of_dockerd, start_arguments, variables_of
from .certificates import asks_for_certificates, is_tcp
from .socket_units import Stream, read_streams

ROLE = "docker_activation"
LISTENER_DECLARED = declare_anywhere(
    resource=resources.ACCESS_LISTENER, role=ROLE, wanted="none that asks nobody"
)
_EXPECTED = "no way to the daemon but %s, and TCP with certificates" % DOCKER_SOCKET
_ROOT = "whoever reaches it is root on this host"
_TLS = "set tlsverify to true with tlscacert, tlscert and tlskey"
_TOML_TABLE = re.compile(r"^\s*\[\s*([A-Za-z_.]+)\s*\]")
_TOML_TEXT = re.compile(r"""^\s*(tcp_address|tcp_tls_ca|tcp_tls_common_name)\s*=\s*["'](.+?)["']""")


class Ways(NamedTuple):
    """What the next start would open: ``addresses`` of -H and hosts by who sets them, ``streams``.

    ``judged`` are addresses that docker_daemon judges; ``is_verified`` tells that every TCP socket
    asks for certificates. ``other_ports`` are those on which dockerd serves something else.
    ``source`` is the file with the command line, ``is_plain`` tells that it starts dockerd itself.
    """

    addresses: Tuple[Tuple[str, str], ...]
    judged: Tuple[str, ...]
    streams: Tuple[Stream, ...]
    is_verified: bool
    other_ports: Tuple[int, ...]
    source: str
    is_plain: bool


def plan_listeners(
    observed: Observation, staged: StagedSet, planned_keys: Collection[str] = ()
) -> Iterator[Difference]:
    """Name the ways; ``planned_keys`` are keys of daemon.json that its own role names already."""
    files = with_staged(observed.files, staged)
    access = observed.access or AccessObserved()
    ways = _read_ways(files, access)
    for address, source in ways.addresses:
        is_named = "hosts" in planned_keys and address in ways.judged
        if is_tcp(address) and not ways.is_verified and not is_named:
            yield _by_flag(address, source)
    for stream in ways.streams:
        if stream.service in access.relay_services:
            yield _of_a_relay_unit(stream)
        else:
            yield from _of_a_stream(stream, ways)
    yield from _of_containerd(files)
    ports = {each.port for each in ways.streams if each.service in access.relay_services}
    for relay in access.relays:
        if relay.listener.port in ports - {0}:
            continue
        if relay.listener.kind == "tcp" or not _is_closed(relay.listener, ways, observed):
            yield _by_relay(relay)
    restarts = ways.is_plain and effect_on_daemon(observed, staged).action == RESTART
    started = _started_with(access, ways)
    for address in started:
        yield _by_process("%s (its own -H)" % address, access.pid, ways, restarts)
    for listener in access.listeners:
        if not _is_known(listener, ways, started, observed):
            yield _by_process(_spoken(listener), access.pid, ways, restarts)


def _read_ways(files: Mapping[str, FileObserved], access: AccessObserved) -> Ways:
    unit = read_unit(files)
    try:
        document: Dict[str, Any] = read_document(files.get(DAEMON_JSON, FileObserved()).text)
    except NotADocument:
        document = {}
    arguments = start_arguments(unit, files, access)
    flags = flags_of(arguments)
    configured = document.get("hosts")
    hosts = [str(each) for each in configured] if isinstance(configured, list) else []
    plain = unit.flags.get("hosts", [])
    addresses = [(each, DAEMON_JSON) for each in hosts]
    addresses.extend(
        (each, unit.source if each in plain else _source_of(each, unit, files, access))
        for each in flags.get("hosts", [])
    )
    return Ways(
        addresses=tuple(dict.fromkeys(addresses)),
        judged=tuple(hosts + plain),
        streams=read_streams(files, unit, access.aliases, access.relay_services),
        is_verified=asks_for_certificates(document, flags),
        other_ports=tuple(_ports_of_others(document, flags)),
        source=unit.source,
        is_plain=bool(unit.arguments) and unit.arguments[0].rpartition("/")[2] == DOCKERD,
    )


def _source_of(
    address: str, unit: DockerUnit, files: Mapping[str, FileObserved], access: AccessObserved
) -> str:
    """Say which file puts an address into the command line by a variable."""
    for variable in variables_of(unit, files, access).values():
        if address in variable.value:
            return variable.source
    return unit.source


def _ports_of_others(document: Mapping[str, Any], flags: Mapping[str, List[str]]) -> Iterator[int]:
    """Give the ports on which dockerd serves something else than its API."""
    for key in ("metrics-addr", "network-diagnostic-port"):
        for value in [document.get(key)] + list(flags.get(key, [])):
            port = re.search(r"([0-9]+)$", str(value))
            if value is not None and port is not None:
                yield int(port.group(1))


def _by_flag(address: str, source: str) -> Difference:
    refusal = Refusal(
        found="%s has the daemon listen on %s without asking for a certificate, and %s."
        % (source, address, _ROOT),
        remedy="Take that address out and restart %s, or %s. An accepted drop-in is no consent to "
        "it." % (DOCKER_SERVICE, _TLS),
    )
    return _difference(
        source, address, "the daemon would listen on %s for everybody" % address, refusal
    )


def _of_a_stream(stream: Stream, ways: Ways) -> Iterator[Difference]:
    if (stream.is_tcp and ways.is_verified) or (
        stream.unit == SOCKET_UNIT and stream.file == DOCKER_SOCKET
    ):
        return
    told = "%s listens on %s for %s (%s)" % (
        stream.unit,
        stream.address,
        DOCKER_SERVICE,
        stream.place,
    )
    told += " without asking for a certificate" if stream.is_tcp else ", besides %s" % DOCKER_SOCKET
    remedy = "Take that line out, run `systemctl daemon-reload`, and restart %s and %s" % (
        stream.unit,
        DOCKER_SERVICE,
    )
    if stream.unit != SOCKET_UNIT:
        remedy = (
            "Run `systemctl disable --now %s`, remove %s, run `systemctl daemon-reload`, and "
            "restart %s" % (stream.unit, stream.path, DOCKER_SERVICE)
        )
    remedy += "; or %s." % _TLS if stream.is_tcp else "."
    refusal = Refusal(found="%s, and %s." % (told, _ROOT), remedy=remedy)
    sentence = "%s opens another way to %s" % (stream.unit, DOCKER_SERVICE)
    yield _difference(stream.path, stream.address, sentence, refusal)


def _of_containerd(files: Mapping[str, FileObserved]) -> Iterator[Difference]:
    """Name containerd's own ways, which give root too (containerd, docs/man/containerd-config)."""
    said: Dict[str, Tuple[str, int]] = {}
    table = ""
    for number, line in enumerate(files.get(CONTAINERD_CONFIG, FileObserved()).text.split("\n"), 1):
        header, text = _TOML_TABLE.match(line), _TOML_TEXT.match(line)
        table = header.group(1) if header is not None else table
        if text is not None and table == "grpc":
            said[text.group(1)] = (text.group(2), number)
    if "tcp_address" not in said or "tcp_tls_ca" in said:
        return
    address, number = said["tcp_address"]
    refusal = Refusal(
        found="%s:%d has containerd listen on %s without asking for a certificate, and %s."
        % (CONTAINERD_CONFIG, number, address, _ROOT),
        remedy="Take tcp_address out and restart containerd.service, or set tcp_tls_ca, "
        "tcp_tls_cert and tcp_tls_key.",
    )
    yield _difference(CONTAINERD_CONFIG, address, "containerd listens on %s" % address, refusal)


def _started_with(access: AccessObserved, ways: Ways) -> Tuple[str, ...]:
    """Give the TCP addresses with which only the running process was started."""
    flags = flags_of(of_dockerd(access.arguments, {}))
    if ways.is_verified or asks_for_certificates({}, flags):
        return ()
    said = {address for address, _source in ways.addresses}
    return tuple(each for each in flags.get("hosts", []) if is_tcp(each) and each not in said)


def _is_known(
    listener: ListenerObserved, ways: Ways, started: Sequence[str], observed: Observation
) -> bool:
    """Whether a socket of the process is judged already, or is no way to its API."""
    if listener.kind == "unix":
        return _is_closed(listener, ways, observed)
    daemon, access = observed.daemon, observed.access or AccessObserved()
    if daemon is None or daemon.swarm:
        # A swarm's own ports ask for certificates; services' ports cannot be told from others.
        return True
    ports = {stream.port for stream in ways.streams if stream.is_tcp}
    for address in [each for each, _source in ways.addresses] + list(started):
        found = re.search(r":([0-9]+)/?$", address)
        if is_tcp(address):
            # dockerd's default ports (moby, opts/hosts.go).
            ports |= {int(found.group(1))} if found is not None else {2375, 2376}
    # Without the userland proxy, dockerd itself holds the ports that containers publish.
    return listener.port in ports.union(access.published, ways.other_ports)


def _is_closed(listener: ListenerObserved, ways: Ways, observed: Observation) -> bool:
    """Whether a Unix socket is the known one, or only root and the group can use it."""
    path = re.sub(r"^/var/run/", "/run/", listener.address)
    if path == DOCKER_SOCKET or path in {stream.file for stream in ways.streams}:
        return True
    if path.startswith("@"):
        return path in {stream.address for stream in ways.streams}
    groups = {0} | ({observed.group.gid} if observed.group is not None else {listener.group})
    by_group = bool(listener.mode & 0o020) and listener.group not in groups
    return not (listener.mode & 0o002 or by_group)


def _spoken(listener: ListenerObserved) -> str:
    address = listener.address
    if listener.kind == "tcp":
        return "%s:%d" % ("[%s]" % address if ":" in address else address, listener.port)
    return address + (" (mode %04o)" % listener.mode if listener.mode else "")


def _by_process(address: str, pid: int, ways: Ways, restarts: bool) -> Difference:
    """Name what only the running process shows; a restart that comes anyway closes it."""
    if restarts:
        sentence = "restart %s (PID %d), which still listens on %s" % (DOCKER_SERVICE, pid, address)
        return _difference(DOCKER_SERVICE, address, sentence, None)._replace(impact=impacts.RESTART)
    told = "the running daemon (PID %d) listens on %s without asking for a certificate" % (
        pid,
        address,
    )
    if ways.is_plain:
        told += ", which no file of its configuration says any more"
        remedy = "Run `systemctl daemon-reload`, then `systemctl restart %s %s`." % (
            SOCKET_UNIT,
            DOCKER_SERVICE,
        )
    else:
        told += ", and was started by %s" % ways.source
        remedy = "Take it out of what that file starts, and restart %s." % DOCKER_SERVICE
    refusal = Refusal(found="%s: %s." % (told, _ROOT), remedy=remedy)
    return _difference(
        DOCKER_SERVICE, address, "%s listens on %s" % (DOCKER_SERVICE, address), refusal
    )


def _of_a_relay_unit(stream: Stream) -> Difference:
    sentence = (
        "%s listens on %s (%s) for %s, which is given Docker's socket: %s, unless it asks for "
        "certificates itself. `systemctl disable --now %s` closes it; no run does."
        % (stream.unit, stream.address, stream.place, stream.service, _ROOT, stream.unit)
    )
    difference = _difference(stream.path, stream.address, sentence, None)
    return difference._replace(only_reported=True)


def _by_relay(relay: RelayObserved) -> Difference:
    """Name a way that somebody keeps open beside the daemon; it may itself require certificates."""
    address = _spoken(relay.listener)
    told = "%s (PID %d) listens on %s and was given Docker's socket: %s, unless it asks for " % (
        relay.program,
        relay.pid,
        address,
        _ROOT,
    )
    sentence = told + "certificates itself. End it, and what starts it; no run does."
    difference = _difference(relay.program, address, sentence, None)
    return difference._replace(only_reported=True)


def _difference(path: str, actual: str, sentence: str, refusal: Optional[Refusal]) -> Difference:
    return Difference(
        resource=resources.ACCESS_LISTENER,
        role=ROLE,
        path=path,
        expected=_EXPECTED,
        actual=actual,
        impact=impacts.NONE,
        sentence=sentence,
        refusal=refusal,
    )
