# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The image store of a host now, and that of the daemon's next start."""

from typing import NamedTuple, Optional

from ...words.observations.docker.access import AccessObserved
from ...words.observations.host import DataRootObserved, Observation
from ...words.tables.daemon_flags import flags_of
from ...words.tables.daemon_options import Version
from ..daemon.document import Document
from ..units.docker_unit import DockerUnit
from ..units.start_arguments import start_arguments, variables_of
from .store import Flags, Store, data_root_said, store_in_use, store_taken

# This variable overrides the file and the command line (moby, daemon/image_store_choice.go).
_VARIABLE = "DOCKER_DRIVER"


class StoreChange(NamedTuple):
    """The store ``now`` and that of the next start, ``then``; mostly the same.

    A running daemon tells its own; for a stopped one it is the store that would start. ``flags``
    and ``root`` are the command line and the data-root of the next start, as far as they are known.
    """

    now: Store
    then: Store
    flags: Flags = {}
    root: Optional[DataRootObserved] = None
    version: Version = ()


def store_change(
    observed: Observation,
    unit: DockerUnit,
    live: Document,
    document: Document,
    installed: Version,
    to_come: Version,
) -> StoreChange:
    """Say what a start of the coming engine with ``document`` would use."""
    access = observed.access or AccessObserved()
    flags = flags_of(start_arguments(unit, observed.files, access))
    named = variables_of(unit, observed.files, access).get(_VARIABLE)
    by_variable = {"storage-driver": named.value} if named is not None and named.value else {}
    if observed.daemon is not None:
        now = store_in_use(observed.daemon, live)
    else:
        was = dict(live, **by_variable)
        now = store_taken(installed, was, flags, _root(observed, data_root_said(was, flags)))
    to_be = dict(document, **by_variable)
    root = _root(observed, data_root_said(to_be, flags))
    return StoreChange(
        now=now,
        then=store_taken(to_come, to_be, flags, root),
        flags=flags,
        root=root,
        version=to_come,
    )


def _root(observed: Observation, path: str) -> Optional[DataRootObserved]:
    """Give what is known of a data-root: everything of the present one, of another its drivers."""
    root = observed.data_root
    if root is None or root.path.rstrip("/") == path.rstrip("/"):
        return root
    drivers = observed.left_drivers.get(path)
    if drivers is None:
        # With userns-remap the daemon tells a folder in it.
        return root if root.path.startswith(path.rstrip("/") + "/") else None
    return DataRootObserved(path, drivers=drivers)
