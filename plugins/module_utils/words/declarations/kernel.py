# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of the kernel: what the arguments mean. Pure."""

import re
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..observations.kernel import FORWARD, sysctl_name, sysctl_path
from ..told_value import cut, told_value
from .error import DeclarationError

# What docker_kernel is told of docker_storage (empty where that manages nothing) and of
# docker_daemon (whose keys are unknown where it is not declared).
KERNEL_GIVEN: Dict[str, Dict[str, Any]] = {
    "storage_filesystem": {"type": "str", "default": ""},
    "daemon_config": {"type": "dict"},
}
# The keys of daemon.json that decide whether and how dockerd switches forwarding on.
FORWARDING_KEYS = ("bridge", "firewall-backend", "ip-forward", "ip-forward-no-drop", "iptables")

_MODULE = re.compile(r"^[A-Za-z0-9_-]+\Z")
_SEM = re.compile(r"^[0-9]+(?:\s+[0-9]+){3}\Z")
_KEY = re.compile(r"^[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_:@-]+)+\Z")
# Each of the four is an int of the kernel (proc(5), /proc/sys/kernel/sem).
_LARGEST = 2**31 - 1
_HOW_TO_CHOOSE = {
    "docker_kernel_ip_forward": "Take that out, or set docker_kernel_ip_forward to false"
}


class KernelDeclaration(NamedTuple):
    """What is declared of the kernel.

    ``sem`` are the least values of the kernel's four semaphore limits, empty where nothing is
    declared; ``sysctl`` are values by dotted name. ``storage_filesystem`` is the one that
    docker_storage declares, empty where it manages nothing. ``daemon_config`` is what is declared
    of :data:`FORWARDING_KEYS`; None where that is unknown, and daemon.json itself counts.
    ``daemon_exclusive`` tells that daemon.json holds only declared keys.
    """

    modules: Tuple[str, ...] = ()
    ip_forward: bool = True
    sem: Tuple[int, ...] = ()
    sysctl: Dict[str, str] = {}
    swap_accounting: str = "auto"
    reboot: str = "never"
    storage_filesystem: str = ""
    daemon_config: Optional[Dict[str, Any]] = None
    daemon_exclusive: bool = False


def declare_kernel(arguments: Mapping[str, Any]) -> KernelDeclaration:
    """Read the arguments of ``docker_kernel``.

    :raises DeclarationError: for a value without meaning.
    """
    for name in arguments["modules"]:
        if not _MODULE.match(name):
            raise DeclarationError(
                "docker_kernel_modules holds %s, which is no module's name. It wants names such "
                "as nf_conntrack." % told_value(name)
            )
    sem = arguments["sem"].strip()
    if sem and not (_SEM.match(sem) and max(map(int, sem.split())) <= _LARGEST):
        raise DeclarationError(
            "docker_kernel_sem is %s. It wants four numbers, SEMMSL SEMMNS SEMOPM SEMMNI, such as "
            "250 32000 100 1024, or nothing." % told_value(arguments["sem"])
        )
    return KernelDeclaration(
        modules=tuple(dict.fromkeys(name.replace("-", "_") for name in arguments["modules"])),
        ip_forward=bool(arguments["ip_forward"]),
        sem=tuple(int(number) for number in sem.split()),
        sysctl=_sysctls(arguments["sysctl"], bool(arguments["ip_forward"])),
        swap_accounting=arguments["swap_accounting"],
        reboot=arguments["reboot"],
        storage_filesystem=arguments.get("storage_filesystem", ""),
        daemon_config=_of_forwarding(arguments.get("daemon_config")),
        daemon_exclusive=bool(arguments.get("daemon_exclusive", False)),
    )


def _of_forwarding(config: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
    if config is None:
        return None
    return {key: value for key, value in config.items() if key in FORWARDING_KEYS}


def _sysctls(given: Mapping[Any, Any], ip_forward: bool) -> Dict[str, str]:
    """Read the values; a sysctl may be named more than once, if always with the same value."""
    said = {FORWARD: ("docker_kernel_ip_forward", "1")} if ip_forward else {}
    sysctls = {}
    for key, value in given.items():
        name, text = sysctl_name(_key(key)), _value(key, value)
        by, before = said.setdefault(name, (key, text))
        if before != text:
            spoken = key if key == name else "%s, which is %s," % (key, name)
            raise DeclarationError(
                "docker_kernel_sysctl sets %s to %s, and %s sets the same to %s. %s."
                % (spoken, text, by, before, _HOW_TO_CHOOSE.get(by, "Take one of the two out"))
            )
        sysctls[name] = text
    return sysctls


def _key(key: Any) -> str:
    if not isinstance(key, str) or not _KEY.match(key):
        raise DeclarationError(
            "docker_kernel_sysctl has the key %s. It wants names such as net.core.somaxconn."
            % told_value(key)
        )
    # If the first separator is a slash, slash and dot have changed their meaning (sysctl.d(5)).
    first = next(letter for letter in key if letter in "./")
    return sysctl_path(key) if first == "/" else key


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        value = int(value)
    text = " ".join(str(value).split())
    if not isinstance(value, (int, str)) or not text or "\n" in str(value).strip():
        raise DeclarationError(
            "docker_kernel_sysctl has %s for %s. It wants a number or a text of one line."
            % (told_value(value), cut(key))
        )
    return text
