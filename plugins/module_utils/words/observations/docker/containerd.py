# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at containerd found, and what Docker keeps in it. Types only."""

from typing import Dict, NamedTuple, Optional

from ....words.paths import CONTAINERD_ROOT


class ContainerdObserved(NamedTuple):
    """The system's containerd, and the images in its store or in that of dockerd's own containerd.

    ``root`` is where its next start keeps data, links resolved, and ``said_by`` the file or unit
    that says so, empty where none does. ``running_root`` is where the running one keeps data, empty
    where none runs or nobody can tell. ``images`` counts images by root and namespace, with None
    for a root that could not be read. A daemon that answers counts its own.
    """

    root: str = CONTAINERD_ROOT
    said_by: str = ""
    running_root: str = ""
    images: Dict[str, Optional[Dict[str, int]]] = {}

    @property
    def present_root(self) -> str:
        """Where it keeps data now, as far as that is known."""
        return self.running_root or self.root
