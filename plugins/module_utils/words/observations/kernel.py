# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at the running kernel and its boot loader found. Types only."""

from typing import Dict, NamedTuple, Optional, Tuple

FORWARD = "net.ipv4.ip_forward"
# Two names of one value (kernel, net/ipv4/devinet.c).
_SECOND_NAMES = {"net.ipv4.conf.all.forwarding": FORWARD}


class KernelLook(NamedTuple):
    """What to look at of the kernel: modules by name, and sysctls by their dotted names."""

    modules: Tuple[str, ...] = ()
    sysctls: Tuple[str, ...] = ()


class BootEntryObserved(NamedTuple):
    """An entry of the boot loader: ``kernel`` it boots, and the ``arguments`` it gives it."""

    kernel: str
    arguments: Tuple[str, ...] = ()


class KernelObserved(NamedTuple):
    """The running kernel.

    ``container`` is what kind of container this is, empty on a machine with a kernel of its own.
    ``loaded`` are modules that are at work, loaded or built in, of those asked for; ``loadable``
    those that modprobe(8) can load. ``has_modules`` tells whether there is a folder of modules for
    it at all. ``sysctls`` are live values, blanks as one space; one that is not there has none.
    ``read_only`` and ``write_only`` are those of them that nobody may write, and nobody read.
    ``swap_accounting`` tells whether memory and swap of a control group can be limited together,
    None where that cannot be seen. ``command_line`` are the arguments the kernel was booted with,
    ``boot_id`` names this boot (random(4)). ``boot_loader`` is grub, grubby or empty;
    ``entries`` are what it will boot.
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
    """Give the path of a sysctl below /proc/sys: dots part its names, a slash stands for a dot."""
    return key.translate({ord("."): "/", ord("/"): "."})


def sysctl_name(key: str) -> str:
    """Give the name that a sysctl goes by here, of two that it may have."""
    return _SECOND_NAMES.get(key, key)
