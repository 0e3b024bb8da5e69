# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Require that image layers are on the filesystem that Docker's guard waits for.

The daemon's own word tells where they are now. Where its next start puts them follows from what
that start would read: a commit that brings them back to the mount is the cure, and is not refused.
"""

import posixpath
from typing import Iterator, Mapping, Optional

from ...words import impacts, resources
from ...words.declared import declare_anywhere
from ...words.difference import Difference, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import (
    DataRootObserved,
    FileObserved,
    Observation,
    StagedSet,
    UnitObserved,
)
from ...words.observations.storage import MountObserved
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import RESTART
from ...words.tables.filesystems import FILESYSTEMS
from ..activation.effect import effect_on_daemon, with_staged
from ..daemon.desired import installed_version
from ..daemon.document import Document, NotADocument, read_document
from ..storage.units import guarded_mount_point, is_under
from ..units.docker_unit import read_unit
from .cure import graph_driver_cure
from .store import CONTAINERD, data_root_said, images_roots, store_in_use, store_taken

ROLE = "docker_activation"
LAYERS_DECLARED = declare_anywhere(
    resource=resources.SERVICE_LAYERS, role=ROLE, wanted="where the guard has it"
)


def plan_layers(
    observed: Observation, staged: StagedSet, is_planned_by_the_daemon: bool
) -> Iterator[Difference]:
    """Name image layers that are not on the guard's mount, or that the next start puts elsewhere.

    A guard that the next commit removes does not count, since that is the way out. If daemon.json
    is planned too (``is_planned_by_the_daemon``), that plan decides what the next start may do.
    """
    files = with_staged(observed.files, staged)
    point = guarded_mount_point(files)
    if not point or point != guarded_mount_point(observed.files):
        return
    document = _read(files)
    then = "" if document is None else _next(observed, files, document, point)
    starts = effect_on_daemon(observed, staged).action == RESTART
    if observed.daemon is None:
        service = observed.units.get(DOCKER_SERVICE, UnitObserved())
        starts = service.active_state in ("inactive", "failed")
    else:
        astray = _astray(observed, point)
        if astray is not None and not (starts and then and is_under(then, point)):
            yield _difference(observed.daemon.layers, astray.mount_point, point, observed, document)
            return
    if starts and then and not is_under(then, point) and not is_planned_by_the_daemon:
        yield _to_come(then, point, observed, document or {})


def _astray(observed: Observation, point: str) -> Optional[MountObserved]:
    """Give the mount that the running daemon's layers are on, if it is another."""
    daemon = observed.daemon
    if daemon is None or not daemon.layers:
        return None
    if not is_under(str(daemon.settings.get("data-root", "")), point):
        # Docker was given another data-root, so the filesystem may go now.
        return None
    carrier = observed.carriers.get(daemon.layers)
    if carrier is None or (is_under(daemon.layers, point) and carrier.mount_point == point):
        return None
    if is_under(carrier.mount_point, point) and carrier.root != "/":
        # dockerd binds the folder of its btrfs driver to itself (moby, daemon/graphdriver/btrfs).
        return None
    return carrier


def _next(
    observed: Observation, files: Mapping[str, FileObserved], document: Document, point: str
) -> str:
    """Say where the daemon's next start keeps layers; empty where nobody can tell."""
    flags = read_unit(files).flags
    root = posixpath.normpath(data_root_said(document, flags))
    if not is_under(root, point):
        # As above, nothing is required of the mount then.
        return point
    there = observed.data_root
    if there is None or posixpath.normpath(there.path) != root:
        there = DataRootObserved(root)
    store = store_taken(installed_version(observed), document, flags, there)
    if store.kind == CONTAINERD:
        roots = images_roots(store, observed)
        return roots[0] if roots else ""
    return root if store.kind else ""


def _read(files: Mapping[str, FileObserved]) -> Optional[Document]:
    try:
        return read_document(files.get(DAEMON_JSON, FileObserved()).text)
    except NotADocument:
        return None


def _difference(
    layers: str, where: str, point: str, observed: Observation, document: Optional[Document]
) -> Difference:
    daemon = observed.daemon
    is_containerd = daemon is not None and store_in_use(daemon).kind == CONTAINERD
    cure = "Have docker_daemon_config name a data-root on it"
    if is_containerd:
        cure = _cure(document or {}, point, observed)
    return Difference(
        resource=resources.SERVICE_LAYERS,
        role=ROLE,
        path=layers,
        expected="on %s" % point,
        actual="on %s" % where,
        impact=impacts.NONE,
        sentence="image layers do not lie on %s" % point,
        refusal=Refusal(
            found="the daemon keeps its image layers in %s, on %s, not on %s."
            % (layers, where, point),
            remedy="%s, or set docker_storage_state to absent." % cure,
        ),
    )


def _to_come(then: str, point: str, observed: Observation, document: Document) -> Difference:
    return Difference(
        resource=resources.SERVICE_LAYERS,
        role=ROLE,
        path=then,
        expected="on %s" % point,
        actual="in %s from the next start on" % then,
        impact=impacts.NONE,
        sentence="image layers would not lie on %s" % point,
        refusal=Refusal(
            found="by %s the daemon would keep its image layers in %s from its next start on, not "
            "on %s." % (DAEMON_JSON, then, point),
            remedy="%s, or set docker_storage_state to absent." % _cure(document, point, observed),
        ),
    )


def _cure(document: Document, point: str, observed: Observation) -> str:
    kind = FILESYSTEMS.get(observed.carriers.get(point, MountObserved("")).type)
    return graph_driver_cure(document, kind.driver if kind is not None else "")
