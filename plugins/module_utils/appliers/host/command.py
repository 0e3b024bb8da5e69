# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a command that changes the host; if it fails, the run ends with the command's own words."""

import contextlib
import subprocess
import time
from typing import Mapping, Optional, Sequence, Set

from ...observers.host.command import encoded, environment_of
from ...observers.storage.progress import signs_of_life

# Nobody knows how long a copy, a format or a download takes. A command that makes progress is never
# ended; one without a sign of life for this many seconds is.
STILL = 3600.0
_PAUSE = 30.0
_DYING_SECONDS = 5.0
_TOLD = 2000


# Descriptors of the locks that this run holds.
_locks: Set[int] = set()


class ApplyFailed(Exception):
    """Something could not be carried out; the message says what, and what was answered."""


def run(
    argv: Sequence[str],
    environment: Optional[Mapping[str, str]] = None,
    accepted: Sequence[int] = (0,),
    seconds: Optional[float] = None,
    keeps_lock: bool = False,
) -> str:
    """Run a command and give its output; ``accepted`` are the exit statuses that are no failure.

    ``seconds`` limits a command that only waits for others; without it a command may take as long
    as it makes progress. With ``keeps_lock`` the command holds the run's lock until it ends, even
    if the run is killed before.

    :raises ApplyFailed: where it does not exist, fails or does not end.
    """
    try:
        process = subprocess.Popen(
            [encoded(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment_of(environment),
            pass_fds=tuple(_locks) if keeps_lock else (),
        )
    except OSError as error:
        raise ApplyFailed("`%s` could not be run: %s." % (argv[0], error.strerror))
    try:
        output = _output_of(process, seconds)
    except subprocess.TimeoutExpired:
        told = "`%s` did not end within %d s." % (" ".join(argv), seconds or 0)
        if seconds is None:
            told = "`%s` has done nothing for %d s, and was ended." % (" ".join(argv), STILL)
        raise ApplyFailed(told)
    finally:
        if process.poll() is None:
            process.kill()
            # Its children may hold its output open; they are not waited for.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=_DYING_SECONDS)
    printed = output.decode("utf-8", "replace")
    if process.returncode not in accepted:
        raise ApplyFailed(
            "`%s` ended with %d: %s"
            % (" ".join(argv), process.returncode, printed.strip()[-_TOLD:])
        )
    return printed


def _output_of(process: "subprocess.Popen[bytes]", seconds: Optional[float]) -> bytes:
    """Wait for a command to end; without ``seconds`` for as long as it makes progress.

    :raises TimeoutExpired: where it does not end in that time.
    """
    if seconds is not None:
        return process.communicate(timeout=seconds)[0]
    signs, since = signs_of_life(process.pid), time.monotonic()
    while True:
        try:
            return process.communicate(timeout=_PAUSE)[0]
        except subprocess.TimeoutExpired:
            now = signs_of_life(process.pid)
            if now != signs:
                signs, since = now, time.monotonic()
            elif time.monotonic() - since >= STILL:
                raise


def hold_lock(descriptor: int) -> None:
    """Have commands with ``keeps_lock`` inherit this descriptor."""
    _locks.add(descriptor)


def let_go(descriptor: int) -> None:
    """Have no later command inherit it."""
    _locks.discard(descriptor)
