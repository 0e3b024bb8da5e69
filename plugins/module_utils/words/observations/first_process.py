# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at a host's first process found. Types only."""

from typing import NamedTuple


class FirstProcessObserved(NamedTuple):
    """The process with the number 1, and whether this look belongs to the system it started.

    ``name`` is the process's own, empty where it cannot be read. ``is_systemd`` tells that systemd
    has booted this system (sd_booted(3)), ``is_chroot`` that the look was made below another root
    than that process's, ``is_wsl`` that the kernel is that of Windows' subsystem.
    """

    name: str = "systemd"
    is_systemd: bool = True
    is_chroot: bool = False
    is_wsl: bool = False
