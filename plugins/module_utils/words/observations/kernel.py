# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at the running kernel and its boot loader. Types only."""

from typing import Dict, NamedTuple, Optional, Tuple

FORWARD = "net.ipv4.ip_forward"
# Two names of one value (kernel, net/ipv4/devinet.c).
_SECOND_NAMES = {"net.ipv4.conf.all.forwarding": FORWARD}


class KernelLook(NamedTuple):
    """What to look at of the kernel: modules by name, and sysctls by their dotted names."""

    modules: Tuple[str, ...] = ()
    sysctls: Tuple[str, ...] = ()


class BootEntryObserved(NamedTuple):
    """An entry of the boot loader: the ``kernel`` that it boots, with these ``arguments``."""

    kernel: str
    arguments: Tuple[str, ...] = ()


class KernelObserved(NamedTuple):
    """The running kernel.

    ``container`` is the kind of container this is, empty on a machine with its own kernel.
    ``loaded`` are those modules asked for that are loaded or built in; ``loadable`` those that
    modprobe(8) can load. ``has_modules`` tells whether this kernel has a folder of modules at all.
    ``sysctls`` are live values, with blanks as one space; one that does not exist is left out.
    ``read_only`` and ``write_only`` are those of them that nobody may write, and that nobody may
    read. ``swap_accounting`` tells whether a control group's memory and swap can be limited
    together, None where that cannot be seen. ``command_line`` are the arguments with which the
    kernel was booted, ``boot_id`` names this boot (random(4)). ``boot_loader`` is grub, grubby or
    empty; ``entries`` are what it will boot.
    """

    container: str = ""
    release: str = ""
    loaded: Tuple[str, ...] = ()
    loadable: Tuple[str, ...] = ()
    has_modules: bool = True
    sysctls: Dict[str, str] = {}
    read_only: Tuple[str, ...] = ()
    write_only: Tuple[str, ...] = ()
    swap_accounting: Optional[bool] = None
    command_line: Tuple[str, ...] = ()
    boot_id: str = ""
    boot_loader: str = ""
    entries: Tuple[BootEntryObserved, ...] = ()


def sysctl_path(key: str) -> str:
    """Give a sysctl's path below /proc/sys: dots separate its names, a slash stands for a dot."""
    return key.translate({ord("."): "/", ord("/"): "."})


def sysctl_name(key: str) -> str:
    """Give the name that we use for a sysctl, of two that it may have."""
    return _SECOND_NAMES.get(key, key)
