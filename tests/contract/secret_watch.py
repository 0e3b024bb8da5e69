"""Watch a host for a secret while something is done there: secret_watch.py HEX.

It reads every process's command line again and again, and all files in places where files are
written on the way to others. Once STOP exists, FOUND names where the secret was. The secret is
given in hexadecimal, so that this process does not show it.
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
