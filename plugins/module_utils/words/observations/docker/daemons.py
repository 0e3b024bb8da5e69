# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at daemons found that are not docker.service's. Types only."""

from typing import NamedTuple, Tuple

# What a process is: dockerd or containerd under any name, or another program that is in the way.
DOCKERD, CONTAINERD, OTHER = "dockerd", "containerd", "other"
# How Docker can lie on a host besides its packages.
SNAP, UNIT, BINARY, DESKTOP = "snap", "unit", "binary", "desktop"
# Where a daemon of the host's own kernel is at home: namespaces(7) that are not the host's.
CONTAINER, ROOTLESS, MOUNTS = "PID namespace", "user namespace", "mount namespace"


class HeldObserved(NamedTuple):
    """What a data-root holds; ``running`` are names of containers that run from it."""

    containers: int = 0
    images: int = 0
    running: Tuple[str, ...] = ()


class OtherDaemonObserved(NamedTuple):
    """A process that is not of docker.service or containerd.service.

    ``unit`` is the system's unit whose main process it is, ``is_enabled`` whether that comes with
    the host; ``started_in`` is the unit or scope it was started from otherwise. ``place`` is empty
    for one at home on the host itself. ``sockets`` are paths of the Unix sockets it listens on.
    ``has_own_root`` tells that its data-root is docker.service's, by whatever path;
    ``has_pid_file`` that its PID file names it. ``began`` tells one process of a PID from
    another.
    """

    pid: int
    kind: str = DOCKERD
    program: str = ""
    unit: str = ""
    is_enabled: bool = False
    started_in: str = ""
    user: str = "root"
    place: str = ""
    sockets: Tuple[str, ...] = ()
    data_root: str = ""
    has_own_root: bool = False
    pid_file: str = ""
    has_pid_file: bool = False
    held: HeldObserved = HeldObserved()
    began: str = ""


class InstalledDockerObserved(NamedTuple):
    """A Docker that no package brought: ``path`` is the program, the snap, or the unit's file."""

    kind: str
    path: str
    unit: str = ""
    is_enabled: bool = False
    sockets: Tuple[str, ...] = ()
    data_root: str = ""
    pid_file: str = ""
    held: HeldObserved = HeldObserved()


class DaemonsObserved(NamedTuple):
    """What runs, what is installed; ``own_root`` is docker.service's data-root, links resolved."""

    running: Tuple[OtherDaemonObserved, ...] = ()
    installed: Tuple[InstalledDockerObserved, ...] = ()
    own_root: str = ""
