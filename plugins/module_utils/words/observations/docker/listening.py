# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at Docker's Unix sockets found, and at what runs without the daemon's word.

Types only.
"""

from typing import Dict, NamedTuple, Optional, Tuple


class ListenerObserved(NamedTuple):
    """A Unix socket that somebody listens on, by the ``path`` it was made at (unix(7)).

    ``is_there`` tells whether that path still leads to it, None where nobody can tell: somebody may
    have removed the path, or put another socket there. ``by_systemd`` tells that the first process
    holds it open, ``by_daemon`` that the main process of docker.service does.
    """

    path: str
    is_there: Optional[bool] = None
    by_systemd: bool = False
    by_daemon: bool = False


class ListeningObserved(NamedTuple):
    """Docker's Unix sockets, whoever makes them.

    ``addresses`` are the paths that docker.socket is to listen on, as systemd has read its files;
    ``kinds`` is what lies at each of them, at ``/run/docker.sock``, and where the daemon listens:
    absent, socket, file, directory, link (to nothing) or other. ``has_main_process`` tells whether
    docker.service had one, whose sockets were seen.
    """

    addresses: Tuple[str, ...] = ()
    kinds: Dict[str, str] = {}
    listeners: Tuple[ListenerObserved, ...] = ()
    has_main_process: bool = False


# Names of running containers by containerd's namespace, in which Docker's own are "moby".
Shims = Dict[str, Tuple[str, ...]]
