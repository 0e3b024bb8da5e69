"""The machine's command line: `python molecule/vm COMMAND`."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

# Engine, package site, registry and their builders are the lab's own.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

import teardown
from commands import LabError
from declared import write_inventory
from guest import NAME, Guest
from image import GuestImage, guest_image
from locks import locked
from machine import require
from parallel import SideBySide
from place import vm_checkout
from progress import Progress
from qemu import PROGRAM
from surroundings import Surroundings, serve


@click.group()
def main() -> None:
    """A throw-away virtual machine with Debian 12, its own kernel and GRUB, in software alone."""


@main.command()
def up() -> None:
    """Boot a fresh machine beside its package site and registry."""
    with reported("up") as progress:
        _down(progress)
        try:
            _up(progress)
        except BaseException:
            progress.say("up did not succeed: taking the machine down")
            with suppress(LabError):
                _down(progress)
            raise


@main.command()
def down() -> None:
    """Take the machine and its services away, half made or whole; its built disk stays cached."""
    with reported("down") as progress:
        _down(progress)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("command", metavar="[CMD]...", nargs=-1, type=click.UNPROCESSED)
def ssh(command: tuple[str, ...]) -> None:
    """Open a shell on the machine, or run a command there."""
    argv = Guest(vm_checkout(), Progress()).ssh(list(command))
    sys.exit(subprocess.run(argv, check=False).returncode)


def _up(progress: Progress) -> None:
    checkout = vm_checkout()
    checkout.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The folder's own file has git ignore it, whatever the checkout's .gitignore says.
    (checkout.state / ".gitignore").write_text("*\n")
    require(PROGRAM, progress, checkout.cache / "logs")
    guest = Guest(checkout, progress)

    def boot(image: GuestImage) -> int:
        port = guest.start(image)
        with progress.step("the machine's boot"):
            progress.say(f"{NAME}: systemd is {guest.wait()}, ssh on 127.0.0.1:{port}")
        return port

    with SideBySide() as steps:
        surroundings = steps.start(serve, checkout, progress)
        image = steps.start(guest_image, checkout, progress)
        port = steps.start(lambda: boot(image.result()))
    _tell_names(guest, surroundings.result())
    told = surroundings.result().manifest
    write_inventory(checkout, guest, image.result(), port.result(), told)


def _tell_names(guest: Guest, surroundings: Surroundings) -> None:
    lines = "".join(f"{where} {name}\n" for name, where in surroundings.addresses.items())
    guest.append("/etc/hosts", lines)


def _down(progress: Progress) -> None:
    checkout = vm_checkout()
    if Guest(checkout, progress).stop():
        progress.say("the machine is gone")
    teardown.down(checkout, progress, purge=False)


@contextmanager
def reported(what: str) -> Iterator[Progress]:
    """One run at a time; say how long it took, and turn what a person has to know into a word."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    progress = Progress("vm")
    checkout = vm_checkout()
    try:
        with locked(checkout.lock, progress, "another run of this checkout's machine"):
            yield progress
        progress.say(f"{what}: all of it in {progress.seconds:.1f} s")
    except LabError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.ClickException("interrupted") from None


def _end(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(prog_name="vm")
