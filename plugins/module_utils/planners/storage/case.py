# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is judged for a filesystem under data-root, in one place."""

from typing import NamedTuple

from ...words.declarations.storage import StorageDeclaration
from ...words.observations.host import Applied, Observation
from ...words.observations.storage import StorageObserved
from ...words.tables.filesystems import Filesystem
from ...words.tables.supported_systems import SupportedSystem
from .state import file_at, is_in_place
from .units import mount_unit_path


class Case(NamedTuple):
    """What is judged: the declaration, the look at the host, and the resulting filesystem."""

    declaration: StorageDeclaration
    system: SupportedSystem
    observed: Observation
    seen: StorageObserved
    filesystem: Filesystem

    @property
    def applied(self) -> Applied:
        """The record of what was applied."""
        return self.observed.applied

    @property
    def in_place(self) -> bool:
        """Whether the host has this volume on this mount point already."""
        file = file_at(self.observed, mount_unit_path(self.declaration.mount_point))
        return is_in_place(self.declaration, self.seen, file.text)
