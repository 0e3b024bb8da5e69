"""Containers for tests of what happens under them."""

import shlex
from pathlib import Path

from tests.lab import Lab

# A number and the time, five times a second, into the container's own layer.
WRITES = "n=0; while true; do n=$((n+1)); echo $n $(date +%s) >> /written; sleep 0.2; done"


def trust_registry(lab: Lab) -> str:
    """Have each host trust the lab's registry; give its name."""
    registry = str(lab.variables(lab.hosts[0])["lab_registry"])
    certificate = Path(lab.variables(lab.hosts[0])["lab_registry_ca"]).read_text()
    folder = f"/etc/docker/certs.d/{registry}"
    lab.each(f"mkdir -p {folder}; echo {shlex.quote(certificate)} > {folder}/ca.crt")
    return registry


def run_writers(lab: Lab) -> None:
    """Have each host run a container that writes, and that comes back with the host.

    With an init, for one that heeds no SIGTERM holds up the end of the host.
    """
    image = f"{trust_registry(lab)}/library/busybox"
    lab.each(
        f"docker run -d --init --name writer --restart always {image} sh -c {shlex.quote(WRITES)}"
    )


def written(lab: Lab) -> dict[str, list[tuple[int, int]]]:
    """What each container has written: numbers, and when."""
    return {
        host: _parse(text) for host, text in lab.each("docker exec writer cat /written").items()
    }


def _parse(text: str) -> list[tuple[int, int]]:
    # The last line may be half written.
    pairs = [line.split() for line in text.splitlines()[:-1]]
    return [(int(number), int(time)) for number, time in pairs]
