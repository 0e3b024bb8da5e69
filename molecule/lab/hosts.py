"""The lab's hosts: containers with systemd as PID 1, reached over ssh like any other machine."""

import hashlib
import socket
import subprocess
import time
from pathlib import Path

import loops
from checkout import HOST_NAMES, IMAGE_LABEL, KIND_LABEL, NOTE_LABEL, Checkout
from commands import LabError, run
from engine import Engine
from images import HostImage
from progress import Progress
from state import HostState

READY_SECONDS = 60
STOP_SECONDS = 20
PORTS = range(20000, 32000)
# --privileged would do too, but asks for capabilities that some machines cannot give.
RIGHTS = (
    *("--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE"),
    *("--security-opt", "seccomp=unconfined"),
    *("--security-opt", "apparmor=unconfined"),
    *("--security-opt", "systempaths=unconfined"),
    *("--device", "/dev/loop-control", "--device-cgroup-rule", "b 7:* rwm"),
    *("--cgroupns", "private"),
    # As on a virtual machine, these are empty after every boot.
    *("--tmpfs=/run:exec,mode=755", "--tmpfs=/tmp:exec,mode=1777"),
    # An overlay cannot lie on an overlay: nested engines get volumes, which go with the container.
    *("--volume", "/var/lib/docker", "--volume", "/var/lib/containerd"),
)


class Hosts:
    """Start, restart and remove the hosts of one checkout."""

    def __init__(self, checkout: Checkout, engine: Engine, progress: Progress) -> None:
        self._checkout = checkout
        self._engine = engine
        self._progress = progress

    def start(self, name: str, image: HostImage, port: int, kept: str | None = None) -> HostState:
        """Start a fresh host from its image, or from a kept host's, without waiting for it."""
        container = self._checkout.container(name)
        self.remove([name])
        self._engine.docker(
            *("create", "--name", container, "--hostname", name, *self._checkout.labels()),
            *("--label", f"{KIND_LABEL}={image.kind}", "--label", f"{NOTE_LABEL}={image.note}"),
            *("--label", f"{IMAGE_LABEL}={image.tag}"),
            *("--network", self._checkout.network, "--publish", f"127.0.0.1:{port}:22"),
            *RIGHTS,
            kept or image.tag,
        )
        key = public_key(self._checkout)
        self._engine.docker("cp", str(key), f"{container}:/root/.ssh/authorized_keys")
        self._engine.docker("start", container)
        return HostState(port, image.tag, image.kind, image.note, self._host_key(container))

    def is_running(self, name: str, image: str) -> bool:
        """Whether the host runs, started from this very image."""
        state = f'{{{{.State.Running}}}} {{{{index .Config.Labels "{IMAGE_LABEL}"}}}}'
        container = self._checkout.container(name)
        shown = self._engine.docker("inspect", "--format", state, container, check=False)
        return shown.stdout.strip() == f"true {image}"

    def remove(self, names: list[str]) -> None:
        """Remove hosts with all they hold: loop devices, volumes, nested containers."""
        ours = {self._checkout.container(name) for name in names}
        there = sorted(ours & set(self._engine.lines("ps", "--all", "--format", "{{.Names}}")))
        if there:
            loops.detach_all_of(self._engine, there)
            self._engine.docker("rm", "--force", "--volumes", *there)

    def restart(self, name: str) -> None:
        """Do what a reboot is to systemd, mount units and Docker; loop devices do not survive."""
        container = self._checkout.container(name)
        loops.detach_all_of(self._engine, [container])
        self._engine.docker("restart", "--time", str(STOP_SECONDS), container)

    def wait(self, name: str) -> str:
        """Wait until ssh answers and systemd has booted; say how it came up."""
        deadline = time.monotonic() + READY_SECONDS
        answer = ""
        while time.monotonic() < deadline:
            remaining = max(1.0, deadline - time.monotonic())
            command = ["timeout", f"{remaining:.0f}", "systemctl", "is-system-running", "--wait"]
            result = run(ssh_argv(self._checkout, name, command), check=False)
            answer = result.stdout.strip() or result.stderr.strip()
            if answer == "running":
                return "running"
            if answer == "degraded":
                failed = ["systemctl", "list-units", "--failed", "--plain", "--no-legend"]
                listed = run(ssh_argv(self._checkout, name, failed), check=False).stdout
                units = " ".join(line.split()[0] for line in listed.splitlines() if line.strip())
                return f"degraded, failed units: {units}"
            time.sleep(0.2)
        container = self._checkout.container(name)
        words = self._engine.docker("logs", "--tail", "10", container, check=False)
        raise LabError(
            f"{name} was not ready within {READY_SECONDS} s; its last answer over ssh: {answer}\n"
            f"{words.stdout}{words.stderr}"
        )

    def _host_key(self, container: str) -> str:
        """Give the host's public ssh key as the engine tells it, not as the port answers."""
        path = "/etc/ssh/ssh_host_ed25519_key.pub"
        kind, key, *_ = self._engine.docker("exec", container, "cat", path).stdout.split()
        return f"{kind} {key}"


def make_key(checkout: Checkout) -> None:
    """Make a throw-away ssh key pair for this lab."""
    path = private_key(checkout)
    if not (path.exists() and public_key(checkout).exists()):
        path.unlink(missing_ok=True)
        comment = f"dockwright-lab-{checkout.key}"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])


def private_key(checkout: Checkout) -> Path:
    return checkout.state / "id_ed25519"


def public_key(checkout: Checkout) -> Path:
    return checkout.state / "id_ed25519.pub"


def known_hosts(checkout: Checkout) -> Path:
    return checkout.state / "known_hosts"


def ssh_configuration(checkout: Checkout) -> Path:
    return checkout.state / "ssh_config"


def known_hosts_text(hosts: dict[str, HostState]) -> str:
    """Give the hosts' keys in the form of ssh's known_hosts, one to a line."""
    return "".join(f"[127.0.0.1]:{host.port} {host.host_key}\n" for host in hosts.values())


def ssh_configuration_text(checkout: Checkout, hosts: dict[str, HostState]) -> str:
    """Give an ssh configuration in which the hosts have their names."""
    blocks = []
    for name, host in sorted(hosts.items()):
        blocks.append(
            f"Host {name}\n"
            "    HostName 127.0.0.1\n"
            f"    Port {host.port}\n"
            "    User root\n"
            f'    IdentityFile "{private_key(checkout)}"\n'
            "    IdentitiesOnly yes\n"
            f'    UserKnownHostsFile "{known_hosts(checkout)}"\n'
            "    GlobalKnownHostsFile /dev/null\n"
            "    StrictHostKeyChecking yes\n"
            "    ConnectTimeout 5\n"
            "    LogLevel ERROR\n"
        )
    return "\n".join(blocks)


def ssh_argv(checkout: Checkout, name: str, command: list[str]) -> list[str]:
    """Give the ssh command for a host; without a command, for a shell."""
    batch = ["-o", "BatchMode=yes"] if command else []
    return ["ssh", "-F", str(ssh_configuration(checkout)), *batch, name, *command]


def free_port(checkout: Checkout, name: str, taken: set[int]) -> int:
    """Give a free port of 127.0.0.1; if it can be, the same one each time for a checkout."""
    for attempt in range(200):
        number = hashlib.sha256(f"{checkout.key} {name} {attempt}".encode()).digest()
        port = PORTS[int.from_bytes(number[:4], "big") % len(PORTS)]
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in taken:
            return port
    raise LabError("No free port was found on 127.0.0.1 between 20000 and 32000")


def terminal(checkout: Checkout, name: str, command: list[str]) -> int:
    """Hand the terminal to ssh on a host, for a command or a shell."""
    if name not in HOST_NAMES:
        raise LabError(f"{name} is no host of the lab: {', '.join(HOST_NAMES)}")
    argv = ["ssh", "-F", str(ssh_configuration(checkout)), name, *command]
    return subprocess.run(argv, check=False).returncode
