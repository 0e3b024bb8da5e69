# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a running daemon what it is doing.

Connecting to the socket starts a stopped daemon (docker.socket), so callers ask only while
docker.service is active.
"""

import http.client
import json
import socket

from ansible_collections.dockwright.host.plugins.module_utils.observation import DaemonObserved

SOCKET = "/run/docker.sock"


class DaemonSilent(Exception):
    """The daemon did not answer in time, or not in words we understand."""


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def observe_daemon(path: str = SOCKET, seconds: float = 10) -> DaemonObserved:
    """Read ``GET /info``, without an API version in the path: the daemon's own is meant.

    :raises DaemonSilent: with the reason.
    """
    connection = _SocketConnection(path, seconds)
    try:
        connection.request("GET", "/info")
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise DaemonSilent("%s: %s" % (path, error or type(error).__name__))
    finally:
        connection.close()
    if answer.status != 200:
        raise DaemonSilent("%s: GET /info answered %d %s" % (path, answer.status, body[:200]))
    return parse_info(body)


def parse_info(body: str) -> DaemonObserved:
    """Read the answer of ``GET /info``."""
    try:
        info = json.loads(body)
        return DaemonObserved(
            info["ServerVersion"], int(info["ContainersRunning"]), bool(info["LiveRestoreEnabled"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DaemonSilent("GET /info was not understood: %s" % error)
