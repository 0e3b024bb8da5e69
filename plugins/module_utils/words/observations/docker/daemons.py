# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at daemons that are not docker.service's. Types only."""

from typing import NamedTuple, Tuple

# What a process is: dockerd or containerd under any name, or another program in the way.
DOCKERD, CONTAINERD, OTHER = "dockerd", "containerd", "other"
# The ways in which Docker can be installed besides its packages.
SNAP, UNIT, BINARY, DESKTOP = "snap", "unit", "binary", "desktop"
# Where a daemon is at home whose namespaces (namespaces(7)) are not the host's.
CONTAINER, ROOTLESS, MOUNTS = "PID namespace", "user namespace", "mount namespace"


class HeldObserved(NamedTuple):
    """What a data-root holds; ``running`` are the names of containers that run from it."""

    containers: int = 0
    images: int = 0
    running: Tuple[str, ...] = ()


class OtherDaemonObserved(NamedTuple):
    """A process that does not belong to docker.service or containerd.service.

    ``unit`` is the system's unit whose main process it is, and ``is_enabled`` tells that this unit
    starts at boot; otherwise ``started_in`` is the unit or scope from which it was started.
    ``place`` is empty for a process at home on the host itself. ``sockets`` are the paths of the
    Unix sockets on which it listens. ``has_own_root`` tells that its data-root is docker.service's,
    by whatever path; ``has_pid_file`` that its PID file names it. ``began`` tells processes with
    the same PID apart.
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
    """A Docker that no package brought; ``path`` is its program, its snap or its unit's file."""

    kind: str
    path: str
    unit: str = ""
    is_enabled: bool = False
    sockets: Tuple[str, ...] = ()
    data_root: str = ""
    pid_file: str = ""
    held: HeldObserved = HeldObserved()


class DaemonsObserved(NamedTuple):
    """What runs and what is installed; ``own_root`` is docker.service's data-root, resolved."""

    running: Tuple[OtherDaemonObserved, ...] = ()
    installed: Tuple[InstalledDockerObserved, ...] = ()
    own_root: str = ""
