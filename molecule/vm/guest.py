"""The running machine: a qemu process, a fresh disk over the built one, and the way to it."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

from checkout import Checkout
from commands import LabError, run
from hosts import free_port
from image import GuestImage
from machine import require
from place import run_folder
from progress import Progress
from qemu import PROGRAM, argv_of_machine
from state import write_whole

NAME = "debian12"
# These are bounds: a boot takes a minute or two if nothing else runs.
READY_SECONDS = 900
STOP_SECONDS = 20


class Guest:
    """The one machine of a checkout."""

    def __init__(self, checkout: Checkout, progress: Progress) -> None:
        self._checkout = checkout
        self._progress = progress
        self._folder = run_folder(checkout)
        self._pid_file = self._folder / "qemu.pid"

    @property
    def ssh_configuration(self) -> Path:
        """Give the ssh configuration in which the machine has its name."""
        return self._folder / "ssh_config"

    @property
    def known_hosts(self) -> Path:
        """Give the only key that its ssh server may have."""
        return self._folder / "known_hosts"

    def start(self, image: GuestImage) -> int:
        """Boot it from a disk as it was built, whatever an earlier run did; give its ssh port."""
        require("qemu-img", self._progress, self._checkout.cache / "logs")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        overlay = self._folder / "disk.qcow2"
        lower = ["-b", str(image.disk), "-F", "raw"]
        run(["qemu-img", "create", "-q", "-f", "qcow2", *lower, str(overlay)])
        port = free_port(self._checkout, NAME, set())
        write_whole(self.known_hosts, f"[127.0.0.1]:{port} {image.host_key}\n")
        write_whole(
            self.ssh_configuration,
            f"Host {NAME}\n"
            "    HostName 127.0.0.1\n"
            f"    Port {port}\n"
            "    User root\n"
            f'    IdentityFile "{image.private_key}"\n'
            "    IdentitiesOnly yes\n"
            f'    UserKnownHostsFile "{self.known_hosts}"\n'
            "    GlobalKnownHostsFile /dev/null\n"
            "    StrictHostKeyChecking yes\n"
            "    ConnectTimeout 20\n"
            "    LogLevel ERROR\n",
        )
        argv = argv_of_machine(overlay, self._folder / "console.log", self._pid_file, port)
        with (self._folder / "qemu.log").open("wb") as log:
            # In a session of its own, so that a Ctrl-C does not end it before its services are
            # removed.
            qemu = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        while self.process() is None:
            if qemu.poll() is not None:
                raise self._has_ended()
            time.sleep(0.05)
        return port

    def wait(self) -> str:
        """Wait until it has booted and ssh answers; say how it came up."""
        deadline = time.monotonic() + READY_SECONDS
        answer = ""
        while time.monotonic() < deadline:
            if self.process() is None:
                raise self._has_ended()
            command = ["systemctl", "is-system-running", "--wait"]
            asked = run(self.ssh(command), check=False, seconds=READY_SECONDS)
            answer = asked.stdout.strip() or asked.stderr.strip()
            if answer in ("running", "degraded"):
                return answer
            time.sleep(1)
        console = (self._folder / "console.log").read_text(errors="replace")
        last = "\n".join(console.splitlines()[-10:])
        raise LabError(f"The machine was not ready within {READY_SECONDS} s: {answer}\n{last}")

    def ssh(self, command: list[str]) -> list[str]:
        """Give the ssh command for it; without a command, for a shell."""
        batch = ["-o", "BatchMode=yes"] if command else []
        return ["ssh", "-F", str(self.ssh_configuration), *batch, NAME, *command]

    def append(self, path: str, text: str) -> None:
        """Append text to a file on it."""
        run(self.ssh(["printf %s " + shlex.quote(text) + " >> " + shlex.quote(path)]))

    def process(self) -> int | None:
        """Give its PID, found by its arguments: a PID file's number may be another process's."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                arguments = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if arguments[0].endswith(PROGRAM) and str(self._pid_file) in arguments:
                    return int(folder.name)
        return None

    def _has_ended(self) -> LabError:
        words = (self._folder / "qemu.log").read_text(errors="replace")
        return LabError(f"qemu has ended: {words or 'without a word'}")

    def stop(self) -> bool:
        """End it and remove its disk; true if there was one, whole or half."""
        was_there = self._folder.exists()
        for number in (signal.SIGTERM, signal.SIGKILL):
            pid = self.process()
            deadline = time.monotonic() + STOP_SECONDS
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            while pid is not None and self.process() == pid and time.monotonic() < deadline:
                time.sleep(0.05)
        shutil.rmtree(self._folder, ignore_errors=True)
        return was_there
