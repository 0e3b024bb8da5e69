# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look into data-roots that Docker may be given: what is there, and whether it is in use now.

With userns-remap the daemon keeps its data in a folder of its data-root, named by the numbers of
the user and the group (moby, daemon/daemon_unix.go, setupDaemonRoot).
"""

import os
from typing import Any, List, Mapping

from ...words.observations.host import RootToBeObserved
from .data_root import REMAPPED_FOLDER, base_of, observe_data_root, place_of


def observe_root_to_be(path: str, present: str) -> RootToBeObserved:
    """Look into a declared data-root; ``present`` is the one that the daemon tells."""
    here, there = place_of(path), place_of(base_of(present))
    remapped = [observe_data_root(each) for each in remapped_roots(path)]
    return RootToBeObserved(
        here != (0, 0) and here == there, observe_data_root(path), tuple(remapped)
    )


def remapped_roots(path: str) -> List[str]:
    """Name the folders of a data-root in which daemons with userns-remap keep their data."""
    try:
        names = sorted(name for name in os.listdir(path) if REMAPPED_FOLDER.match(name))
    except (OSError, ValueError):
        return []
    return [os.path.join(path, name) for name in names]


def root_of_stopped(path: str, configuration: Mapping[str, Any]) -> str:
    """Say where a stopped daemon has kept its data, by the configuration it will read."""
    folders = remapped_roots(path) if configuration.get("userns-remap") else []
    return folders[0] if len(folders) == 1 else path
