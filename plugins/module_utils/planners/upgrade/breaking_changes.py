# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes besides daemon.json's keys that no container lives through, whatever live-restore is.

A flag has the effect of its key. And an engine that was installed under the running one may take
another image store: then earlier containers would run on without it.
"""

from typing import Any, Iterator, Mapping, Optional, Sequence, Tuple

from ...words.declarations.engine import upstream_version
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import Observation, PackageObserved, UnitObserved
from ...words.tables.daemon_flags import flags_of
from ...words.tables.daemon_options import BREAK_LIVE_RESTORE, FORGET_CONTAINERS, parse_version
from ..daemon.document import Document
from ..daemon.meaning import canonical, meaning
from ..image_store.store import GRAPH_DRIVER, Store, store_in_use, store_taken
from ..units.docker_unit import DockerUnit, is_dockerd

IMAGE_STORE = "the image store"


def breaks_beside(
    breaks: Tuple[str, ...], observed: Observation, unit: DockerUnit, document: Document
) -> Tuple[str, ...]:
    """Add to the keys of daemon.json that break live-restore what else does."""
    daemon = observed.daemon
    settings = daemon.settings if daemon is not None else {}
    service = observed.units.get(DOCKER_SERVICE, UnitObserved())
    flags = _breaking_flags(service, unit, document, settings)
    breaks += tuple(key for key in flags if key not in breaks)
    is_told = bool(FORGET_CONTAINERS.intersection(breaks))
    if not is_told and other_store(observed, unit, document):
        breaks += (IMAGE_STORE,)
    return breaks


def _breaking_flags(
    service: UnitObserved, unit: DockerUnit, document: Document, settings: Mapping[str, Any]
) -> Iterator[str]:
    """Name the keys of flags that differ between the next start and the running daemon.

    A flag that only moves between the command line and the file is no change.
    """
    if not service.arguments or not unit.is_plain or not is_dockerd(unit):
        return
    before, after = flags_of(service.arguments[1:]), unit.flags
    for key in sorted(BREAK_LIVE_RESTORE):
        if before.get(key) == after.get(key):
            continue
        was = _last(before.get(key)) or settings.get(key)
        will = _last(after.get(key)) or document.get(key)
        if canonical(meaning(key, was)) != canonical(meaning(key, will)):
            yield key


def other_store(observed: Observation, unit: DockerUnit, document: Document) -> str:
    """Say how the next start has another image store; empty where it has not, or nobody knows.

    If no graph driver is configured the daemon chooses, and chooses its present one.
    """
    daemon = observed.daemon
    if daemon is None:
        return ""
    package = observed.packages.get("docker-ce", PackageObserved())
    installed = parse_version(upstream_version(package.version))
    now = store_in_use(daemon)
    root = observed.data_root
    if root is not None and now.kind == GRAPH_DRIVER:
        # The running driver's folder is there, whenever it was looked for.
        root = root._replace(drivers=tuple(sorted({now.driver}.union(root.drivers))))
    then = store_taken(installed, document, unit.flags, root)
    if now.kind == then.kind and not _is_named(then, document, unit):
        return ""
    if not then.hides_containers_of(now):
        return ""
    return "its next start keeps images with %s, and the running one keeps them with %s" % (
        then.spoken(),
        now.spoken(),
    )


def runs_another_engine(observed: Observation) -> bool:
    """Whether the installed engine is another than the running one."""
    daemon, package = observed.daemon, observed.packages.get("docker-ce", PackageObserved())
    if daemon is None or not package.version:
        return False
    return parse_version(upstream_version(package.version)) != parse_version(daemon.server_version)


def _is_named(store: Store, document: Document, unit: DockerUnit) -> bool:
    named = document.get("storage-driver") or _last(unit.flags.get("storage-driver"))
    return bool(named) and named == store.driver


def _last(values: Optional[Sequence[str]]) -> str:
    return values[-1] if values else ""
