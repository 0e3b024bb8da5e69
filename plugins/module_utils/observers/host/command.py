# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a command that only reads, for a bounded time."""

import contextlib
import os
import signal
import subprocess
from typing import Dict, Mapping, NamedTuple, Optional, Sequence

_DYING_SECONDS = 5.0


class CommandFailed(Exception):
    """A command could not be run, did not end in time, or failed."""


class CommandNotFound(CommandFailed):
    """There is no such command on this host."""


class CommandTimedOut(CommandFailed):
    """A command did not end in time; asked again it would take as long."""


class Output(NamedTuple):
    """How a command ended and what it printed."""

    status: int
    stdout: str
    stderr: str


def read(
    argv: Sequence[str],
    seconds: float = 60,
    as_nobody: bool = False,
    environment: Optional[Mapping[str, str]] = None,
) -> Output:
    """Run a command in the C locale and give its output; run as nobody, it cannot write anything.

    :raises CommandFailed: where it does not exist or does not end within ``seconds``.
    """
    try:
        process = subprocess.Popen(
            # Python 3.6 would encode them for the locale, and C has only 128 characters.
            [encoded(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment_of(environment),
            start_new_session=True,
            preexec_fn=_become_nobody if as_nobody else None,
        )
    except FileNotFoundError as error:
        raise CommandNotFound("%s could not be run: %s" % (argv[0], error))
    except (OSError, subprocess.SubprocessError) as error:
        raise CommandFailed("%s could not be run: %s" % (argv[0], error))
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # Its children hold its output open, and communicate() would wait for them.
        os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            # A command that waits for a disk or a server that is gone cannot even be killed.
            process.communicate(timeout=_DYING_SECONDS)
        raise CommandTimedOut("%s did not end within %d s" % (" ".join(argv), seconds))
    return Output(
        process.returncode,
        stdout.decode("utf-8", "replace"),
        stderr.decode("utf-8", "replace"),
    )


def environment_of(given: Optional[Mapping[str, str]]) -> Dict[bytes, bytes]:
    """Give every command's environment: the C locale, all folders of programs, what is given."""
    full = dict(os.environ, LC_ALL="C", LANGUAGE="C")
    full["PATH"] = full.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin"
    full.update(given or {})
    return {encoded(name): encoded(value) for name, value in full.items()}


def encoded(text: str) -> bytes:
    """Encode a word of a command line without change, whatever the locale is."""
    return text.encode("utf-8", "surrogateescape")


def _become_nobody() -> None:
    # 65534 is nobody on every distribution (systemd, docs/UIDS-GIDS.md).
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
