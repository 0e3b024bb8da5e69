# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at a host's first process. Types only."""

from typing import NamedTuple


class FirstProcessObserved(NamedTuple):
    """The process with the number 1, and whether this look ran in the system that it started.

    ``name`` is the process's name, empty where it cannot be read. ``is_systemd`` tells that systemd
    booted this system (sd_booted(3)), ``is_chroot`` that the look had another root folder than that
    process, ``is_wsl`` that the kernel is that of Windows' subsystem for Linux.
    """

    name: str = "systemd"
    is_systemd: bool = True
    is_chroot: bool = False
    is_wsl: bool = False
