# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a running daemon about its containers: which it has, their state, what was done to them."""

import json
import urllib.parse
from typing import Any, Callable, Dict, Iterator, NamedTuple, Sequence, Tuple, TypeVar

from ...words.observations.docker.containers import ContainerListed
from ..daemon.daemon import DaemonSilent, ask_daemon, get_from_daemon

# Restart policies with which a container is started again whenever the daemon starts.
_STARTED_AGAIN = ("always", "unless-stopped")
# Actions by which somebody changes a container through the daemon (docker events).
_DEEDS = ("destroy", "kill", "stop")
_SECONDS = 10
Read = TypeVar("Read")


class End(NamedTuple):
    """The daemon's word on a container; an empty status means that it knows no such container."""

    status: str = ""
    exit_code: int = 0
    restarts: bool = False


def list_containers(path: str = "") -> Tuple[ContainerListed, ...]:
    """Give every container that the daemon has, running or not.

    :raises DaemonSilent: with the reason.
    """
    return parse_listed(get_from_daemon("/containers/json?all=1", path, _SECONDS))


def parse_listed(body: str) -> Tuple[ContainerListed, ...]:
    """Read the answer of ``GET /containers/json``."""

    def read(containers: Any) -> Tuple[ContainerListed, ...]:
        return tuple(
            ContainerListed(
                str(each["Id"]),
                str((each["Names"] or [""])[0]).lstrip("/"),
                str(each["State"]).lower(),
            )
            for each in containers
        )

    return _understood(body, "/containers/json", read)


def end_of(identity: str, path: str = "") -> End:
    """Give the state of one container.

    :raises DaemonSilent: with the reason.
    """
    query = "/containers/%s/json" % urllib.parse.quote(identity)
    status, body = ask_daemon(query, path, _SECONDS)
    return End() if status == 404 else parse_end(body)


def parse_end(body: str) -> End:
    """Read the answer of ``GET /containers/ID/json``."""

    def read(container: Any) -> End:
        state = container["State"]
        policy = container["HostConfig"]["RestartPolicy"]["Name"]
        return End(str(state["Status"]), int(state["ExitCode"]), policy in _STARTED_AGAIN)

    return _understood(body, "/containers/ID/json", read)


def observe_deeds(
    identities: Sequence[str], since: float, until: float, path: str = ""
) -> Dict[str, Tuple[str, ...]]:
    """Give what was done to containers between two times, in seconds since the epoch, by ID.

    :raises DaemonSilent: with the reason.
    """
    filters = {"type": ["container"], "container": list(identities), "event": list(_DEEDS)}
    query = "/events?since=%.6f&until=%.6f&filters=%s" % (
        since,
        until,
        urllib.parse.quote(json.dumps(filters)),
    )
    return parse_deeds(get_from_daemon(query, path, _SECONDS))


def parse_deeds(body: str) -> Dict[str, Tuple[str, ...]]:
    """Read the answer of ``GET /events``: one object after the other."""
    found: Dict[str, Tuple[str, ...]] = {}
    for event in _objects(body):
        try:
            identity, deed = str(event["Actor"]["ID"]), str(event["Action"])
        except (KeyError, TypeError) as error:
            raise DaemonSilent("GET /events was not understood: %s" % error)
        found[identity] = found.get(identity, ()) + (deed,)
    return found


def _objects(body: str) -> Iterator[Any]:
    decoder, place = json.JSONDecoder(), 0
    body = body.strip()
    while place < len(body):
        try:
            value, place = decoder.raw_decode(body, place)
        except ValueError as error:
            raise DaemonSilent("GET /events was not understood: %s" % error)
        yield value
        while place < len(body) and body[place].isspace():
            place += 1


def _understood(body: str, query: str, read: Callable[[Any], Read]) -> Read:
    try:
        return read(json.loads(body))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise DaemonSilent("GET %s was not understood: %s" % (query, error))
