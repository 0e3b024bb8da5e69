# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Would another data-root, storage driver, image store or engine leave data behind?

An image is left behind where the store that the next start takes is another than the one that
holds it; a container where it was made with another driver, or lies in another data-root; a volume
where the data-root is another.
"""

import posixpath
import re
from typing import Iterator, NamedTuple, Optional, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.declaration import DaemonDeclaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    DataRootObserved,
    Observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    Document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_meaning import (
    tidy_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.docker_unit import (
    DockerUnit,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.image_store import (
    CONTAINERD,
    FEATURE,
    Store,
    store_in_use,
)

CONSENT = "docker_daemon_allow_data_left_behind"
DEFAULT_ROOT = "/var/lib/docker"


class Held(NamedTuple):
    """What there is to lose; ``images`` None where nobody can count them."""

    images: Optional[int] = 0
    containers: int = 0
    volumes: int = 0

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
        return ", ".join(told)


def data_refusals(
    document: Document,
    live: Document,
    declaration: DaemonDeclaration,
    observed: Observation,
    unit: DockerUnit,
    now: Store,
    then: Store,
) -> Iterator[Tuple[str, Refusal]]:
    """Refuse a change of place or store under data, each under its pointer.

    ``now`` is the store that a daemon takes as the host is, ``then`` the one of its next start; of
    a running daemon its own word counts.
    """
    root = observed.data_root
    if declaration.allow_data_left_behind or root is None:
        return
    by_flag = unit.flags.get("data-root", [""])[-1]
    wanted = document.get("data-root") or document.get("graph") or by_flag or DEFAULT_ROOT
    held = held_in_root(root, observed).spoken()
    if held and _place(str(wanted)) != _place(declared_root(root.path)):
        pointer = "/graph" if "graph" in document and "data-root" not in document else "/data-root"
        yield pointer, _refusal("data-root is to be %s" % wanted, "in %s" % root.path, held)
    remap, remapped = (each.get("userns-remap") or "off" for each in (document, live))
    if held and remap != remapped:
        where = "in the folder of userns-remap %s" % remapped
        yield "/userns-remap", _refusal("userns-remap is to be %s" % remap, where, held)
    if observed.daemon is not None:
        now = store_in_use(observed.daemon)
    left = _held_by(now, root, observed).spoken()
    if left and _leaves(now, then, root, observed):
        holding = now.driver
        if observed.daemon is None:
            holding = ", ".join(sorted(each for each, count in root.images.items() if count))
        yield _pointer(document, live), _store_refusal(now, then, left, root, holding)


def _place(path: str) -> str:
    return tidy_path(posixpath.normpath(path))


def declared_root(path: str) -> str:
    """The data-root by its declared name: with userns-remap the daemon tells a folder in it."""
    return re.sub(r"/\d+\.\d+/?$", "", path)


def held_in_root(root: DataRootObserved, observed: Observation) -> Held:
    """What another data-root would not have: images of containerd's store lie elsewhere."""
    daemon = observed.daemon
    if daemon is None:
        return Held(sum(root.images.values()), root.containers, root.volumes)
    in_root = store_in_use(daemon).kind != CONTAINERD
    return Held(daemon.images if in_root else 0, daemon.containers, root.volumes)


def _held_by(now: Store, root: DataRootObserved, observed: Observation) -> Held:
    """What a store holds: volumes are of no store."""
    if observed.daemon is not None:
        return Held(observed.daemon.images, observed.daemon.containers)
    if now.kind == CONTAINERD:
        return Held(root.containerd_images, root.containers)
    return Held(sum(root.images.values()), root.containers)


def _leaves(now: Store, then: Store, root: DataRootObserved, observed: Observation) -> bool:
    """Whether the store to come does not see what the present one holds."""
    if observed.daemon is not None or now.kind != then.kind:
        return now.differs(then)
    # Whatever a stopped daemon would take: going back to the driver that holds images hides none.
    drivers = [driver for driver, count in root.images.items() if count]
    return bool(then.driver and drivers and then.driver not in drivers)


def _pointer(document: Document, live: Document) -> str:
    """Where in the document the change is, if it is there at all: an engine has a store as well."""
    if document.get("storage-driver") != live.get("storage-driver"):
        return "/storage-driver"
    return "/features/%s" % FEATURE


def _store_refusal(
    now: Store, then: Store, held: str, root: DataRootObserved, holding: str
) -> Refusal:
    if now.kind == then.kind:
        under = "under %s in %s" % (holding, root.path)
        return _refusal("storage-driver is to be %s" % then.driver, under, held)
    keep = "Declare features: {%s: true} in docker_daemon_config to keep it" % FEATURE
    if then.kind == CONTAINERD:
        keep = "Declare storage-driver: %s in docker_daemon_config to keep it" % (
            now.driver or "overlay2"
        )
    return Refusal(
        "the daemon would keep images with %s from its next start on, and %s holds %s, which it "
        "would not see any more." % (then.spoken(), now.spoken(), held),
        "%s, or set %s to leave them where they are." % (keep, CONSENT),
        CONSENT,
    )


def _refusal(change: str, where: str, held: str) -> Refusal:
    return Refusal(
        "%s, and the old one holds %s %s, which the daemon would not see any more."
        % (change, held, where),
        "Move or remove them first, or set %s to leave them where they are." % CONSENT,
        CONSENT,
    )
