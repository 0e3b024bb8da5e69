# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which image store a daemon has, and which one its next start will take.

Images in one store cannot be seen from another (moby, daemon/image_store_choice.go and
daemon/graphdriver/driver.go, HasPriorDriver). Since 29 containerd's store is the default if no
graph driver has left a folder in data-root.
"""

import posixpath
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence

from ...words.observations.host import DaemonObserved, DataRootObserved, Observation
from ...words.paths import CONTAINERD_SOCKET, DATA_ROOT
from ...words.tables.daemon_options import (
    EMBEDDED,
    FIRST_WITH_SNAPSHOTTERS,
    MIGRATION,
    SNAPSHOTTER,
    STORAGE_DRIVERS,
    Version,
    is_read_at_start,
)
from ..daemon.document import Document

GRAPH_DRIVER, CONTAINERD = "graph driver", "containerd"
# Docker's own in the system's containerd.
NAMESPACE = "moby"
# The beginning of its name with remapped root; the user's numbers follow.
REMAPPED_NAMESPACE = NAMESPACE + "-"
# How /info names where layers are with containerd's store (moby, daemon/containerd).
_SNAPSHOTTER = "/io.containerd.snapshotter.v1."
_DEFAULT_SNAPSHOTTER = "overlayfs"
FIRST_WITH_CONTAINERD_BY_DEFAULT: Version = (29,)
# Since this version a driver's folder counts before a snapshotter's name, and every driver's name
# counts.
FIRST_TO_LOOK_FIRST: Version = (29, 0, 1)
_COUNTED_BEFORE = ("vfs", "overlay2", "btrfs")
# Its folder does not count (moby, daemon/graphdriver, scanPriorDrivers).
_UNCOUNTED = "vfs"
# What a migration makes of a driver without images and containers (moby, daemon/daemon.go).
_MIGRATED = {"overlay2": "overlayfs", "vfs": "native"}
_DEFAULT_EXEC_ROOT = "/var/run/docker"
_NO = ("false", "0", "f", "F", "FALSE", "False")
Flags = Mapping[str, Sequence[str]]


class Store(NamedTuple):
    """A store of images.

    ``kind`` is ``graph driver`` or ``containerd``, empty where nobody can tell or the daemon will
    not start. ``driver`` is the graph driver or the snapshotter, empty where the daemon chooses.
    For containerd's store ``place`` tells which containerd has it, by its socket, or by its root if
    it is dockerd's own; ``namespace`` is Docker's in it. Empty means unknown.
    """

    kind: str = ""
    driver: str = ""
    place: str = ""
    namespace: str = ""

    def hides_images_of(self, other: "Store") -> bool:
        """Whether another store's images cannot be seen from this one; False if one is unknown.

        A snapshotter only keeps layers, which containerd can make anew: all of them see its images.
        """
        if not (self.kind and other.kind):
            return False
        if self.kind != other.kind:
            return True
        if self.kind == GRAPH_DRIVER:
            return _differ(self.driver, other.driver)
        if _differ(self.place, other.place):
            return True
        return _differ(self.namespace, other.namespace) and not self.is_remapped_as(other)

    def is_remapped_as(self, other: "Store") -> bool:
        """Whether one namespace is the other with the numbers of a remapped root added."""
        names = sorted((self.namespace, other.namespace), key=len)
        return names[0] == REMAPPED_NAMESPACE and names[1].startswith(REMAPPED_NAMESPACE)

    def hides_containers_of(self, other: "Store") -> bool:
        """Whether another store's containers cannot be seen: a daemon loads its driver's only."""
        return self.hides_images_of(other) or (
            self.kind == other.kind and _differ(self.driver, other.driver)
        )

    def is_surely(self, other: "Store") -> bool:
        """Whether it is the same store, as far as both are known."""
        known = self.kind and self.driver and other.driver
        return bool(known) and self.kind == other.kind and not self.hides_containers_of(other)

    def spoken(self) -> str:
        """Name it as a person would."""
        if self.kind != CONTAINERD:
            return "the storage driver %s" % (self.driver or "that the daemon chooses")
        told = "containerd's image store (%s" % (self.driver or _DEFAULT_SNAPSHOTTER)
        if self.namespace == REMAPPED_NAMESPACE:
            told += ", in the namespace of userns-remap"
        elif self.namespace not in ("", NAMESPACE):
            told += ", namespace %s" % self.namespace
        if self.place.endswith(".sock") and self.place != CONTAINERD_SOCKET:
            told += ", of the containerd at %s" % self.place
        elif self.place not in ("", CONTAINERD_SOCKET):
            told += ", in %s" % self.place
        return told + ")"


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def store_in_use(daemon: DaemonObserved, live: Optional[Document] = None) -> Store:
    """Give a running daemon's store, by its own word; ``live`` is what it was started with."""
    driver = str(daemon.settings.get("storage-driver") or "")
    if _SNAPSHOTTER not in daemon.layers:
        return Store(kind=GRAPH_DRIVER, driver=driver) if driver else Store()
    namespace = str(daemon.settings.get("containerd-namespace") or "")
    return Store(
        kind=CONTAINERD, driver=driver, place=_place_in_use(daemon, live or {}), namespace=namespace
    )


def _place_in_use(daemon: DaemonObserved, live: Document) -> str:
    address = str(daemon.settings.get("containerd") or "")
    root = daemon.settings.get("data-root")
    return own_containerd(str(root)) if root and is_own(address, live) else _address(address)


def is_own(address: str, document: Document) -> bool:
    """Whether a containerd is dockerd's own, by its address (moby, libcontainerd)."""
    roots = (str(document.get("exec-root") or _DEFAULT_EXEC_ROOT), "/run/docker")
    return address in [each.rstrip("/") + "/containerd/containerd.sock" for each in roots]


def own_containerd(data_root: str) -> str:
    """Give where dockerd's own containerd keeps its data (moby, daemon/command/daemon.go)."""
    return posixpath.join(data_root, "containerd/daemon")


def images_roots(store: Store, observed: Observation) -> List[str]:
    """Give where containerd keeps a store's images, now and after its next start."""
    if store.place not in ("", CONTAINERD_SOCKET):
        return [] if store.place.endswith(".sock") else [store.place]
    seen, storage = observed.containerd, observed.storage
    next_root = storage.containerd_root if storage is not None else ""
    return list(dict.fromkeys(filter(None, (seen.running_root, next_root or seen.root))))


def store_taken(
    version: Version, document: Document, flags: Flags, root: Optional[DataRootObserved]
) -> Store:
    """Give the store that the next start takes, by version, configuration and data-root."""
    store = _taken(version, document, flags, root)
    if store.kind != CONTAINERD:
        return store
    place = _place_taken(version, document, flags)
    return store._replace(place=place, namespace=_namespace_taken(document, flags))


def _taken(
    version: Version, document: Document, flags: Flags, root: Optional[DataRootObserved]
) -> Store:
    """Give the same without place and namespace."""
    driver = driver_said(document, flags)
    wanted = feature_said(SNAPSHOTTER, document, flags)
    if version and version < FIRST_WITH_SNAPSHOTTERS:
        return Store(kind=GRAPH_DRIVER, driver=driver or _left(root, version))
    if not version:
        # For a coming engine of any version this much is certain.
        if wanted is False or (driver in STORAGE_DRIVERS and wanted is None):
            return Store(kind=GRAPH_DRIVER, driver=driver)
        return Store()
    by_default = version >= FIRST_WITH_CONTAINERD_BY_DEFAULT
    if _is_remapped(document, flags) and by_default:
        if wanted:
            return Store()
        wanted = False
    if wanted is False and by_default and driver and driver not in STORAGE_DRIVERS:
        # "graphdriver is explicitly enabled but ... is not registered": it does not start.
        return Store()
    if wanted is False or not (wanted or by_default):
        return _unless_migrated(
            Store(kind=GRAPH_DRIVER, driver=driver or _left(root, version)), version, document, root
        )
    if wanted:
        if driver in STORAGE_DRIVERS and by_default:
            # "configured driver ... not available": it does not start.
            return Store()
        return Store(kind=CONTAINERD, driver=driver or _DEFAULT_SNAPSHOTTER)
    looks_first = version >= FIRST_TO_LOOK_FIRST
    if prior_drivers(root, version) and (looks_first or not driver):
        if driver and driver not in STORAGE_DRIVERS:
            # It takes the name for a graph driver's, and does not start.
            return Store()
        return _unless_migrated(
            Store(kind=GRAPH_DRIVER, driver=driver or _left(root, version)), version, document, root
        )
    if not driver and root is None:
        # It depends on the contents of a data-root that nobody has looked into.
        return Store()
    if driver in (STORAGE_DRIVERS if looks_first else _COUNTED_BEFORE):
        return _unless_migrated(Store(kind=GRAPH_DRIVER, driver=driver), version, document, root)
    return Store(kind=CONTAINERD, driver=driver or _DEFAULT_SNAPSHOTTER)


def _unless_migrated(
    store: Store, version: Version, document: Document, root: Optional[DataRootObserved]
) -> Store:
    """Take containerd's store instead of an empty driver, where a migration does that."""
    features = document.get("features")
    asked = isinstance(features, dict) and features.get(MIGRATION) is True
    snapshotter = _MIGRATED.get(store.driver or "overlay2", "")
    if not (asked and is_read_at_start(MIGRATION, version) and snapshotter) or root is None:
        return store
    driver = store.driver or "overlay2"
    if root.images.get(driver) or root.container_drivers.get(driver):
        return store
    return Store(kind=CONTAINERD, driver=snapshotter)


def _place_taken(version: Version, document: Document, flags: Flags) -> str:
    """Say which containerd it is: without an address the system's, which the activation starts."""
    if feature_said(EMBEDDED, document, flags) and is_read_at_start(EMBEDDED, version):
        return own_containerd(data_root_said(document, flags))
    return _address(
        str(document.get("containerd") or _last(flags, "containerd") or CONTAINERD_SOCKET)
    )


def _address(address: str) -> str:
    return CONTAINERD_SOCKET if address == "/var" + CONTAINERD_SOCKET else address


def _namespace_taken(document: Document, flags: Flags) -> str:
    named = document.get("containerd-namespace") or _last(flags, "containerd-namespace")
    return str(named or (REMAPPED_NAMESPACE if _is_remapped(document, flags) else NAMESPACE))


def data_root_said(document: Document, flags: Flags) -> str:
    """Give the data-root of the next start."""
    named = document.get("data-root") or document.get("graph") or _last(flags, "data-root")
    return str(named or DATA_ROOT)


def driver_said(document: Document, flags: Flags) -> str:
    """Give the configured graph driver or snapshotter; empty where there is none."""
    return str(document.get("storage-driver") or _last(flags, "storage-driver") or "")


def feature_said(name: str, document: Document, flags: Flags) -> Optional[bool]:
    """Give the setting of a feature; None where it is left to the daemon."""
    features = document.get("features")
    value: Any = features.get(name) if isinstance(features, dict) else None
    if isinstance(value, bool):
        return value
    said = [each for each in flags.get("features", ()) if each.partition("=")[0] == name]
    if not said:
        return None
    return said[-1].partition("=")[2] not in _NO


def _is_remapped(document: Document, flags: Flags) -> bool:
    return bool(document.get("userns-remap") or _last(flags, "userns-remap"))


def _last(flags: Flags, key: str) -> str:
    values = flags.get(key, ())
    return values[-1] if values else ""


def prior_drivers(root: Optional[DataRootObserved], version: Version) -> List[str]:
    """Give those of the engine's graph drivers that have left a folder in data-root."""
    return [
        each
        for each in (root.drivers if root is not None else ())
        if each != _UNCOUNTED and not (STORAGE_DRIVERS[each] and version >= STORAGE_DRIVERS[each])
    ]


def _left(root: Optional[DataRootObserved], version: Version) -> str:
    """Give the graph driver that the daemon takes by itself, if only one is possible."""
    drivers = prior_drivers(root, version)
    return drivers[0] if len(drivers) == 1 else ""
