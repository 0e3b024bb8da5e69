"""Serve a package site: `python3 server.py ROOT PORT [ADDRESS]`, by default on every address.

Below /copies, `missing` answers 404 to every path, and `hanging` takes a request and never answers;
the client decides how long that lasts. Everything else is a file below ROOT/www. It uses the
standard library alone and imports nothing beside it, so it runs as a script on its own.
"""

import select
import signal
import sys
import threading
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType

COPIES = "/copies"
MISSING = "missing"
HANGING = "hanging"

_LOOK_AGAIN_SECONDS = 1.0
_CONTROL_CHARACTERS = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


class Handler(SimpleHTTPRequestHandler):
    """Answers one client."""

    protocol_version = "HTTP/1.1"
    server_version = "package-site"
    timeout = 120

    def do_GET(self) -> None:
        """Answer, refuse or hang, depending on the path."""
        if not self._behaves_badly():
            super().do_GET()

    def do_HEAD(self) -> None:
        """Do the same as do_GET."""
        if not self._behaves_badly():
            super().do_HEAD()

    def log_message(self, format: str, *args: object) -> None:
        """Write the access log to stdout."""
        text = (format % args).translate(_CONTROL_CHARACTERS)
        print(self.log_date_time_string(), self.address_string(), text, flush=True)

    def _behaves_badly(self) -> bool:
        if self._asks_for(MISSING):
            self.send_error(HTTPStatus.NOT_FOUND)
            return True
        if self._asks_for(HANGING):
            self.log_message('"%s" taken, and never answered', self.requestline)
            self._hang()
            return True
        return False

    def _asks_for(self, copy: str) -> bool:
        place = f"{COPIES}/{copy}"
        return self.path == place or self.path.startswith(f"{place}/")

    def _hang(self) -> None:
        """Hold the connection until the client closes it or the server stops."""
        self.close_connection = True
        watched = select.poll()
        watched.register(self.connection, select.POLLRDHUP)
        while not watched.poll(_LOOK_AGAIN_SECONDS * 1000):
            if isinstance(self.server, Server) and self.server.stopping.is_set():
                break


class Server(ThreadingHTTPServer):
    """A server that can be stopped while clients hang on it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, root: Path, port: int, address: str) -> None:
        self.stopping = threading.Event()
        super().__init__((address, port), partial(Handler, directory=str(root / "www")))

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End serve_forever from a signal handler, which must not wait for it."""
        self.stopping.set()
        threading.Thread(target=self.shutdown).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that goes away during an answer."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    root, port = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    address = sys.argv[3] if len(sys.argv) > 3 else ""
    with Server(root, port, address) as server:
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, server.stop)
        print(f"serving {root}/www on port {server.server_port}", flush=True)
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
