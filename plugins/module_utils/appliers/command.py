# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a command that changes the host; one that fails ends the run in its own words."""

import os
import subprocess
from typing import Mapping, Optional, Sequence, Set

from ansible_collections.dockwright.host.plugins.module_utils.observers.command import encoded

# A package transaction over a slow line takes many minutes; none takes an hour.
_LONGEST = 3600
_TOLD = 2000


# Descriptors of the locks this run holds.
_locks: Set[int] = set()


class ApplyFailed(Exception):
    """Something could not be carried out; the message says what and what was answered."""


def run(
    argv: Sequence[str],
    environment: Optional[Mapping[str, str]] = None,
    accepted: Sequence[int] = (0,),
    seconds: float = _LONGEST,
    keeps_lock: bool = False,
) -> str:
    """Run a command and give what it printed; ``accepted`` are the statuses that are no failure.

    One that ``keeps_lock`` holds the run's lock until it ends, though the run be killed before.

    :raises ApplyFailed: where it is not there, says no or does not end.
    """
    full = dict(os.environ, LC_ALL="C", LANGUAGE="C")
    full["PATH"] = full.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin"
    full.update(environment or {})
    try:
        process = subprocess.run(
            [encoded(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={encoded(name): encoded(value) for name, value in full.items()},
            timeout=seconds,
            pass_fds=tuple(_locks) if keeps_lock else (),
        )
    except OSError as error:
        raise ApplyFailed("`%s` could not be run: %s." % (argv[0], error.strerror))
    except subprocess.TimeoutExpired:
        raise ApplyFailed("`%s` did not end within %d s." % (" ".join(argv), seconds))
    printed = process.stdout.decode("utf-8", "replace")
    if process.returncode not in accepted:
        raise ApplyFailed(
            "`%s` ended with %d: %s"
            % (" ".join(argv), process.returncode, printed.strip()[-_TOLD:])
        )
    return printed


def hold_lock(descriptor: int) -> None:
    """Have the commands that keep the lock hold this one."""
    _locks.add(descriptor)


def let_go(descriptor: int) -> None:
    """Have no later command hold it."""
    _locks.discard(descriptor)
