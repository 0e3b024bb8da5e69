# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Would a new data-root or storage driver leave images, containers or volumes behind?"""

import posixpath
import re
from typing import Iterator, Optional, Set, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.declaration import DaemonDeclaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    DataRootObserved,
    Observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    Document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.docker_unit import (
    DockerUnit,
)

CONSENT = "docker_daemon_allow_data_left_behind"
DEFAULT_ROOT = "/var/lib/docker"


def data_refusals(
    document: Document,
    live: Document,
    declaration: DaemonDeclaration,
    observed: Observation,
    unit: DockerUnit,
) -> Iterator[Tuple[str, Refusal]]:
    """Refuse a change of place or driver under data, each under its pointer."""
    root = observed.data_root
    if declaration.allow_data_left_behind or root is None:
        return
    by_flag = unit.flags.get("data-root", [""])[-1]
    wanted = document.get("data-root") or document.get("graph") or by_flag or DEFAULT_ROOT
    held = _held(root, observed)
    if held and posixpath.normpath(str(wanted)) != posixpath.normpath(declared_root(root.path)):
        pointer = "/graph" if "graph" in document and "data-root" not in document else "/data-root"
        yield pointer, _refusal("data-root is to be %s" % wanted, "in %s" % root.path, held)
    remap, remapped = (each.get("userns-remap") or "off" for each in (document, live))
    if held and remap != remapped:
        where = "in the folder of userns-remap %s" % remapped
        yield "/userns-remap", _refusal("userns-remap is to be %s" % remap, where, held)
    store, store_now = _image_store(document), _image_store(live)
    if held and store != store_now and store_now is not None:
        pointer = "/features/containerd-snapshotter"
        yield pointer, _refusal("the image store is to be another", "in the one before", held)
    driver = document.get("storage-driver")
    drivers = _drivers(root, observed)
    if driver and drivers and driver not in drivers and held:
        under = "under %s in %s" % (", ".join(sorted(drivers)), root.path)
        yield "/storage-driver", _refusal("storage-driver is to be %s" % driver, under, held)


def _image_store(document: Document) -> Optional[bool]:
    """What a document says of containerd's image store; None where it leaves it to the daemon."""
    features = document.get("features")
    value = features.get("containerd-snapshotter") if isinstance(features, dict) else None
    return value if isinstance(value, bool) else None


def declared_root(path: str) -> str:
    """The data-root by its declared name: with userns-remap the daemon tells a folder in it."""
    return re.sub(r"/\d+\.\d+/?$", "", path)


def _held(root: DataRootObserved, observed: Observation) -> str:
    """Say what there is to lose; empty where there is nothing."""
    daemon = observed.daemon
    images = sum(root.images.values()) if daemon is None else daemon.images
    containers = root.containers if daemon is None else daemon.containers
    counts = ((images, "image"), (containers, "container"), (root.volumes, "volume"))
    return ", ".join(
        "%d %s%s" % (count, name, "" if count == 1 else "s") for count, name in counts if count
    )


def _drivers(root: DataRootObserved, observed: Observation) -> Set[str]:
    """The driver in use, or those that have left images."""
    if observed.daemon is not None:
        in_use: Optional[str] = observed.daemon.settings.get("storage-driver")
        return {in_use} if in_use else set()
    return {driver for driver, count in root.images.items() if count}


def _refusal(change: str, where: str, held: str) -> Refusal:
    return Refusal(
        "%s, and the old one holds %s %s, which the daemon would not see any more."
        % (change, held, where),
        "Move or remove them first, or set %s to leave them where they are." % CONSENT,
        CONSENT,
    )
