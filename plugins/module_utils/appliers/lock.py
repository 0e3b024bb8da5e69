# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run at a time a host; a second one says whose the first is."""

import contextlib
import fcntl
import os
import time
from typing import Iterator

from ansible_collections.dockwright.host.plugins.module_utils.appliers import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed

LOCK = "/run/dockwright/lock"


@contextlib.contextmanager
def run_lock(deed: str, path: str = LOCK) -> Iterator[None]:
    """Hold the host's lock; the kernel gives it back whatever ends the holder.

    :raises ApplyFailed: at once, where another run holds it.
    """
    folder = os.path.dirname(path)
    os.makedirs(folder, 0o755, exist_ok=True)
    # Root's umask has narrowed the mode, and apt's own user must get to what lies below.
    os.chmod(folder, 0o755)  # noqa: S103
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 500).decode("utf-8", "replace").strip()
            raise ApplyFailed(
                "Another Dockwright run is at work on this host: %s. Wait for it to end; "
                "its lock on %s ends with it." % (holder or "it has not said whose", path)
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _holder(deed).encode("utf-8"), 0)
        command.hold_lock(descriptor)
        yield
    finally:
        command.let_go(descriptor)
        os.close(descriptor)


def _holder(deed: str) -> str:
    user = os.environ.get("SUDO_USER") or os.environ.get("USER") or "root"
    client = os.environ.get("SSH_CLIENT", "").split(" ")[0]
    source = " from %s" % client if client else ""
    since = time.strftime("%Y-%m-%d %H:%M:%S %z")
    return "%s, process %d, %s%s, since %s" % (deed, os.getpid(), user, source, since)
