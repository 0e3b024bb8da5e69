"""The virtual machine as its tests see it: over ssh, and through Ansible as a user runs it."""

import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from tests.lab import ROOT, STATE, ansible_environment, sockets

VM = ROOT / "molecule" / "vm"
RUN = STATE / "vm" / "run"
NAME = "debian12"
# This is a bound: a boot takes a minute or two if nothing else runs.
BOOT_SECONDS = 900


class Stages:
    """The time of each part, told as it ends and once more together."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, what: str) -> Iterator[None]:
        """Time one part."""
        print(f"\n== vm: {what}", flush=True)
        began = time.monotonic()
        try:
            yield
        finally:
            self._seconds[what] = time.monotonic() - began
            print(f"== vm: {what}: {self._seconds[what]:.0f} s", flush=True)

    def summary(self) -> list[str]:
        """A line for each part, and one for all of it."""
        lines = [f"{seconds:8.1f} s  {what}" for what, seconds in self._seconds.items()]
        return [*lines, f"{time.monotonic() - self._began:8.1f} s  all of it"]


class Guest:
    """A machine that is up."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages

    def on(self, script: str) -> str:
        """Run a few lines of shell as root; give what they print, stripped."""
        ran = self.attempt(script)
        assert ran.returncode == 0, f"{script}\n{ran.stdout}{ran.stderr}"
        return ran.stdout.strip()

    def attempt(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run them, whatever comes of it."""
        shared = ("ControlMaster=auto", "ControlPersist=60", f"ControlPath={sockets()}/%n")
        options = [word for option in shared for word in ("-o", option)]
        return subprocess.run(
            [
                *("ssh", "-F", str(RUN / "ssh_config"), "-o", "BatchMode=yes", *options),
                *(NAME, f"sh -euc {shlex.quote(script)}"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def boot_id(self) -> str:
        """Give the id of this boot; empty while nobody answers."""
        return self.attempt("cat /proc/sys/kernel/random/boot_id").stdout.strip()

    def command_line(self) -> set[str]:
        """Give the arguments with which the running kernel was booted."""
        return set(self.on("cat /proc/cmdline").split())

    def reboot(self) -> None:
        """Reboot it and wait until it has booted."""
        before = self.boot_id()
        with self._stages.stage("a reboot"):
            self.attempt("systemctl reboot")
            _forget_connections()
            deadline = time.monotonic() + BOOT_SECONDS
            while self.boot_id() in ("", before):
                assert time.monotonic() < deadline, "it did not come back"
                time.sleep(2)
            self.attempt("systemctl is-system-running --wait")

    def variables(self) -> dict[str, Any]:
        """Give the inventory's variables of the machine."""
        inventory = yaml.safe_load((RUN / "hosts.yml").read_text())
        variables: dict[str, Any] = inventory["vm"]["hosts"][NAME]
        return variables

    def site(self, variables: Mapping[str, Any], what: str) -> str:
        """Run site.yml as a user does; give what it prints."""
        argv = ["ansible-playbook", "--inventory", str(RUN / "hosts.yml"), "site.yml"]
        with self._stages.stage(what):
            ran = subprocess.run(
                [*argv, "--extra-vars", json.dumps(variables)],
                capture_output=True,
                text=True,
                check=False,
                cwd=ROOT,
                env=ansible_environment(),
            )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def monotonic(self, unit: str, moment: str) -> int:
        """Give when something happened to a unit, in microseconds since the boot; 0 for never."""
        return int(self.on(f"systemctl show --property={moment}TimestampMonotonic --value {unit}"))


def machine(*arguments: str) -> None:
    """Run a command of the machine's command line, and show its progress."""
    subprocess.run([sys.executable, str(VM), *arguments], check=True, cwd=ROOT)
    _forget_connections()


def changed(printed: str) -> int:
    """Give how many tasks changed something, by a run's recap."""
    counts = re.findall(rf"^{NAME}\s.*\bchanged=(\d+)", printed, re.MULTILINE)
    assert len(counts) == 1, printed
    return int(counts[0])


def _forget_connections() -> None:
    """Forget connections, since a new or rebooted machine does not know old ones."""
    for socket in sockets().iterdir():
        socket.unlink(missing_ok=True)
