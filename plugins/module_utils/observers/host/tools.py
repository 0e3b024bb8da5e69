# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look for programs as a service of the system would."""

import os
from typing import Sequence, Tuple

# systemd.exec(5), "Environment Variables": a service's PATH where nothing else is said.
OF_A_SERVICE = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
)


def observe_tools(names: Sequence[str]) -> Tuple[str, ...]:
    """Give those of the names that are programs a service finds."""
    return tuple(name for name in names if any(is_program(each, name) for each in OF_A_SERVICE))


def is_program(folder: str, name: str) -> bool:
    """Whether a folder has a program of this name."""
    path = os.path.join(folder, name)
    return bool(folder) and os.path.isfile(path) and os.access(path, os.X_OK)
