# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look for programs where a service of the system would find them."""

import os
from typing import Sequence, Tuple

# A service's default PATH (systemd.exec(5), "Environment Variables").
OF_A_SERVICE = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
)


def observe_tools(names: Sequence[str]) -> Tuple[str, ...]:
    """Give those of the names that a service would find as programs."""
    return tuple(name for name in names if any(is_program(each, name) for each in OF_A_SERVICE))


def is_program(folder: str, name: str) -> bool:
    """Whether a folder has a program of this name."""
    path = os.path.join(folder, name)
    return bool(folder) and os.path.isfile(path) and os.access(path, os.X_OK)
