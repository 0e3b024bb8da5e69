"""Try every key of the reload table on this host's daemon; print the results as JSON.

Runs on a lab host, with its Python alone. For each key the daemon is reloaded with the key in the
file, and again without it. The values that the daemon then uses are read from its event of each
reload and, where the event does not tell them, from what it does.
"""

import http.client
import http.server
import json
import os
import socket
import socketserver
import subprocess
import threading
import time
import urllib.parse

FILE = "/etc/docker/daemon.json"
PORT = 28473
# Only events after this time belong to this probe.
BEGAN = time.time()
# A value for each key that is not dockerd's default.
VALUES = {
    "debug": True,
    "labels": ["probe=1"],
    "insecure-registries": ["probe.invalid:5000"],
    "registry-mirrors": ["https://probe.invalid"],
    "live-restore": True,
    "shutdown-timeout": 77,
    "runtimes": {"probe": {"path": "/usr/bin/runc"}},
    "default-shm-size": "96M",
    "default-runtime": "probe",
    "default-ipc-mode": "shareable",
    "default-cgroupns-mode": "private",
    "max-concurrent-downloads": 7,
    "max-concurrent-uploads": 9,
    "max-download-attempts": 11,
    "features": {"probe": True},
    "authorization-plugins": ["probe"],
    "network-diagnostic-port": PORT,
}
# A default runtime must be one that exists.
BESIDE = {"default-runtime": {"runtimes": VALUES["runtimes"]}}


class Connection(http.client.HTTPConnection):
    """HTTP over the daemon's socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect("/run/docker.sock")


class Plugin(http.server.BaseHTTPRequestHandler):
    """An authorization plugin that allows everything, and counts its requests.

    It must be a real one: engine 20.10 ends at a reload that names a plugin it cannot reach.
    """

    requests: list[str] = []  # noqa: RUF012 - one plugin, one list

    def do_POST(self) -> None:
        """Answer by Docker's plugin protocol."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        activate = self.path == "/Plugin.Activate"
        if not activate:
            self.requests.append(self.path)
        body = json.dumps({"Implements": ["authz"]} if activate else {"Allow": True}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""

    def address_string(self) -> str:
        """Give nothing, since a socket's peer has no address."""
        return "dockerd"


class PluginServer(socketserver.ThreadingUnixStreamServer):
    """Serve the plugin."""

    daemon_threads = True


def serve_plugin() -> None:
    """Start the plugin where dockerd looks for one of this name."""
    os.makedirs("/run/docker/plugins", exist_ok=True)  # noqa: PTH103 - as short as it needs to be
    address = "/run/docker/plugins/probe.sock"
    if os.path.exists(address):  # noqa: PTH110
        os.unlink(address)  # noqa: PTH108
    server = PluginServer(address, Plugin)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def ask(query: str) -> tuple[int, str]:
    """Ask the daemon."""
    connection = Connection("localhost")
    connection.request("GET", query)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def reload(document: dict[str, object]) -> dict[str, str]:
    """Have the daemon reload this document; give what it tells of it, empty where it tells nothing.

    Reloads are counted, since the event of one comes a moment after its log, and could be taken for
    that of the next.
    """
    with open(FILE, "w") as file:  # noqa: PTH123 - as short as the host needs it
        json.dump(document, file)
    before = len(reloads())
    subprocess.run(["systemctl", "reload", "docker.service"], check=True)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        told = reloads()
        if len(told) > before:
            return told[-1]
        time.sleep(0.05)
    return {}


def reloads() -> list[dict[str, str]]:
    """Give what the daemon tells of each reload since the probe began, the oldest first."""
    filters = urllib.parse.quote(json.dumps({"type": ["daemon"], "event": ["reload"]}))
    query = f"since={BEGAN:.6f}&until={time.time():.6f}&filters={filters}"
    _status, body = ask(f"/events?{query}")
    events = [json.loads(line) for line in body.splitlines() if line.strip()]
    return [event["Actor"]["Attributes"] for event in events]


def reloaded(key: str, document: dict[str, object]) -> str:
    """Give, as text, the daemon's value for this key after it has reloaded the document."""
    told = reload(document)
    if key == "authorization-plugins":
        asked = len(Plugin.requests)
        ask("/info")
        return "asked" if len(Plugin.requests) > asked else "not asked"
    if key == "network-diagnostic-port":
        # The server is started during the reload, which does not wait for it.
        time.sleep(2)
        with socket.socket() as probe:
            return "open" if probe.connect_ex(("127.0.0.1", PORT)) == 0 else "closed"
    return str(told.get(key, "(not told)")) if told else "(none)"


def main() -> None:
    """Try every key."""
    serve_plugin()
    pid = ["systemctl", "show", "--property=MainPID", "--value", "docker.service"]
    before = subprocess.run(pid, check=True, capture_output=True, text=True).stdout
    results = {}
    for key, value in VALUES.items():
        beside = BESIDE.get(key, {})
        before_it = reloaded(key, beside)
        with_it = reloaded(key, {**beside, key: value})
        results[key] = {
            "before": before_it,
            "with": with_it,
            "without": reloaded(key, beside),
        }
    after = subprocess.run(pid, check=True, capture_output=True, text=True).stdout
    print(json.dumps({"same_daemon": before == after, "keys": results}))


main()
