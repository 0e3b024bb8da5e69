"""Take a lab down, whole or half made, and what vanished checkouts left on the engine."""

import os
import shutil
from pathlib import Path

import inventory
import loops
import state
from checkout import CHECKOUT_LABEL, LABEL, Checkout
from commands import LabError
from daemon import OwnDaemon
from engine import Engine, release_engine, revive, running_engine
from kept import forget_vanished
from locks import free
from progress import Progress
from services import whole_mark

STATE_NAMES = (
    *("state.json", ".state.json.new", "known_hosts", ".known_hosts.new"),
    *("ssh_config", ".ssh_config.new", "id_ed25519", "id_ed25519.pub", "tls", ".gitignore"),
)
# `python` is what tests/environments.py keeps here.
CACHED = ("package-site", "registry", "scratch", "logs", "python")


def down(checkout: Checkout, progress: Progress, purge: bool) -> None:
    """Remove containers, volumes, networks, loop devices and mounts, and our own dockerd."""
    inventory.remove(checkout)
    remembered = state.load(checkout.state).engine
    engine = running_engine(checkout, remembered)
    own = OwnDaemon(checkout.cache)
    if remembered and remembered != own.address and (not engine or engine.address != remembered):
        raise LabError(
            f"The engine that runs this lab, {remembered}, does not answer: start it, so that its "
            "containers can be removed."
        )
    engine = engine or revive(checkout, progress, remembered)
    stopped = True
    if engine:
        clear(checkout, engine, progress)
        stopped = release_engine(checkout, engine, progress)
    _remove_half_built(checkout)
    if purge:
        _purge(checkout, engine, stopped, progress)
    _forget(checkout)


def clear(checkout: Checkout, engine: Engine, progress: Progress) -> None:
    """Remove from the engine all that the labs of this checkout and of vanished ones made."""
    for key in [checkout.key, *_vanished(engine)]:
        containers = engine.containers(f"{LABEL}={key}")
        if containers:
            for device in loops.detach_all_of(engine, containers):
                progress.say(f"detached {device}")
            engine.docker("rm", "--force", "--volumes", *containers)
        selected = ("--filter", f"label={LABEL}={key}", "--format", "{{.Name}}")
        networks = engine.lines("network", "ls", *selected)
        if networks:
            engine.docker("network", "rm", *networks)
        if containers or networks:
            whose = "" if key == checkout.key else " of a checkout that no longer exists"
            removed = f"{len(containers)} container(s), {len(networks)} network(s)"
            progress.say(f"removed {removed}{whose}")
    forget_vanished(engine)


def _remove_half_built(checkout: Checkout) -> None:
    """Remove what a killed run was building, unless somebody builds it now."""
    built = [(path, path.name) for path in (checkout.cache / "scratch").glob("*")]
    for kind in ("package-site", "registry"):
        folders = [path for path in (checkout.cache / kind).glob("*") if path.is_dir()]
        halves = [path for path in folders if not whole_mark(path).exists()]
        built += [(path, f"{kind}-{path.name}") for path in halves]
    for path, lock in built:
        with free(checkout.cache / "locks" / f"{lock}.lock") as is_free:
            if is_free:
                shutil.rmtree(path, ignore_errors=True)


def _vanished(engine: Engine) -> list[str]:
    """Give the keys of labs whose checkout is gone and cannot take them down itself.

    Only on our own engine: another one may be shared with machines whose folders we do not see.
    """
    if not engine.own:
        return []
    shape = f'{{{{.Label "{LABEL}"}}}}\t{{{{.Label "{CHECKOUT_LABEL}"}}}}'
    rows = engine.lines("ps", "--all", "--filter", f"label={LABEL}", "--format", shape)
    return sorted({key for key, _, root in (row.partition("\t") for row in rows) if _gone(root)})


def _gone(root: str) -> bool:
    return bool(root) and not Path(root).exists()


def _purge(checkout: Checkout, engine: Engine | None, stopped: bool, progress: Progress) -> None:
    own = OwnDaemon(checkout.cache)
    if engine and engine.own and not stopped:
        progress.say("the cache was not purged: another checkout's lab uses it")
        return
    if engine and not engine.own:
        images = engine.lines("image", "ls", "--quiet", "--filter", "reference=dockwright-lab/*")
        if images:
            engine.docker("image", "rm", "--force", *sorted(set(images)))
    with progress.step("purging the image cache"):
        if os.geteuid() == 0:
            own.purge()
        for name in CACHED:
            shutil.rmtree(checkout.cache / name, ignore_errors=True)


def _forget(checkout: Checkout) -> None:
    """Remove our files in the state folder, and the folder if nothing else is in it."""
    for name in STATE_NAMES:
        path = checkout.state / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if checkout.state.is_dir() and not any(checkout.state.iterdir()):
        checkout.state.rmdir()
