"""Looks out for a secret on a host while something is done there: secret_watch.py HEX.

Time and again it reads every process's command line, and all files in places where one is written
on the way to another. Where the secret was is in FOUND once STOP is there; it is given in
hexadecimal, so that this very process does not show it.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

STOP = Path("/root/secret-watch.stop")
FOUND = Path("/root/secret-watch.found")
SECONDS = 900
PLACES = (
    *("/etc/apt", "/etc/dnf", "/etc/docker", "/etc/systemd", "/etc/yum.repos.d", "/root/.ansible"),
    *("/run/dockwright", "/run/systemd/system", "/tmp", "/var/lib/dockwright", "/var/tmp"),  # noqa: S108
)


def processes(secret: bytes) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if secret in line:
            yield f"the command line of {line.split(bytes(1))[0].decode()}"


def files(secret: bytes) -> Iterator[str]:
    for place in PLACES:
        for path in Path(place).rglob("*"):
            try:
                if path.is_file() and not path.is_symlink() and secret in path.read_bytes():
                    yield f"{path.parent} {path.stat().st_mode & 0o777:04o}"
            except OSError:
                continue


def main() -> None:
    secret = bytes.fromhex(sys.argv[1])
    found: set[str] = set()
    end = time.monotonic() + SECONDS
    rounds = 0
    while not STOP.exists() and time.monotonic() < end:
        found.update(processes(secret))
        found.update(files(secret))
        rounds += 1
        time.sleep(0.05)
    new = FOUND.with_suffix(".new")
    new.write_text("\n".join([f"looked {rounds} times", *sorted(found)]))
    new.rename(FOUND)


main()
