# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Say what to declare so that the daemon keeps images in its data-root, with a graph driver."""

from typing import Tuple

from ...words.tables.daemon_options import SNAPSHOTTER, STORAGE_DRIVERS
from ..daemon.document import Document


def graph_driver_cure(document: Document, driver: str) -> str:
    """Say it for a daemon.json with which the daemon takes containerd's store.

    Whoever has written a key there, a declared one overrides it. ``driver`` is the graph driver for
    the filesystem under data-root, empty if unknown.
    """
    wanted = []
    named = document.get("storage-driver")
    if _has_feature(document) or named in STORAGE_DRIVERS or not named:
        wanted.append("features: {%s: false}" % SNAPSHOTTER)
    if named and named not in STORAGE_DRIVERS:
        wanted.append("storage-driver: %s" % (driver or "overlay2"))
    return "Declare %s in docker_daemon_config" % " and ".join(wanted)


def keys_of_containerd(document: Document) -> Tuple[str, ...]:
    """Name the key by which the daemon takes containerd's store, as in a pointer."""
    if _has_feature(document) or not document.get("storage-driver"):
        return ("features", SNAPSHOTTER)
    return ("storage-driver",)


def _has_feature(document: Document) -> bool:
    features = document.get("features")
    return isinstance(features, dict) and bool(features.get(SNAPSHOTTER))
