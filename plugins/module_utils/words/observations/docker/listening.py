# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at Docker's Unix sockets and, without the daemon's word, at containers.

Types only.
"""

from typing import Dict, NamedTuple, Optional, Tuple


class UnixSocketObserved(NamedTuple):
    """A Unix socket with a listener, by the ``path`` at which it was made (unix(7)).

    ``is_there`` tells whether that path still leads to it, None where nobody can tell: the path may
    be removed, or belong to another socket now. ``by_systemd`` tells that the first process holds
    it open, ``by_daemon`` that the main process of docker.service does.
    """

    path: str
    is_there: Optional[bool] = None
    by_systemd: bool = False
    by_daemon: bool = False


class ListeningObserved(NamedTuple):
    """Docker's Unix sockets, whoever made them.

    ``addresses`` are the paths on which docker.socket should listen, as systemd has read its files.
    ``kinds`` tells what lies at each of them, at ``/run/docker.sock``, and where the daemon
    listens: absent, socket, file, directory, link (to nothing) or other. ``has_main_process`` tells
    whether docker.service had a main process, whose sockets were seen.
    """

    addresses: Tuple[str, ...] = ()
    kinds: Dict[str, str] = {}
    listeners: Tuple[UnixSocketObserved, ...] = ()
    has_main_process: bool = False


# Names of running containers, by containerd's namespace; Docker's own is "moby".
Shims = Dict[str, Tuple[str, ...]]
