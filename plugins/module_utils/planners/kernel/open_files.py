# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The most open files that the kernel gives to one process, even root's (proc(5))."""

from typing import Optional

from ...words.declarations.kernel import KernelDeclaration
from ...words.observations.host import FileObserved, Observation

OPEN_FILES = "/proc/sys/fs/nr_open"
_NAME = "fs.nr_open"


def most_open_files(declaration: KernelDeclaration, observed: Observation) -> Optional[int]:
    """Give the limit as it is, or as docker_kernel will set it; None if unknown."""
    file = observed.files.get(OPEN_FILES, FileObserved())
    text = declaration.sysctl.get(_NAME) or file.text
    return int(text) if text.strip().isdigit() else None
