"""Containers, for tests of what happens to them."""

import shlex
from pathlib import Path

from tests.lab import Lab

# It writes a number and the time, five times a second, into the container's own layer.
WRITES = "n=0; while true; do n=$((n+1)); echo $n $(date +%s) >> /written; sleep 0.2; done"


def trust_registry(lab: Lab) -> str:
    """Have each host trust the lab's registry, by both of its names; give the open one."""
    known = lab.variables(lab.hosts[0])
    certificate = Path(known["lab_registry_ca"]).read_text()
    for name in (known["lab_registry"], known["lab_hidden_registry"]):
        folder = f"/etc/docker/certs.d/{name}"
        lab.each(f"mkdir -p {folder}; echo {shlex.quote(certificate)} > {folder}/ca.crt")
    return str(known["lab_registry"])


def run_writers(lab: Lab) -> None:
    """Have each host run a container that writes, and that comes back with the host.

    It has an init, since a first process that ignores SIGTERM delays the host's shutdown.
    """
    image = f"{trust_registry(lab)}/library/busybox"
    lab.each(
        f"docker run -d --init --name writer --restart always {image} sh -c {shlex.quote(WRITES)}"
    )


def written(lab: Lab) -> dict[str, list[tuple[int, int]]]:
    """Give what each container has written: numbers, and when."""
    return {
        host: _parse(text) for host, text in lab.each("docker exec writer cat /written").items()
    }


def _parse(text: str) -> list[tuple[int, int]]:
    # The last line may be half written.
    pairs = [line.split() for line in text.splitlines()[:-1]]
    return [(int(number), int(time)) for number, time in pairs]
