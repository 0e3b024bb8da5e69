# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at where containerd keeps its data, and how many of Docker's images are there."""

import glob
import os
from typing import Dict, Iterator, Mapping, NamedTuple, Optional, Sequence, Set

from ...words.docker_names import CONTAINERD_SERVICE
from ...words.observations.docker.containerd import ContainerdObserved
from ...words.observations.host import DaemonObserved, UnitObserved
from ...words.paths import CONTAINERD_CONFIG, CONTAINERD_ROOT
from ..host.files import read_text
from .bolt import Damaged, bucket_names, count_keys
from .toml_head import read_head

# The database in which containerd lists its images (containerd, plugins/metadata).
_METADATA = "io.containerd.metadata.v1.bolt/meta.db"
# The folder of dockerd's own containerd, below the data-root (moby, daemon/command/daemon.go).
_OWN = "containerd/daemon"
# No host has as many imports; a circle of them ends at the first file that comes again.
_MOST_IMPORTS = 64


class Told(NamedTuple):
    """A root, and the file or unit that says it; empty where nothing does."""

    root: str
    source: str = ""


def observe_containerd(
    units: Mapping[str, UnitObserved], data_root: str, is_silent: bool, proc: str = "/proc"
) -> ContainerdObserved:
    """Look at the system's containerd; count its images where the daemon ``is_silent``."""
    unit = units.get(CONTAINERD_SERVICE, UnitObserved())
    told = told_root(unit.start_arguments)
    running = running_root(unit.main_pid, proc) if unit.main_pid else ""
    roots = (running, told.root, CONTAINERD_ROOT, own_root(data_root)) if is_silent else ()
    images: Dict[str, Optional[Dict[str, int]]] = {}
    for root in roots:
        if root and root not in images:
            counted = count_images(root)
            if counted != {}:
                images[root] = counted
    return ContainerdObserved(
        root=told.root, said_by=told.source, running_root=running, images=images
    )


def own_root(data_root: str) -> str:
    """Say where dockerd's own containerd keeps its data."""
    return os.path.join(data_root, _OWN)


def told_root(arguments: Sequence[str] = ()) -> Told:
    """Say where the next start of containerd will keep its data, links resolved."""
    told = root_said(arguments)
    try:
        return told._replace(root=os.path.realpath(told.root))
    except ValueError:
        # The system knows no such path, and containerd refuses it.
        return told


def root_said(arguments: Sequence[str], prefix: str = "") -> Told:
    """Read the root from a containerd's arguments and files; ``prefix`` is its root folder.

    A flag counts before the files, and an imported file before the file that imports it
    (containerd, cmd/containerd/command/main.go and server/config/config.go).
    """
    by_flag = _flag(arguments, ("--root",))
    if by_flag.startswith("/"):
        return Told(by_flag, CONTAINERD_SERVICE)
    told = Told(CONTAINERD_ROOT)
    pending = [_flag(arguments, ("--config", "-c")) or CONTAINERD_CONFIG]
    seen: Set[str] = set()
    while pending and len(seen) < _MOST_IMPORTS:
        path = pending.pop(0)
        if path in seen or "\0" in path:
            continue
        seen.add(path)
        # Its reader takes a key in small or capital letters (pelletier/go-toml).
        head = read_head(read_text(prefix + path))
        keys = {key.lower(): value for key, value in head.items()}
        root, imports = keys.get("root"), keys.get("imports")
        if isinstance(root, str) and root.startswith("/"):
            told = Told(root, path)
        if isinstance(imports, list):
            texts = [each for each in imports if isinstance(each, str)]
            pending.extend(_imported(path, texts, prefix))
    return told


def running_root(pid: int, proc: str = "/proc") -> str:
    """Say where a running containerd keeps its data: it holds its metadata open."""
    folder = "%s/%d/fd" % (proc, pid)
    try:
        numbers = os.listdir(folder)
    except OSError:
        return ""
    for number in numbers:
        try:
            path = os.readlink(os.path.join(folder, number))
        except OSError:
            continue
        if path.endswith("/" + _METADATA):
            return path[: -len(_METADATA) - 1]
    return ""


def count_images(root: str) -> Optional[Dict[str, int]]:
    """Count images by namespace, whether or not containerd runs; None where that is unknown."""
    try:
        with open(os.path.join(root, _METADATA), "rb") as file:
            names = [name for name in bucket_names(file, (b"v1",)) if name != b"version"]
            counts = {
                name.decode("utf-8", "replace"): count_keys(file, (b"v1", name, b"images"))
                for name in names
            }
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, Damaged, ValueError):
        return None
    return {name: count for name, count in counts.items() if count}


def _imported(path: str, imports: Sequence[str], prefix: str) -> Iterator[str]:
    for each in imports:
        each = os.path.normpath(os.path.join(os.path.dirname(path), each))
        if "*" not in each:
            yield each
            continue
        for found in sorted(glob.glob(prefix + each)):
            yield found[len(prefix) :]


def _flag(arguments: Sequence[str], names: Sequence[str]) -> str:
    """Give the last value of a flag: Go's urfave/cli takes one dash or two."""
    value = ""
    for place, argument in enumerate(arguments):
        name, equals, given = argument.partition("=")
        if name in names or "-" + name in names:
            value = given if equals else "".join(arguments[place + 1 : place + 2])
    return value


def with_layers(
    daemon: Optional[DaemonObserved], containerd: ContainerdObserved, data_root: str
) -> Optional[DaemonObserved]:
    """Correct where a daemon's layers lie by where the running containerd keeps them."""
    if daemon is None or not containerd.running_root:
        return daemon
    before, folder, name = daemon.layers.rpartition("/io.containerd.snapshotter.v1.")
    if not folder or before == own_root(data_root):
        return daemon
    return daemon._replace(layers=containerd.running_root + folder + name)
