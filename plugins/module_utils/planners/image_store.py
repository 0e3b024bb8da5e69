# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which image store a daemon has, and which one its next start will take.

Images of one store are out of sight of another (moby, daemon/daemon.go, NewDaemon, and
daemon/internal/... graphdriver.HasPriorDriver). From 29 on containerd's store is the default where
no graph driver has left a folder in data-root.
"""

from typing import Any, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.daemon_options import (
    FIRST_WITH_SNAPSHOTTERS,
    STORAGE_DRIVERS,
    Version,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    DaemonObserved,
    DataRootObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import Document

GRAPH_DRIVER, CONTAINERD = "graph driver", "containerd"
FEATURE = "containerd-snapshotter"
# How /info names where layers lie with containerd's store (moby, daemon/containerd).
_SNAPSHOTTER = "/io.containerd.snapshotter.v1."
_DEFAULT_SNAPSHOTTER = "overlayfs"
_FIRST_WITH_CONTAINERD_BY_DEFAULT: Version = (29,)
# Its folder does not count (moby, daemon/graphdriver, scanPriorDrivers).
_UNCOUNTED = "vfs"
_NO = ("false", "0", "f", "F", "FALSE", "False")


class Store(NamedTuple):
    """A store of images.

    ``kind`` is ``graph driver`` or ``containerd``, empty where nobody can tell, or the daemon will
    not start; ``driver`` is the graph driver or the snapshotter, empty where the daemon chooses.
    """

    kind: str = ""
    driver: str = ""

    def differs(self, other: "Store") -> bool:
        """Whether images of one are out of sight of the other; not if one is unknown."""
        if not (self.kind and other.kind):
            return False
        if self.kind != other.kind:
            return True
        return bool(self.driver and other.driver and self.driver != other.driver)

    def spoken(self) -> str:
        """Name it as a person would."""
        if self.kind == CONTAINERD:
            return "containerd's image store (%s)" % (self.driver or _DEFAULT_SNAPSHOTTER)
        return "the storage driver %s" % (self.driver or "that the daemon chooses")


def store_in_use(daemon: DaemonObserved) -> Store:
    """The store of a running daemon, by its own word."""
    driver = str(daemon.settings.get("storage-driver") or "")
    if _SNAPSHOTTER in daemon.layers:
        return Store(CONTAINERD, driver)
    return Store(GRAPH_DRIVER, driver) if driver else Store()


def store_taken(
    version: Version,
    document: Document,
    flags: Mapping[str, Sequence[str]],
    root: Optional[DataRootObserved],
) -> Store:
    """The store that the next start takes, by version, configuration and data-root."""
    driver = str(document.get("storage-driver") or _last(flags, "storage-driver") or "")
    wanted = _feature(document, flags)
    if version and version < FIRST_WITH_SNAPSHOTTERS:
        return Store(GRAPH_DRIVER, driver or _left(root))
    if not version:
        # An engine to come: whatever it is, this much is sure.
        if wanted is False or (driver in STORAGE_DRIVERS and wanted is None):
            return Store(GRAPH_DRIVER, driver)
        return Store()
    by_default = version >= _FIRST_WITH_CONTAINERD_BY_DEFAULT
    if _is_remapped(document, flags) and by_default:
        return Store() if wanted else Store(GRAPH_DRIVER, driver or _left(root))
    if wanted is False or not (wanted or by_default):
        return Store(GRAPH_DRIVER, driver or _left(root))
    if wanted:
        if driver in STORAGE_DRIVERS and by_default:
            # "configured driver ... not available": it does not start.
            return Store()
        return Store(CONTAINERD, driver or _DEFAULT_SNAPSHOTTER)
    if driver:
        return Store(GRAPH_DRIVER if driver in STORAGE_DRIVERS else CONTAINERD, driver)
    if _prior_drivers(root):
        return Store(GRAPH_DRIVER, _left(root))
    return Store(CONTAINERD, _DEFAULT_SNAPSHOTTER)


def _feature(document: Document, flags: Mapping[str, Sequence[str]]) -> Optional[bool]:
    """What is said of containerd's store; None where it is left to the daemon."""
    features = document.get("features")
    value: Any = features.get(FEATURE) if isinstance(features, dict) else None
    if isinstance(value, bool):
        return value
    said: List[str] = [each for each in flags.get("features", ()) if each.startswith(FEATURE)]
    if not said:
        return None
    return said[-1].partition("=")[2] not in _NO


def _is_remapped(document: Document, flags: Mapping[str, Sequence[str]]) -> bool:
    return bool(document.get("userns-remap") or _last(flags, "userns-remap"))


def _last(flags: Mapping[str, Sequence[str]], key: str) -> str:
    values = flags.get(key, ())
    return values[-1] if values else ""


def _prior_drivers(root: Optional[DataRootObserved]) -> List[str]:
    """The graph drivers that have left a folder in data-root."""
    return [each for each in root.drivers if each != _UNCOUNTED] if root is not None else []


def _left(root: Optional[DataRootObserved]) -> str:
    """The graph driver that the daemon takes of itself, if there is no choice."""
    drivers = _prior_drivers(root)
    return drivers[0] if len(drivers) == 1 else ""
