"""The lab's own dockerd, shared by all checkouts and started only if no other engine answers."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import firewall
from checkout import DEFAULT_CACHE
from commands import LabError, run
from progress import Progress

START_SECONDS = 40
STOP_SECONDS = 30
# Pools apart from Docker's usual ones, which are for the engines on the lab hosts.
ADDRESS_POOLS = ("base=10.213.0.0/16,size=24", "base=192.168.224.0/19,size=24")


class OwnDaemon:
    """A dockerd with its own socket, PID file, data and exec root, and without a docker0 bridge."""

    def __init__(self, cache: Path) -> None:
        digest = hashlib.sha256(str(cache).encode()).hexdigest()[:6]
        suffix = "" if cache == DEFAULT_CACHE else f"-{digest}"
        # Below /run paths are short enough for sockets, and go after a reboot, as the daemon does.
        self.runtime = Path(f"/run/dockwright-lab{suffix}")
        self.data = cache / "engine"
        self.log = cache / "logs" / "dockerd.log"
        self.socket = self.runtime / "docker.sock"
        self.pid_file = self.runtime / "docker.pid"
        self.exec_root = self.runtime / "exec"
        self.containerd_pid_file = self.exec_root / "containerd" / "containerd.pid"
        self.firewall = self.runtime / "firewall.json"
        self.configuration = self.runtime / "daemon.json"

    @property
    def address(self) -> str:
        return f"unix://{self.socket}"

    @property
    def binary(self) -> str:
        """Give the client that came with the daemon, not whichever is first in PATH."""
        beside = Path(shutil.which("dockerd") or "/usr/bin/dockerd").resolve().parent
        for folder in (Path("/usr/bin"), beside):
            if (folder / "docker").is_file():
                return str(folder / "docker")
        return shutil.which("docker") or "docker"

    def was_started(self) -> bool:
        """Whether this daemon runs, or ran since the machine's boot and was not taken down."""
        return self.runtime.is_dir()

    def process(self) -> int | None:
        """Give its PID, found by its arguments: a PID file's number may be another process's."""
        ours = (pid for pid, arguments in _dockerds() if str(self.pid_file) in arguments)
        return next(ours, None)

    def start(self, progress: Progress) -> None:
        """Start it and wait until it answers; it outlives us."""
        if self.process() is None:
            # After a kill, dockerd would believe the numbers in the old PID files.
            self._end(self._containerd)
            for pid_file in (self.pid_file, self.containerd_pid_file):
                pid_file.unlink(missing_ok=True)
            for folder in (self.runtime, self.data, self.log.parent):
                folder.mkdir(parents=True, exist_ok=True)
            # Not the machine's daemon.json, which is for another daemon and may contradict these
            # flags.
            self.configuration.write_text("{}\n")
            if not self.firewall.exists():
                firewall.remember(self.firewall)
            with self.log.open("ab") as log:
                subprocess.Popen(
                    self._argv(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
                )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                words = self.log.read_text(errors="replace").splitlines()[-8:]
                raise LabError("The lab's dockerd does not answer:\n" + "\n".join(words))
            time.sleep(0.1)
        progress.say(f"engine: our own dockerd, {self.address} (log: {self.log})")

    def stop(self) -> None:
        """Stop it, and remove everything of it but its data, which is the image cache."""
        self._end(self.process)
        # A killed dockerd cannot end the containerd that it started.
        self._end(self._containerd)
        if not any(_dockerds()):
            firewall.restore(self.firewall)
        self._clear()

    def purge(self) -> None:
        """Remove the image cache; the daemon must be stopped."""
        self._unmount(self.data)
        shutil.rmtree(self.data, ignore_errors=True)

    def _argv(self) -> list[str]:
        argv = [shutil.which("dockerd") or "/usr/sbin/dockerd", "--host", self.address]
        argv += ["--data-root", str(self.data), "--exec-root", str(self.exec_root)]
        argv += ["--pidfile", str(self.pid_file), "--group", "root", "--bridge", "none"]
        # The machine's own containerd may be used, so we keep to names of our own there.
        argv += ["--containerd-namespace", "dockwright-lab"]
        argv += ["--containerd-plugins-namespace", "dockwright-lab-plugins"]
        argv += ["--config-file", str(self.configuration)]
        for pool in ADDRESS_POOLS:
            argv += ["--default-address-pool", pool]
        return argv

    def _answers(self) -> bool:
        argv = [self.binary, "--host", self.address, "version", "--format", "{{.Server.Version}}"]
        return self.socket.exists() and run(argv, check=False).returncode == 0

    def _containerd(self) -> int | None:
        try:
            pid = int(self.containerd_pid_file.read_text())
        except (OSError, ValueError):
            return None
        ours = any(str(self.exec_root) in argument for argument in _arguments(Path(f"/proc/{pid}")))
        return pid if ours else None

    def _end(self, find: Callable[[], int | None]) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + STOP_SECONDS
            pid = find()
            if pid is None:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            while find() == pid and time.monotonic() < deadline:
                time.sleep(0.05)

    def _clear(self) -> None:
        self._unmount(self.runtime)
        self._unmount(self.data)
        shutil.rmtree(self.runtime, ignore_errors=True)

    def _unmount(self, folder: Path) -> None:
        """Unmount what a stopped or killed dockerd leaves, such as its network namespaces."""
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in reversed(mounts):
            if f"{mount}/".startswith(f"{folder}/"):
                run(["umount", "--lazy", mount], check=False)


def _dockerds() -> Iterator[tuple[int, list[str]]]:
    """Give PID and arguments of every dockerd in this network namespace."""
    for folder in Path("/proc").glob("[0-9]*"):
        arguments = _arguments(folder)
        if arguments and arguments[0].endswith("dockerd"):
            with contextlib.suppress(OSError):
                if (folder / "ns/net").samefile("/proc/self/ns/net"):
                    yield int(folder.name), arguments


def _arguments(process: Path) -> list[str]:
    """Give the arguments of a process, or none if it is gone."""
    try:
        content = (process / "cmdline").read_bytes()
    except OSError:
        return []
    return content.decode(errors="replace").split("\0")[:-1]
