# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Allow one run at a time on a host; a second one waits for the first, and says whose it is."""

import contextlib
import fcntl
import os
import time
from typing import Callable, Iterator, List

from ...observers.host.run_at_work import LOCK, name_holder
from . import command
from .command import ApplyFailed
from .folders import OPEN, UMASK, make_folder

TIMEOUT = "docker_activation_run_timeout"
# How often a waiting run looks again whether the lock is free, in seconds.
_PAUSE = 0.2


@contextlib.contextmanager
def run_lock(
    deed: str,
    path: str = LOCK,
    seconds: float = 0,
    tell: Callable[[str], None] = lambda _told: None,
) -> Iterator[str]:
    """Hold the host's lock, which the kernel releases however the holder ends.

    Gives a sentence on whom it has waited for, empty if nobody. ``tell`` gets it while waiting.

    :raises ApplyFailed: where another run holds the lock for longer than ``seconds``.
    """
    folder = os.path.dirname(path)
    make_folder(folder)
    # An older version made the folder narrower, and apt's own user must get to what lies below.
    os.chmod(folder, OPEN)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    holds = False
    try:
        waited = _wait(descriptor, path, seconds, tell)
        holds = True
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _holder(deed).encode("utf-8"), 0)
        command.hold_lock(descriptor)
        # What commands make has the system's usual mode: on hardened hosts root's umask may be 077.
        umask = os.umask(UMASK)
        try:
            yield waited
        finally:
            os.umask(umask)
    finally:
        if holds:
            # Nobody should take the words of a run that has ended for those of the next.
            os.ftruncate(descriptor, 0)
        command.let_go(descriptor)
        os.close(descriptor)


def _wait(descriptor: int, path: str, seconds: float, tell: Callable[[str], None]) -> str:
    """Take the lock as soon as it is free, and say who held it."""
    began = time.monotonic()
    holders: List[str] = []
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            pass
        holder = name_holder(path)
        if holder and holder not in holders:
            holders.append(holder)
            tell("Waiting up to %d s for another Dockwright run to end: %s." % (seconds, holder))
        waited = time.monotonic() - began
        if waited >= seconds:
            raise ApplyFailed(_in_vain(holders, path, waited))
        time.sleep(min(_PAUSE, seconds - waited))
    if not holders:
        return ""
    told = "Waited %d s for another Dockwright run on this host to end: %s."
    return told % (round(time.monotonic() - began), "; then ".join(holders))


def _in_vain(holders: List[str], path: str, waited: float) -> str:
    return (
        "Another Dockwright run is at work on this host: %s. This one has waited %d s for it, as "
        "%s says. Wait for it to end; its lock on %s ends with it."
        % (holders[-1] if holders else "it has not said whose", round(waited), TIMEOUT, path)
    )


def _holder(deed: str) -> str:
    user = os.environ.get("SUDO_USER") or os.environ.get("USER") or "root"
    client = os.environ.get("SSH_CLIENT", "").split(" ")[0]
    source = " from %s" % client if client else ""
    since = time.strftime("%Y-%m-%d %H:%M:%S %z")
    return "%s, process %d, %s%s, since %s" % (deed, os.getpid(), user, source, since)
