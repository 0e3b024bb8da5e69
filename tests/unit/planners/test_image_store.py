"""Which image store a start takes: what was measured of 28.5.2 and 29.7.2, as a table."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    DaemonObserved,
    DataRootObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.image_store import (
    CONTAINERD,
    GRAPH_DRIVER,
    Store,
    store_in_use,
    store_taken,
)

ON, OFF = {"containerd-snapshotter": True}, {"containerd-snapshotter": False}
NOBODY_KNOWS = Store()
V20, V28, V29 = (20, 10, 24), (28, 5, 2), (29, 7, 2)


@pytest.mark.parametrize(
    ("version", "document", "drivers", "store"),
    [
        (V29, {}, [], Store(CONTAINERD, "overlayfs")),
        (V29, {}, ["overlay2"], Store(GRAPH_DRIVER, "overlay2")),
        (V29, {}, ["vfs"], Store(CONTAINERD, "overlayfs")),
        (V29, {}, ["btrfs", "overlay2"], Store(GRAPH_DRIVER)),
        (V29, {"storage-driver": "overlay2"}, [], Store(GRAPH_DRIVER, "overlay2")),
        (V29, {"storage-driver": "btrfs"}, [], Store(GRAPH_DRIVER, "btrfs")),
        (V29, {"storage-driver": "overlayfs"}, ["overlay2"], Store(CONTAINERD, "overlayfs")),
        (V29, {"storage-driver": "overlay2", "features": ON}, [], NOBODY_KNOWS),
        (V29, {"storage-driver": "btrfs", "features": ON}, [], NOBODY_KNOWS),
        (V29, {"features": ON}, ["overlay2"], Store(CONTAINERD, "overlayfs")),
        (V29, {"features": OFF}, [], Store(GRAPH_DRIVER)),
        (V29, {"userns-remap": "default"}, [], Store(GRAPH_DRIVER)),
        (V29, {"userns-remap": "default", "features": ON}, [], NOBODY_KNOWS),
        (V29, {"features": {"buildkit": True}}, [], Store(CONTAINERD, "overlayfs")),
        (V28, {}, [], Store(GRAPH_DRIVER)),
        (V28, {}, ["overlay2"], Store(GRAPH_DRIVER, "overlay2")),
        (V28, {"features": ON}, ["overlay2"], Store(CONTAINERD, "overlayfs")),
        (V28, {"features": ON, "storage-driver": "native"}, [], Store(CONTAINERD, "native")),
        (V28, {"features": OFF}, [], Store(GRAPH_DRIVER)),
        (V20, {"features": ON}, ["overlay2"], Store(GRAPH_DRIVER, "overlay2")),
        # An engine that only the site can name.
        ((), {}, ["overlay2"], NOBODY_KNOWS),
        ((), {"features": OFF}, [], Store(GRAPH_DRIVER)),
        ((), {"storage-driver": "overlay2"}, [], Store(GRAPH_DRIVER, "overlay2")),
    ],
)
def test_the_next_start_takes(
    version: tuple[int, ...], document: dict[str, Any], drivers: list[str], store: Store
) -> None:
    root = DataRootObserved("/var/lib/docker", drivers=tuple(drivers))
    assert store_taken(version, document, {}, root) == store


@pytest.mark.parametrize(
    ("flags", "store"),
    [
        ({"features": ["containerd-snapshotter=true"]}, Store(CONTAINERD, "overlayfs")),
        ({"features": ["containerd-snapshotter=false"]}, Store(GRAPH_DRIVER)),
        ({"storage-driver": ["overlay2"]}, Store(GRAPH_DRIVER, "overlay2")),
        ({"userns-remap": ["default"]}, Store(GRAPH_DRIVER)),
    ],
)
def test_flags_count_as_the_file_does(flags: dict[str, list[str]], store: Store) -> None:
    assert store_taken(V29, {}, flags, None) == store


def test_the_daemons_own_word_tells_the_store_in_use() -> None:
    layers = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs"
    daemon = DaemonObserved("29.7.2", 0, True, {"storage-driver": "overlayfs"}, layers=layers)
    assert store_in_use(daemon) == Store(CONTAINERD, "overlayfs")
    graph = daemon._replace(settings={"storage-driver": "overlay2"}, layers="/srv/docker/overlay2")
    assert store_in_use(graph) == Store(GRAPH_DRIVER, "overlay2")
    assert store_in_use(daemon._replace(settings={}, layers="")) == NOBODY_KNOWS


def test_what_nobody_knows_is_no_difference() -> None:
    assert not Store().differs(Store(CONTAINERD, "overlayfs"))
    assert not Store(GRAPH_DRIVER).differs(Store(GRAPH_DRIVER, "overlay2"))
    assert Store(GRAPH_DRIVER).differs(Store(CONTAINERD))
    assert Store(GRAPH_DRIVER, "btrfs").differs(Store(GRAPH_DRIVER, "overlay2"))
