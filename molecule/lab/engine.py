"""Find a container engine that answers, or install and start one, and talk to it."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from checkout import LABEL, Checkout
from commands import LabError, run
from daemon import OwnDaemon
from locks import free, locked
from machine import can_install, release, remove_our_policy, require
from progress import Progress

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Engine:
    """An engine that answered: its client, its address, and whether the lab started it."""

    binary: str
    address: str
    own: bool

    def docker(
        self,
        *arguments: str,
        check: bool = True,
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> CompletedProcess[str]:
        """Run one docker command on this engine."""
        argv = self.argv(*arguments)
        return run(argv, check=check, log=log, environment=environment, seconds=seconds)

    def argv(self, *arguments: str) -> list[str]:
        return [self.binary, "--host", self.address, *arguments]

    def lines(self, *arguments: str) -> list[str]:
        """Give the lines that a docker command prints."""
        return self.docker(*arguments).stdout.split("\n")[:-1]

    def has_image(self, tag: str) -> bool:
        return self.docker("image", "inspect", tag, check=False).returncode == 0

    def containers(self, label: str) -> list[str]:
        """Give the names of all containers with a label, running or not."""
        return self.lines("ps", "--all", "--filter", f"label={label}", "--format", "{{.Names}}")


def running_engine(checkout: Checkout, remembered: str | None = None) -> Engine | None:
    """Give the engine to use if one answers: the remembered one first, then what people set."""
    own = OwnDaemon(checkout.cache)
    asked = os.environ.get("DOCKER_HOST")
    addresses = [remembered, asked, own.address if own.process() else None, DEFAULT_SOCKET]
    for address in addresses:
        if not address:
            continue
        ours = address == own.address
        if ours and own.process() is None:
            continue
        if not address.startswith("unix://"):
            raise LabError(
                f"DOCKER_HOST is {address}: the lab needs an engine on this machine, reached "
                "through a unix socket. Unset DOCKER_HOST, or point it at one."
            )
        binary = own.binary if ours else shutil.which("docker")
        if binary and Path(address.removeprefix("unix://")).exists():
            engine = Engine(binary, address, ours)
            version = engine.docker("version", check=False, seconds=ANSWER_SECONDS)
            if version.returncode == 0:
                return engine
    return None


def acquire(checkout: Checkout, progress: Progress, remembered: str | None) -> Engine:
    """Give an engine for this checkout, which counts as its user until `release_engine`."""
    own = OwnDaemon(checkout.cache)
    with locked(_lock_file(checkout), progress, "another lab that starts or stops the engine"):
        engine = running_engine(checkout, remembered)
        if engine is None:
            if not shutil.which("dockerd") and not can_install():
                raise LabError(_what_to_install())
            if os.geteuid() != 0:
                raise LabError("No container engine answers, and only root can start one.")
            progress.say("engine: none answers, so the lab runs a dockerd of its own")
            require("dockerd", progress, checkout.cache / "logs")
            require("iptables", progress, checkout.cache / "logs")
            with progress.step("starting dockerd"):
                own.start(progress)
            engine = Engine(own.binary, own.address, own=True)
        elif not engine.own:
            progress.say(f"engine: the one that answers at {engine.address}")
        if engine.own:
            _users(own).mkdir(parents=True, exist_ok=True)
            (_users(own) / checkout.key).write_text(str(checkout.lock))
    return engine


def revive(checkout: Checkout, progress: Progress, remembered: str | None) -> Engine | None:
    """Start the lab's own dockerd again for taking down, if it died and may have left things."""
    own = OwnDaemon(checkout.cache)
    left = own.was_started() or remembered == own.address
    if not left or not shutil.which("dockerd"):
        return None
    own.start(progress)
    return Engine(own.binary, own.address, own=True)


def release_engine(checkout: Checkout, engine: Engine, progress: Progress) -> bool:
    """Stop the lab's own dockerd if no other checkout uses it; true if it is stopped."""
    own = OwnDaemon(checkout.cache)
    remove_our_policy()
    if not engine.own:
        return False
    with locked(_lock_file(checkout), progress, "another lab that starts or stops the engine"):
        (_users(own) / checkout.key).unlink(missing_ok=True)
        owners = f'{{{{.Label "{LABEL}"}}}}'
        others = set(
            engine.lines("ps", "--all", "--filter", f"label={LABEL}", "--format", owners)
        ) | {user.name for user in _users(own).glob("*") if _runs(Path(user.read_text()))}
        others.discard(checkout.key)
        if others:
            progress.say(f"engine: left running for {len(others)} other checkout(s)")
            return False
        with progress.step("stopping our dockerd"):
            own.stop()
    return True


def _lock_file(checkout: Checkout) -> Path:
    return checkout.cache / "locks" / "engine.lock"


def _runs(lock: Path) -> bool:
    with free(lock) as is_free:
        return not is_free


def _users(own: OwnDaemon) -> Path:
    return own.runtime / "users"


def _what_to_install() -> str:
    system = release().get("PRETTY_NAME", "this system")
    return (
        f"No container engine answers (DOCKER_HOST, /var/run/docker.sock), and on {system} the lab "
        "does not install one: it does so only as root on Debian or Ubuntu. Install Docker Engine "
        "(https://docs.docker.com/engine/install/), start it, and run this again."
    )
