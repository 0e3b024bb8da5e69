# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which process is the first one, and whether it is the systemd that booted this system."""

import os

from ...words.observations.first_process import FirstProcessObserved

# systemd makes it early at boot, and nothing else does (sd_booted(3)).
_BOOTED = "/run/systemd/system"


def observe_first_process() -> FirstProcessObserved:
    """Look at the process with the number 1."""
    return FirstProcessObserved(
        name=_read("/proc/1/comm"),
        is_systemd=os.path.isdir(_BOOTED) and not os.path.islink(_BOOTED),
        is_chroot=_has_another_root(),
        is_wsl="microsoft" in _read("/proc/sys/kernel/osrelease").lower(),
    )


def _has_another_root() -> bool:
    """Whether this process has another root folder than the first one (systemd, virt.c)."""
    try:
        first, own = os.stat("/proc/1/root"), os.stat("/")
    except OSError:
        return False
    return (first.st_dev, first.st_ino) != (own.st_dev, own.st_ino)


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape").strip()
    except OSError:
        return ""
