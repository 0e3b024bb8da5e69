# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse what keeps a start from choosing an image store (moby, daemon/image_store_choice.go).

dockerd's own validation checks none of this, since it does not look into data-root.
"""

from typing import List, Optional

from ...words.difference import Refusal
from ...words.observations.host import DataRootObserved, Observation
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import SNAPSHOTTER, STORAGE_DRIVERS, Version, parse_version
from ..daemon.document import Document
from ..daemon_checks.circumstances import Found
from .store import (
    FIRST_TO_LOOK_FIRST,
    FIRST_WITH_CONTAINERD_BY_DEFAULT,
    GRAPH_DRIVER,
    Flags,
    Store,
    driver_said,
    feature_said,
    prior_drivers,
)

_DRIVER = "/storage-driver"


def start_refusals(
    document: Document,
    flags: Flags,
    root: Optional[DataRootObserved],
    version: Version,
    then: Store,
) -> Found:
    """Refuse a daemon.json with which a start fails; ``then`` is the store that it would take."""
    driver, wanted = driver_said(document, flags), feature_said(SNAPSHOTTER, document, flags)
    left = prior_drivers(root, version)
    of_containerd = bool(driver) and driver not in STORAGE_DRIVERS
    by_default = version >= FIRST_WITH_CONTAINERD_BY_DEFAULT
    if by_default and of_containerd and wanted is False:
        yield (
            _DRIVER,
            Refusal(
                found="%s: features has %s: false, and storage-driver is %s, which is no graph "
                "driver: dockerd does not start with both." % (DAEMON_JSON, SNAPSHOTTER, driver),
                remedy="Take one of the two out of docker_daemon_config, or declare another "
                "storage-driver there.",
            ),
        )
    if version >= FIRST_TO_LOOK_FIRST and of_containerd and wanted is None and left:
        yield (
            _DRIVER,
            Refusal(
                found="%s: storage-driver is %s, and %s left a folder in data-root: dockerd then "
                "looks for a graph driver %s, and does not start."
                % (DAEMON_JSON, driver, _listed(left), driver),
                remedy="Declare features: {%s: true} in docker_daemon_config as well, or take "
                "storage-driver out of it." % SNAPSHOTTER,
            ),
        )
    if then.kind == GRAPH_DRIVER and not driver and len(left) > 1:
        yield (
            _DRIVER,
            Refusal(
                found="%s: storage-driver is not there, and %s each left a folder in data-root: "
                "dockerd does not choose between them, and does not start."
                % (DAEMON_JSON, _listed(left)),
                remedy="Declare storage-driver in docker_daemon_config.",
            ),
        )


def changes_start(
    observed: Observation, document: Document, live: Document, version: Version
) -> bool:
    """Whether a start will use something else than the running daemon was started with."""
    daemon = observed.daemon
    if daemon is None or parse_version(daemon.server_version) != version:
        return True
    keys = ("data-root", "features", "graph", "storage-driver")
    return any(document.get(key) != live.get(key) for key in keys)


def _listed(names: List[str]) -> str:
    return " and ".join(names)
