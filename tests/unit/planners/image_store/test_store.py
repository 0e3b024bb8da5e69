"""Which image store a start takes: measurements with 28.5.2 and 29.7.2, as a table."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.image_store.change import (
    store_change,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.image_store.store import (
    CONTAINERD,
    GRAPH_DRIVER,
    NAMESPACE,
    Store,
    store_in_use,
    store_taken,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.docker_unit import (
    read_unit,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.access import (
    AccessObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    DaemonObserved,
    DataRootObserved,
    FileObserved,
    Observation,
    System,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.paths import CONTAINERD_SOCKET

ON, OFF = {"containerd-snapshotter": True}, {"containerd-snapshotter": False}
EMBEDDED, MIGRATES = {"embedded-containerd": True}, {"containerd-migration": True}
NOBODY_KNOWS = Store()
V20, V28, V29_0, V29 = (20, 10, 24), (28, 5, 2), (29, 0, 0), (29, 7, 2)
OWN = "/var/lib/docker/containerd/daemon"
LAYERS = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs"


def containerd(
    driver: str = "overlayfs", place: str = CONTAINERD_SOCKET, namespace: str = NAMESPACE
) -> Store:
    return Store(kind=CONTAINERD, driver=driver, place=place, namespace=namespace)


def graph(driver: str = "") -> Store:
    return Store(kind=GRAPH_DRIVER, driver=driver)


@pytest.mark.parametrize(
    ("version", "document", "drivers", "store"),
    [
        (V29, {}, [], containerd()),
        (V29, {}, ["overlay2"], graph("overlay2")),
        (V29, {}, ["vfs"], containerd()),
        (V29, {}, ["btrfs", "overlay2"], graph()),
        # Folders of drivers that the engine no longer has do not count.
        (V29, {}, ["aufs", "devicemapper", "overlay"], containerd()),
        (V29, {}, ["aufs", "overlay2"], graph("overlay2")),
        (V29, {"storage-driver": "overlay2"}, [], graph("overlay2")),
        (V29, {"storage-driver": "btrfs"}, [], graph("btrfs")),
        (V29, {"storage-driver": "btrfs"}, ["overlay2"], graph("btrfs")),
        (V29, {"storage-driver": "zfs"}, [], graph("zfs")),
        (V29, {"storage-driver": "overlayfs"}, [], containerd()),
        (V29, {"storage-driver": "native"}, [], containerd("native")),
        # It would be taken for a graph driver's name, since that driver's folder is there.
        (V29, {"storage-driver": "overlayfs"}, ["overlay2"], NOBODY_KNOWS),
        (V29_0, {"storage-driver": "overlayfs"}, ["overlay2"], containerd()),
        (V29_0, {"storage-driver": "zfs"}, [], containerd("zfs")),
        (V29_0, {}, ["overlay2"], graph("overlay2")),
        (V29, {"storage-driver": "overlayfs", "features": ON}, ["overlay2"], containerd()),
        (V29, {"storage-driver": "overlay2", "features": ON}, [], NOBODY_KNOWS),
        (V29, {"storage-driver": "btrfs", "features": ON}, [], NOBODY_KNOWS),
        (V29, {"storage-driver": "overlayfs", "features": OFF}, [], NOBODY_KNOWS),
        (V29, {"features": ON}, ["overlay2"], containerd()),
        (V29, {"features": OFF}, [], graph()),
        (V29, {"userns-remap": "default"}, [], graph()),
        (V29, {"userns-remap": "default", "features": ON}, [], NOBODY_KNOWS),
        (V29, {"features": {"buildkit": True}}, [], containerd()),
        (V29, {"features": {"containerd-snapshotter": None}}, [], containerd()),
        (V29, {"features": EMBEDDED}, [], containerd(place=OWN)),
        (
            V29,
            {"features": EMBEDDED, "data-root": "/srv/docker"},
            [],
            containerd(place="/srv/docker/containerd/daemon"),
        ),
        (V29, {"features": EMBEDDED}, ["overlay2"], graph("overlay2")),
        ((29, 6, 0), {"features": EMBEDDED}, [], containerd()),
        (V29, {"containerd": "/run/mine.sock"}, [], containerd(place="/run/mine.sock")),
        (V29, {"containerd": "/var/run/containerd/containerd.sock"}, [], containerd()),
        (V29, {"containerd-namespace": "mine"}, [], containerd(namespace="mine")),
        # A migration leaves no image and no container behind.
        (V29, {"features": MIGRATES}, ["overlay2"], containerd()),
        (V29, {"features": MIGRATES, "storage-driver": "btrfs"}, ["btrfs"], graph("btrfs")),
        (V28, {"features": MIGRATES}, ["overlay2"], graph("overlay2")),
        (V28, {}, [], graph()),
        (V28, {}, ["overlay2"], graph("overlay2")),
        (V28, {"features": ON}, ["overlay2"], containerd()),
        (V28, {"features": ON, "storage-driver": "native"}, [], containerd("native")),
        (V28, {"features": OFF}, [], graph()),
        (V28, {"features": ON | EMBEDDED}, [], containerd()),
        (V28, {"features": ON, "userns-remap": "default"}, [], containerd(namespace="moby-")),
        (V20, {"features": ON}, ["overlay2"], graph("overlay2")),
        # An engine whose version only the site can tell.
        ((), {}, ["overlay2"], NOBODY_KNOWS),
        ((), {"features": OFF}, [], graph()),
        ((), {"storage-driver": "overlay2"}, [], graph("overlay2")),
    ],
)
def test_the_next_start_takes(
    version: tuple[int, ...], document: dict[str, Any], drivers: list[str], store: Store
) -> None:
    root = DataRootObserved("/var/lib/docker", drivers=tuple(drivers))
    assert store_taken(version, document, {}, root) == store


def test_a_migration_leaves_a_driver_alone_that_holds_something() -> None:
    for held in ({"images": {"overlay2": 1}}, {"container_drivers": {"overlay2": 1}}):
        root = DataRootObserved("/var/lib/docker", drivers=("overlay2",), **held)  # type: ignore[arg-type]
        assert store_taken(V29, {"features": MIGRATES}, {}, root) == graph("overlay2")


def test_nobody_knows_what_lies_in_a_data_root_that_nobody_looked_into() -> None:
    assert store_taken(V29, {"data-root": "/srv"}, {}, None) == NOBODY_KNOWS
    assert store_taken(V29, {"features": ON}, {}, None) == containerd()


@pytest.mark.parametrize(
    ("flags", "store"),
    [
        ({"features": ["containerd-snapshotter=true"]}, containerd()),
        ({"features": ["containerd-snapshotter=false"]}, graph()),
        ({"features": ["containerd-snapshotters=false"]}, containerd()),
        ({"features": ["embedded-containerd"]}, containerd(place=OWN)),
        ({"storage-driver": ["overlay2"]}, graph("overlay2")),
        ({"userns-remap": ["default"]}, graph()),
        ({"containerd": ["/run/mine.sock"]}, containerd(place="/run/mine.sock")),
        ({"containerd-namespace": ["mine"]}, containerd(namespace="mine")),
    ],
)
def test_flags_count_as_the_file_does(flags: dict[str, list[str]], store: Store) -> None:
    assert store_taken(V29, {}, flags, DataRootObserved("/var/lib/docker")) == store


def test_the_daemons_own_word_tells_the_store_in_use() -> None:
    settings = {"storage-driver": "overlayfs", "data-root": "/var/lib/docker"}
    daemon = DaemonObserved(
        server_version="29.7.2",
        containers_running=0,
        live_restore=True,
        settings=settings,
        layers=LAYERS,
    )
    assert store_in_use(daemon) == containerd(place="", namespace="")
    told = dict(settings, **{"containerd": CONTAINERD_SOCKET, "containerd-namespace": "moby"})
    assert store_in_use(daemon._replace(settings=told)) == containerd()
    told["containerd"] = "/var/run/docker/containerd/containerd.sock"
    assert store_in_use(daemon._replace(settings=told)) == containerd(place=OWN)
    told["containerd"] = "/srv/exec/containerd/containerd.sock"
    started = store_in_use(daemon._replace(settings=told), {"exec-root": "/srv/exec"})
    assert started == containerd(place=OWN)
    layers = "/srv/docker/overlay2"
    on_graph = daemon._replace(settings={"storage-driver": "overlay2"}, layers=layers)
    assert store_in_use(on_graph) == graph("overlay2")
    assert store_in_use(daemon._replace(settings={}, layers="")) == NOBODY_KNOWS


def test_images_and_containers_are_hidden_each_by_what_hides_them() -> None:
    assert not Store().hides_images_of(containerd())
    assert not graph().hides_images_of(graph("overlay2"))
    assert graph().hides_images_of(containerd())
    assert graph("btrfs").hides_images_of(graph("overlay2"))
    assert containerd(place=OWN).hides_images_of(containerd())
    assert containerd(namespace="mine").hides_images_of(containerd())
    assert not containerd(place="", namespace="").hides_images_of(containerd(place=OWN))
    remapped = containerd(namespace="moby-100000.100000")
    assert remapped.hides_images_of(containerd())
    assert containerd(namespace="moby-").hides_images_of(containerd())
    assert not containerd(namespace="moby-").hides_images_of(remapped)
    # Seen with 28.5.2: another snapshotter sees all images, and no container.
    assert not containerd("native").hides_images_of(containerd())
    assert containerd("native").hides_containers_of(containerd())
    assert not containerd().hides_containers_of(containerd())


def test_only_what_is_known_is_surely_the_same() -> None:
    assert graph("overlay2").is_surely(graph("overlay2"))
    assert containerd().is_surely(containerd(place="", namespace=""))
    assert not graph().is_surely(graph("overlay2"))
    assert not Store().is_surely(Store())
    assert not containerd("native").is_surely(containerd())
    assert not graph("overlay2").is_surely(containerd("overlay2"))


UNIT = "/usr/lib/systemd/system/docker.service"


@pytest.mark.parametrize(
    ("lines", "store"),
    [
        ("ExecStart=/usr/bin/dockerd -H fd://", containerd()),
        ("ExecStart=/usr/bin/dockerd $OPTIONS\nEnvironment=OPTIONS=-soverlay2", graph("overlay2")),
        ("ExecStart=/usr/bin/dockerd\nEnvironment=DOCKER_DRIVER=btrfs", graph("btrfs")),
        ("ExecStart=/usr/bin/dockerd --feature containerd-snapshotter=false", graph()),
    ],
)
def test_variables_of_the_unit_count(lines: str, store: Store) -> None:
    files = {UNIT: FileObserved(kind="file", text="[Service]\n" + lines + "\n")}
    root = DataRootObserved("/var/lib/docker")
    observed = Observation(System("Debian", "13"), files=files, data_root=root)
    observed = observed._replace(access=AccessObserved())
    change = store_change(observed, read_unit(files), {}, {}, V29, V29)
    assert (change.now, change.then) == (store, store)


def test_another_data_root_counts_by_what_lies_in_it() -> None:
    root = DataRootObserved("/var/lib/docker", drivers=("overlay2",))
    left = {"/srv/docker": ("btrfs",), "/srv/new": ()}
    observed = Observation(System("Debian", "13"), data_root=root, left_drivers=left)
    unit = read_unit({})
    for path, store in (
        ("/srv/docker", graph("btrfs")),
        ("/srv/new", containerd()),
        ("/srv/elsewhere", NOBODY_KNOWS),
    ):
        change = store_change(observed, unit, {}, {"data-root": path}, V29, V29)
        assert (change.now, change.then) == (graph("overlay2"), store)
