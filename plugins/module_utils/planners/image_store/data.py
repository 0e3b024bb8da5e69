# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check whether another data-root, storage driver, image store or engine leaves data behind.

An image is left behind if the next start takes another store than the one that holds it; a
container if it was made with another driver or is in another data-root; a volume if the data-root
is another.
"""

import posixpath
from typing import Iterator, NamedTuple, Optional, Tuple

from ...words.declarations.daemon import DaemonDeclaration
from ...words.difference import Refusal
from ...words.observations.host import DataRootObserved, Observation
from ...words.paths import CONTAINERD_SOCKET
from ...words.tables.daemon_options import EMBEDDED, MIGRATION, SNAPSHOTTER, is_read_at_start
from ..daemon.document import Document, look_up, pointer_of
from ..daemon.meaning import declared_root, tidy_path
from ..units.docker_unit import DockerUnit
from .change import StoreChange
from .going_back import Change, is_going_back, root_to_be, spoken_contents
from .store import CONTAINERD, NAMESPACE, REMAPPED_NAMESPACE, Store, data_root_said, own_containerd

_ALLOW_LEFT_BEHIND = "docker_daemon_allow_data_left_behind"
_SNAPSHOTTER = ("features", SNAPSHOTTER)
# Keys that decide on the kind of store, and those that choose one of that kind.
_OF_THE_KIND = (("storage-driver",), _SNAPSHOTTER, ("features", MIGRATION))
_OF_ONE_KIND = (
    ("storage-driver",),
    ("containerd-namespace",),
    ("features", EMBEDDED),
    ("containerd",),
)


class Held(NamedTuple):
    """What could be lost; ``images`` is None where nobody can count them."""

    images: Optional[int] = 0
    containers: int = 0
    volumes: int = 0

    @property
    def can_be_had_again(self) -> bool:
        """Whether there are only images, and all of them are counted."""
        return self.images is not None and not self.containers and not self.volumes

    def spoken(self) -> str:
        """Say it; empty where there is nothing."""
        counts = ((self.containers, "container"), (self.volumes, "volume"))
        told = [
            "%d %s%s" % (count, name, "" if count == 1 else "s") for count, name in counts if count
        ]
        if self.images is None:
            told.insert(0, "images that could not be counted")
        elif self.images:
            told.insert(0, "%d image%s" % (self.images, "" if self.images == 1 else "s"))
        return " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))


def data_refusals(
    document: Document,
    live: Document,
    declaration: DaemonDeclaration,
    observed: Observation,
    unit: DockerUnit,
    stores: StoreChange,
) -> Iterator[Tuple[str, Refusal]]:
    """Refuse to change place or store under existing data, each under its pointer."""
    root = observed.data_root
    if declaration.allow_data_left_behind or root is None:
        return
    now, then = stores.now, stores.then
    wanted = data_root_said(document, unit.flags)
    there = held_in_root(now, root, observed)
    change = _change(wanted, document, live, observed)
    goes_back = is_going_back(change, document, declaration, observed)
    held = "" if goes_back and there.can_be_had_again else there.spoken()
    if held and change.moves:
        pointer = "/graph" if "graph" in document and "data-root" not in document else "/data-root"
        yield pointer, _refusal("data-root is to be %s" % wanted, "in %s" % root.path, held)
    if held and change.remap is not None:
        remapped = live.get("userns-remap") or "off"
        where = "in the folder of userns-remap %s" % remapped
        told = "userns-remap is to be %s" % (change.remap or "off")
        yield "/userns-remap", _refusal(told, where, held)
    left_there = _left_by(now, then, root, observed)
    left = "" if goes_back and left_there.can_be_had_again else left_there.spoken()
    if left:
        holding = now.driver
        if observed.daemon is None:
            holding = ", ".join(sorted(each for each, count in root.images.items() if count))
        refusal = _store_refusal(stores, left, root, holding, document, unit)
        yield _pointer(document, live, now, then), refusal


def left_behind(
    document: Document,
    live: Document,
    declaration: DaemonDeclaration,
    observed: Observation,
    unit: DockerUnit,
    stores: StoreChange,
) -> Iterator[str]:
    """Name what stays in a stray data-root when Docker goes back to its former one."""
    root = observed.data_root
    wanted = data_root_said(document, unit.flags)
    if root is None:
        return
    held = held_in_root(stores.now, root, observed)
    change = _change(wanted, document, live, observed)
    if not is_going_back(change, document, declaration, observed) or not held.can_be_had_again:
        return
    yield (
        "Docker goes back to %s, which holds %s. What it has in %s stays there, and no run "
        "removes it: %s."
        % (wanted, spoken_contents(change, document), root.path, held.spoken() or "nothing")
    )


def _change(wanted: str, document: Document, live: Document, observed: Observation) -> Change:
    """Say what will change; another name of the same data-root is no change."""
    seen = root_to_be(wanted, observed)
    present = declared_root(observed.data_root.path) if observed.data_root is not None else ""
    moves = not seen.is_present and _place(wanted) != _place(present)
    remap, remapped = (each.get("userns-remap") or "" for each in (document, live))
    return Change(
        root=wanted, seen=seen, moves=moves, remap=str(remap) if remap != remapped else None
    )


def _place(path: str) -> str:
    return tidy_path(posixpath.normpath(path))


def held_in_root(now: Store, root: DataRootObserved, observed: Observation) -> Held:
    """Give what another data-root would lack; images of the system's containerd are elsewhere."""
    daemon = observed.daemon
    within = now.kind != CONTAINERD or now.place == own_containerd(declared_root(root.path))
    if daemon is not None:
        return Held(daemon.images if within else 0, daemon.containers, root.volumes)
    images: Optional[int] = sum(root.images.values())
    if now.kind == CONTAINERD and within:
        images = images_of(now, observed)
    return Held(images, root.containers, root.volumes)


def images_of(store: Store, observed: Observation) -> Optional[int]:
    """Count images in a store of containerd while Docker is stopped; None if nobody can."""
    seen = observed.containerd
    place = seen.present_root if store.place in ("", CONTAINERD_SOCKET) else store.place
    if store.place.endswith(".sock") and store.place != CONTAINERD_SOCKET:
        # Nobody knows where somebody else's containerd keeps its data.
        return None
    by_namespace = seen.images.get(place, {})
    if by_namespace is None:
        return None
    return by_namespace.get(store.namespace or NAMESPACE, 0)


def _left_by(now: Store, then: Store, root: DataRootObserved, observed: Observation) -> Held:
    """Give what the present store holds and the next one does not see; volumes are in no store."""
    daemon = observed.daemon
    if daemon is not None:
        return Held(
            daemon.images if then.hides_images_of(now) else 0,
            daemon.containers if then.hides_containers_of(now) else 0,
        )
    if now.kind == CONTAINERD:
        return Held(
            images_of(now, observed) if then.hides_images_of(now) else 0,
            _made_with(now, root) if then.hides_containers_of(now) else 0,
        )
    drivers = [driver for driver, count in root.images.items() if count]
    if now.kind == then.kind and (not then.driver or not drivers or then.driver in drivers):
        # Whatever a stopped daemon would use, going back to where the images are hides none.
        return Held()
    if now.kind != then.kind and not then.hides_images_of(now):
        return Held()
    return Held(sum(root.images.values()), root.containers)


def _made_with(store: Store, root: DataRootObserved) -> int:
    """Count the containers of a store's driver; a daemon sees no others (moby, daemon.go)."""
    if not root.container_drivers:
        return root.containers
    return root.container_drivers.get(store.driver, 0)


def _pointer(document: Document, live: Document, now: Store, then: Store) -> str:
    """Give the pointer to the change, if the document has it; an engine may change it as well."""
    keys = _OF_ONE_KIND if now.kind == then.kind else _OF_THE_KIND
    changed = [each for each in keys if look_up(document, each) != look_up(live, each)]
    return pointer_of(changed[0] if changed else _SNAPSHOTTER)


def _store_refusal(
    stores: StoreChange,
    held: str,
    root: DataRootObserved,
    holding: str,
    document: Document,
    unit: DockerUnit,
) -> Refusal:
    now, then = stores.now, stores.then
    if now.kind == then.kind != CONTAINERD:
        under = "under %s in %s" % (holding, root.path)
        return _refusal("storage-driver is to be %s" % then.driver, under, held)
    return Refusal(
        found="from its next start on the daemon would keep images with %s, and no longer see what "
        "%s holds: %s." % (then.spoken(), now.spoken(), held),
        remedy="%s to keep it, or set %s to leave them where they are."
        % (_to_keep(stores, document, unit), _ALLOW_LEFT_BEHIND),
        consent=_ALLOW_LEFT_BEHIND,
    )


def _to_keep(stores: StoreChange, document: Document, unit: DockerUnit) -> str:
    """Say how to keep the present store: a key to declare, or a flag to remove from its file."""
    now, then = stores.now, stores.then
    switched_on = (document.get("features") or {}).get(SNAPSHOTTER) is True
    if document.get("userns-remap") and not now.namespace.startswith(REMAPPED_NAMESPACE):
        return "Take userns-remap out of docker_daemon_config"
    if now.namespace.startswith(REMAPPED_NAMESPACE) and now.namespace != then.namespace:
        return "Declare userns-remap in docker_daemon_config as it was"
    key, said = "features", "features: {%s: true}" % SNAPSHOTTER
    if now.kind == CONTAINERD == then.kind:
        if now.place != then.place and own_containerd("") in (now.place + then.place):
            is_own = own_containerd("") in now.place
            if is_own and not is_read_at_start(EMBEDDED, stores.version):
                return "Stop and disable containerd.service before Docker starts"
            said = "features: {%s: %s}" % (EMBEDDED, "true" if is_own else "false")
        elif now.place != then.place:
            key, said = "containerd", "containerd: %s" % now.place
        elif now.namespace != then.namespace:
            key, said = "containerd-namespace", "containerd-namespace: %s" % now.namespace
        else:
            key, said = "storage-driver", "storage-driver: %s" % now.driver
    elif now.kind != CONTAINERD and switched_on:
        said = "features: {%s: false}" % SNAPSHOTTER
    elif now.kind != CONTAINERD:
        key, said = "storage-driver", "storage-driver: %s" % (now.driver or "overlay2")
    if key in unit.flags:
        flag = "feature" if key == "features" else key
        return "Take --%s out of the command line in %s" % (flag, unit.source)
    return "Declare %s in docker_daemon_config" % said


def _refusal(change: str, where: str, held: str) -> Refusal:
    return Refusal(
        found="%s, and the daemon would no longer see what the old one holds: %s %s."
        % (change, held, where),
        remedy="Move or remove them first, or set %s to leave them where they are."
        % _ALLOW_LEFT_BEHIND,
        consent=_ALLOW_LEFT_BEHIND,
    )
