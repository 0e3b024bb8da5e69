# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at the running kernel, and at what its boot loader will give the next one."""

import glob
import os
import re
from typing import Dict, Iterable, Optional, Set, Tuple

from ...words.observations.kernel import BootEntryObserved, KernelLook, KernelObserved, sysctl_path
from ...words.paths import GRUB_CONFIG
from ..host import command
from ..host.files import read_text

PROC = "/proc"
SYS = "/sys"
MODULES = "/lib/modules"
ROOT = "/"
_ANY_READS, _ANY_WRITES = 0o444, 0o222
_PROGRAMS = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")
# grub-mkconfig(8) puts these marks around the output of each of its scripts.
_GRUB_SECTION = re.compile(
    r"^### BEGIN /etc/grub.d/10_linux ###$.*?^### END /etc/grub.d/10_linux ###$",
    re.MULTILINE | re.DOTALL,
)
_GRUB_LINE = re.compile(r"^\s*linux(?:16|efi)?\s+(\S+)[ \t]*(.*)$", re.MULTILINE)
_GRUBBY_LINE = re.compile(r'^(kernel|args)="?(.*?)"?$', re.MULTILINE)


def observe_kernel(look: KernelLook) -> KernelObserved:
    """Look at modules, sysctls and boot arguments."""
    release = os.uname().release
    index = os.path.join(MODULES, release)
    there = _at_work(look.modules) | _indexed(index, "modules.builtin", look.modules)
    container = _container()
    sysctls = _sysctls(look.sysctls)
    loader, entries = ("", ()) if container else _boot_entries()
    return KernelObserved(
        container=container,
        release=release,
        loaded=tuple(name for name in look.modules if name in there),
        loadable=tuple(sorted(_indexed(index, "modules.dep", look.modules))),
        has_modules=os.path.exists(os.path.join(index, "modules.dep")),
        sysctls=sysctls,
        read_only=tuple(key for key in sysctls if not _mode(key) & _ANY_WRITES),
        write_only=tuple(key for key in sysctls if not _mode(key) & _ANY_READS),
        swap_accounting=_swap_accounting(),
        command_line=tuple(read_text(os.path.join(PROC, "cmdline")).split()),
        boot_id=read_text(os.path.join(PROC, "sys/kernel/random/boot_id")).strip(),
        boot_loader=loader,
        entries=entries,
    )


def parse_grub(text: str) -> Tuple[BootEntryObserved, ...]:
    """Read the entries of a grub.cfg: the lines that load a kernel of this system.

    GRUB_CMDLINE_LINUX does not reach other systems and memory tests, which have sections of their
    own. A configuration without sections is hand-made and is read as a whole.
    """
    return tuple(
        BootEntryObserved(kernel, tuple(arguments.split()))
        for section in _GRUB_SECTION.findall(text) or [text]
        for kernel, arguments in _GRUB_LINE.findall(section)
    )


def parse_grubby(text: str) -> Tuple[BootEntryObserved, ...]:
    """Read the output of `grubby --info=ALL`: a kernel, and its arguments in quotes."""
    entries = []
    kernel = ""
    for name, value in _GRUBBY_LINE.findall(text):
        if name == "kernel":
            kernel = value
        elif kernel:
            entries.append(BootEntryObserved(kernel, tuple(value.split())))
            kernel = ""
    return tuple(entries)


def _at_work(names: Iterable[str]) -> Set[str]:
    """Give the modules that are loaded or can be seen to be built in."""
    filesystems = read_text(os.path.join(PROC, "filesystems")).split()
    loaded = read_text(os.path.join(PROC, "modules")).splitlines()
    found = set(filesystems) | {line.split()[0] for line in loaded if line.split()}
    if os.path.isdir(os.path.join(PROC, "sys/net/bridge")):
        found.add("br_netfilter")
    return {name for name in names if name in found or os.path.isdir(_module(name))}


def _module(name: str) -> str:
    return os.path.join(SYS, "module", name)


def _indexed(folder: str, index: str, names: Iterable[str]) -> Set[str]:
    """Give the modules that an index names; there a dash counts as an underscore."""
    text = read_text(os.path.join(folder, index))
    there = re.findall(r"^(?:[^:\s]*/)?([^/:\s]+)\.ko", text, re.MULTILINE)
    plain = {each.replace("-", "_") for each in there}
    return {name for name in names if name.replace("-", "_") in plain}


def _sysctls(keys: Iterable[str]) -> Dict[str, str]:
    found = {}
    for key in keys:
        if os.path.isfile(_of_sysctl(key)):
            found[key] = " ".join(read_text(_of_sysctl(key)).split())
    return found


def _mode(key: str) -> int:
    # Root may not do what the mode does not allow either (kernel, fs/proc/proc_sysctl.c).
    try:
        return os.stat(_of_sysctl(key)).st_mode
    except OSError:
        # The sysctl of an interface that has just gone.
        return _ANY_READS | _ANY_WRITES


def _of_sysctl(key: str) -> str:
    return os.path.join(PROC, "sys", sysctl_path(key))


def _swap_accounting() -> Optional[bool]:
    """Whether a control group's swap can be limited; the root group itself has no limits.

    Version 1 of control groups shows it as memory.memsw.limit_in_bytes, version 2 as
    memory.swap.max (kernel, Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst).
    """
    groups = os.path.join(SYS, "fs/cgroup")
    for folder, limit, swap in (
        ("memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
        ("*", "memory.max", "memory.swap.max"),
    ):
        if glob.glob(os.path.join(groups, folder, swap)):
            return True
        if glob.glob(os.path.join(groups, folder, limit)):
            return False
    return None


def _container() -> str:
    """Name the kind of container this is; empty where it is none."""
    try:
        told = command.read(["systemd-detect-virt", "--container"]).stdout.strip()
    except command.CommandFailed:
        told = ""
    if told and told != "none":
        return told
    said = read_text(os.path.join(ROOT, "run/systemd/container")).strip()
    return said or ("docker" if os.path.exists(os.path.join(ROOT, ".dockerenv")) else "")


def _boot_entries() -> Tuple[str, Tuple[BootEntryObserved, ...]]:
    if _has("update-grub") and os.path.exists(GRUB_CONFIG):
        return "grub", parse_grub(read_text(GRUB_CONFIG))
    if not _has("grubby"):
        return "", ()
    try:
        entries = parse_grubby(command.read(["grubby", "--info=ALL"]).stdout)
    except command.CommandFailed:
        entries = ()
    # grubby prints nothing where it knows no entry, and then changes none.
    return ("grubby", entries) if entries else ("", ())


def _has(program: str) -> bool:
    return any(os.access(os.path.join(folder, program), os.X_OK) for folder in _PROGRAMS)
