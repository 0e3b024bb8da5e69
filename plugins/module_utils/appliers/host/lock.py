# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run at a time a host; a second one waits for the first, and says whose it is."""

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
# How long a free lock may stay unseen.
_PAUSE = 0.2


@contextlib.contextmanager
def run_lock(
    deed: str,
    path: str = LOCK,
    seconds: float = 0,
    tell: Callable[[str], None] = lambda _told: None,
) -> Iterator[str]:
    """Hold the host's lock; the kernel gives it back whatever ends the holder.

    Gives a sentence on whom it has waited for, empty where it has not. ``tell`` is told at once.

    :raises ApplyFailed: where another run holds it for longer than these seconds.
    """
    folder = os.path.dirname(path)
    make_folder(folder)
    # An older one may be narrow, and apt's own user must get to what lies below.
    os.chmod(folder, OPEN)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    holds = False
    try:
        waited = _wait(descriptor, path, seconds, tell)
        holds = True
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _holder(deed).encode("utf-8"), 0)
        command.hold_lock(descriptor)
        # What commands make is as the system's own: root's umask may be 077 on hardened hosts.
        umask = os.umask(UMASK)
        try:
            yield waited
        finally:
            os.umask(umask)
    finally:
        if holds:
            # Nobody is to take the words of a run that has ended for those of the next.
            os.ftruncate(descriptor, 0)
        command.let_go(descriptor)
        os.close(descriptor)


def _wait(descriptor: int, path: str, seconds: float, tell: Callable[[str], None]) -> str:
    """Take the lock as soon as nobody else has it, and say who had."""
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
