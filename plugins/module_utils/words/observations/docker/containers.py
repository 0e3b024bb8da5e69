# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at single containers found: their shims, and what became of them. Types only.

A shim is the process of containerd that each running container has. It lives as long as its
container, whether a daemon is there or not.
"""

from typing import NamedTuple, Tuple


class ShimObserved(NamedTuple):
    """A shim: its ``pid``, the time when it ``began``, and its container, by its arguments.

    ``namespace`` and ``address`` are containerd's; ``bundle`` is the folder that describes the
    container (containerd, runtime/v2). ``process`` is the container's first process, 0 for none.
    """

    pid: int
    began: str
    namespace: str
    address: str
    identity: str
    bundle: str = ""
    process: int = 0


class OrphanObserved(NamedTuple):
    """A container of Docker's that runs, and that the running daemon does not know to run.

    ``pid`` is its first process. ``status`` is the daemon's word on it, empty where the daemon does
    not know it; ``data_root`` is the one in which it was made.
    """

    identity: str
    pid: int
    namespace: str
    name: str = ""
    data_root: str = ""
    status: str = ""


class ContainerListed(NamedTuple):
    """A container that the daemon lists; ``status`` is running, paused, exited and so on."""

    identity: str
    name: str
    status: str = ""


class ContainerSeen(NamedTuple):
    """What is seen after a commit of a container that was there before.

    ``status`` is the daemon's word, empty where it knows no such container; ``exit_code`` is its
    exit status, ``restarts`` tells that the daemon starts it whenever it starts. ``has_shim`` tells
    that it runs, whatever the daemon says; ``has_folder`` that its folder is in the data-root of
    before, or that nobody can tell. ``deeds`` are what somebody did to it, by the daemon's events.
    """

    status: str = ""
    exit_code: int = 0
    restarts: bool = False
    has_shim: bool = False
    has_folder: bool = True
    deeds: Tuple[str, ...] = ()
