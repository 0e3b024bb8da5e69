"""The lab's command line: `python molecule/lab COMMAND`."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from checkout import HOST_NAMES, LANE, every_lane, this_checkout
from commands import LabError
from hosts import terminal
from lab import Lab
from progress import Progress

HOSTS = click.Choice(HOST_NAMES)
PLAIN = {"ignore_unknown_options": True}


@click.group()
def main() -> None:
    """Throw-away hosts and services, all real, for the demo, the scenarios and the benchmark."""


@main.command()
@click.argument("names", metavar="[HOST]...", nargs=-1, type=HOSTS)
@click.option("--keep-failed", is_flag=True, help="Leave what is there when something fails.")
def up(names: tuple[str, ...], keep_failed: bool) -> None:
    """Bring the lab up: all hosts, or those named."""
    with timed("up") as progress:
        Lab(this_checkout(), progress).up(names or HOST_NAMES, keep_failed)


@main.command()
@click.option("--purge", is_flag=True, help="Remove the cached images, kept hosts and packages.")
def down(purge: bool) -> None:
    """Take everything of this checkout's lab away, half made or whole."""
    with timed("down") as progress:
        for checkout in [this_checkout()] if os.environ.get(LANE) else every_lane():
            Lab(checkout, progress).down(purge)


@main.command()
@click.argument("names", metavar="HOST...", nargs=-1, type=HOSTS, required=True)
@click.option("--to", "kept_as", default="", help="As they were kept under this name.")
def reset(names: tuple[str, ...], kept_as: str) -> None:
    """Make hosts bare again, or what they were when they were kept."""
    with timed("reset") as progress:
        Lab(this_checkout(), progress).reset(names, kept_as)


@main.command()
@click.argument("keep_as", metavar="NAME")
@click.argument("names", metavar="HOST...", nargs=-1, type=HOSTS, required=True)
def keep(keep_as: str, names: tuple[str, ...]) -> None:
    """Keep hosts as they are; what is on volumes of theirs is not kept."""
    with timed("keep") as progress:
        Lab(this_checkout(), progress).keep(names, keep_as)


@main.command("not-kept")
@click.argument("kept_as", metavar="NAME")
@click.argument("names", metavar="HOST...", nargs=-1, type=HOSTS, required=True)
def not_kept(kept_as: str, names: tuple[str, ...]) -> None:
    """Print which of these hosts were not kept under a name."""
    with reported() as progress:
        for name in Lab(this_checkout(), progress).not_kept(names, kept_as):
            click.echo(name)


@main.command()
@click.argument("names", metavar="HOST...", nargs=-1, type=HOSTS, required=True)
def restart(names: tuple[str, ...]) -> None:
    """Reboot hosts."""
    with timed("restart") as progress:
        Lab(this_checkout(), progress).restart(names)


@main.command()
def status() -> None:
    """Show what is up."""
    with reported() as progress:
        for line in Lab(this_checkout(), progress).status():
            click.echo(line)


@main.command(context_settings=PLAIN)
@click.argument("name", metavar="HOST", type=HOSTS)
@click.argument("command", metavar="[CMD]...", nargs=-1, type=click.UNPROCESSED)
def ssh(name: str, command: tuple[str, ...]) -> None:
    """Open a shell on a host, or run a command there."""
    sys.exit(terminal(this_checkout(), name, list(command)))


@main.command("engine-env")
def engine_env() -> None:
    """Print what a docker client needs to see the lab's containers."""
    with reported() as progress:
        engine = Lab(this_checkout(), progress).engine()
        click.echo(f"DOCKER_HOST={engine.address}")


@contextmanager
def reported() -> Iterator[Progress]:
    """Turn what a person has to know into a sentence and an exit code."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        yield Progress()
    except LabError as error:
        raise click.ClickException(str(error)) from None
    except PermissionError as error:
        raise click.ClickException(
            f"{error.filename}: permission denied. Run this as root, or set DOCKWRIGHT_LAB_CACHE "
            "and DOCKWRIGHT_LAB_STATE to folders of your own."
        ) from None
    except KeyboardInterrupt:
        raise click.ClickException("interrupted") from None


@contextmanager
def timed(what: str) -> Iterator[Progress]:
    """Report as above, and say at the end how long it took."""
    with reported() as progress:
        yield progress
        progress.say(f"{what}: all of it in {progress.seconds:.1f} s")


def _end(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(prog_name="lab")
