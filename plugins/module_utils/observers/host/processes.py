# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read processes from /proc (proc(5)); a process that has ended reads as nothing."""

import os
import re
from typing import Iterator, List, NamedTuple, Optional, Set, Tuple

from .files import read_text

_DELETED = " (deleted)"
# The kernel's flag of a listening socket in /proc/net/unix (include/linux/net.h, __SO_ACCEPTCON).
_LISTENS = 0x10000


class Process(NamedTuple):
    """A process: ``program`` is its file, ``began`` its start in clock ticks since the boot."""

    pid: int
    parent: int
    name: str
    began: str
    program: str
    arguments: Tuple[str, ...]


def read_processes(proc: str = "/proc") -> Iterator[Process]:
    """Give every process that runs a program; kernel threads and ended processes do not."""
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdigit()):
        process = read_process(pid, proc)
        if process is not None:
            yield process


def read_process(pid: int, proc: str = "/proc") -> Optional[Process]:
    """Read one process; None where it does not run a program."""
    folder = "%s/%d" % (proc, pid)
    arguments = tuple(read_text(folder + "/cmdline").split("\0")[:-1])
    before, parenthesis, after = read_text(folder + "/stat").rpartition(")")
    fields = after.split()
    if not arguments or not parenthesis or len(fields) < 20 or fields[0] in "ZX":
        return None
    program = _link(folder + "/exe")
    if program.endswith(_DELETED):
        program = program[: -len(_DELETED)]
    name = before.partition("(")[2]
    return Process(
        pid=pid,
        parent=int(fields[1]),
        name=name,
        began=fields[19],
        program=program,
        arguments=arguments,
    )


def namespace(pid: int, kind: str, proc: str = "/proc") -> str:
    """Name a process's namespace; empty where it cannot be read."""
    return _link("%s/%d/ns/%s" % (proc, pid, kind))


def uid_of(pid: int, proc: str = "/proc") -> int:
    """Give a process's real UID; root's where it cannot be read."""
    for line in read_text("%s/%d/status" % (proc, pid)).split("\n"):
        if line.startswith("Uid:"):
            return int(line.split()[1])
    return 0


def cgroup_of(pid: int, above: str = "", proc: str = "/proc") -> str:
    """Give the control group in which systemd put a process; ``above`` is PID 1's."""
    path = _systemd_path(read_text("%s/%d/cgroup" % (proc, pid)))
    above = re.sub(r"/init\.scope$", "", above).rstrip("/")
    return path[len(above) :] if above and path.startswith(above + "/") else path


def chroot_of(pid: int, proc: str = "/proc") -> str:
    """Give the folder that a process has as its root (chroot(2)); empty where it is the host's."""
    root = _link("%s/%d/root" % (proc, pid))
    return "" if root == "/" else root


def listening_sockets(pid: int, proc: str = "/proc") -> Tuple[str, ...]:
    """Give the paths of the Unix sockets that a process listens on."""
    held = socket_inodes(pid, proc)
    paths = [path for inode, path in listeners(pid, proc) if inode in held]
    return tuple(dict.fromkeys(paths))


def listeners_on(path: str, processes: List[Process], proc: str = "/proc") -> List[Process]:
    """Find those of the processes that listen on a Unix socket of this path."""
    inodes = {inode for inode, name in listeners(1, proc) if same_path(name) == path}
    if not inodes:
        return []
    # systemd's own sockets are asked first; mostly nobody else has any.
    inodes -= socket_inodes(1, proc)
    return [each for each in processes if inodes and inodes & socket_inodes(each.pid, proc)]


def lock_holders(path: str, proc: str = "/proc") -> List[int]:
    """Give the PIDs of the processes that hold a lock on a file (flock(2))."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return []
    told = re.findall(
        r"^\d+: \S+ +\S+ +\S+ +(\d+) [0-9a-f]+:[0-9a-f]+:%d " % status.st_ino,
        read_text(proc + "/locks"),
        re.MULTILINE,
    )
    return [pid for pid in dict.fromkeys(int(each) for each in told) if _has_open(pid, path, proc)]


def same_path(path: str) -> str:
    """Spell a path below /var/run as the path below /run that it is (hier(7))."""
    path = os.path.normpath(path) if path else path
    return path[len("/var") :] if path.startswith("/var/run/") else path


def _has_open(pid: int, path: str, proc: str) -> bool:
    """Whether a process has a file open: some filesystems show another device in /proc/locks."""
    folder = "%s/%d/fd" % (proc, pid)
    for name in _entries(folder):
        try:
            if os.path.samefile(os.path.join(folder, name), path):
                return True
        except OSError:
            continue
    return False


def listeners(pid: int, proc: str = "/proc") -> Iterator[Tuple[str, str]]:
    """Give inode and path of each listening Unix socket in a process's network namespace."""
    for line in read_text("%s/%d/net/unix" % (proc, pid)).split("\n")[1:]:
        fields = line.split(None, 7)
        if len(fields) == 8 and int(fields[3], 16) & _LISTENS:
            yield fields[6], fields[7]


def socket_inodes(pid: int, proc: str = "/proc") -> Set[str]:
    """Give the numbers of the sockets that a process has open."""
    folder = "%s/%d/fd" % (proc, pid)
    links = (_link(os.path.join(folder, name)) for name in _entries(folder))
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _systemd_path(text: str) -> str:
    """Read from cgroups(7) the path in systemd's own hierarchy, or in the only one."""
    found = dict(line.split(":", 2)[1:] for line in text.split("\n") if line.count(":") >= 2)
    return found.get("name=systemd") or found.get("", "")


def _entries(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
