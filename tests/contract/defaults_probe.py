"""Say which values this host's daemon has by default, and with all defaults written into its file.

Runs on a lab host, with its Python alone; the first argument is the defaults as JSON. Each time the
daemon is started and reloaded, and asked for all that it tells of itself.
"""

import json
import subprocess
import sys
import time

FILE = "/etc/docker/daemon.json"
# Values that differ at every start or at every look.
CHANGING = ("ID", "SystemTime", "NFd", "NGoroutines", "NEventsListener", "Warnings")


def ran(*argv: str) -> str:
    """Give what a command prints."""
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def told(document: dict[str, object]) -> dict[str, object]:
    """Start the daemon with a document; give what it tells."""
    with open(FILE, "w") as file:  # noqa: PTH123 - as short as the host needs it
        json.dump(document, file)
    ran("systemctl", "reset-failed", "docker.service")
    ran("systemctl", "restart", "docker.service")
    since = time.time() - 0.01
    ran("systemctl", "reload", "docker.service")
    events = ""
    while not events and time.time() < since + 10:
        events = ran(
            *("docker", "events", "--filter", "event=reload", "--format", "{{json .Actor}}"),
            *("--since", f"{since:.6f}", "--until", f"{time.time():.6f}"),
        )
    attributes = json.loads(events.splitlines()[-1])["Attributes"] if events else {}
    info = json.loads(ran("docker", "info", "--format", "{{json .}}"))
    bridge = json.loads(ran("docker", "network", "inspect", "bridge"))[0]
    return {
        "info": {key: value for key, value in info.items() if key not in CHANGING},
        # Runtimes come in any order.
        "reload": {key: sorted(value.split()) for key, value in attributes.items()},
        "bridge": {key: bridge[key] for key in ("EnableIPv6", "IPAM", "Options")},
        "iptables": sorted({line for line in ran("iptables-save").split("\n") if line[:2] == "-A"}),
        "runs": ran("sh", "-c", "ls -d /run/docker /run/docker.pid; stat -c %G /run/docker.sock"),
    }


print(json.dumps([told({}), told(json.loads(sys.argv[1]))]))
