# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find the daemon's process, and what it listens on, by /proc alone (proc(5))."""

import ipaddress
import os
import stat
import sys
from typing import Iterator, List, Set, Tuple

from ...words.observations.docker.access import ListenerObserved, RelayObserved
from ..host.files import read_text

# The state of a listening TCP socket (kernel, include/net/tcp_states.h), and the flag of a
# listening Unix socket (include/linux/net.h, __SO_ACCEPTCON).
_TCP_LISTEN = "0A"
_ACCEPTS = 0x10000
_WORD = 4
_SOCKET = "/docker.sock"
# A wrapper may stand between the unit's main process and the daemon.
_GENERATIONS = 3


def daemon_process(pid: int, program: str, proc: str = "/proc") -> int:
    """Find the process that runs a program, from a unit's main one down; else give the main one."""
    generation = [pid] if pid else []
    for _each in range(_GENERATIONS):
        for each in generation:
            if os.path.basename((read_arguments(each, proc) or ("",))[0]) == program:
                return each
        generation = [child for each in generation for child in _children(each, proc)]
    return pid


def read_arguments(pid: int, proc: str = "/proc") -> Tuple[str, ...]:
    """Give a process's command line."""
    return tuple(read_text("%s/%d/cmdline" % (proc, pid)).split("\0")[:-1])


def observe_listeners(pid: int, proc: str = "/proc") -> Tuple[ListenerObserved, ...]:
    """Give the sockets on which a process listens in its own network namespace."""
    inodes = _sockets(pid, proc)
    if not inodes:
        return ()
    found: List[ListenerObserved] = []
    for name in ("tcp", "tcp6"):
        text = read_text("%s/%d/net/%s" % (proc, pid, name))
        found.extend(each for inode, each in parse_tcp(text) if inode in inodes)
    text = read_text("%s/%d/net/unix" % (proc, pid))
    found.extend(_with_mode(each) for inode, each in parse_unix(text) if inode in inodes)
    return tuple(dict.fromkeys(found))


def observe_relays(proc: str = "/proc") -> Tuple[RelayObserved, ...]:
    """Give each process, outside containers, that was given Docker's socket and listens itself."""
    found: List[RelayObserved] = []
    own = _pid_namespace("self", proc)
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdigit()):
        arguments = read_arguments(pid, proc)
        if not any(_SOCKET in each for each in arguments):
            continue
        program = os.path.basename(arguments[0])
        if program != "dockerd" and _pid_namespace(str(pid), proc) == own:
            for listener in observe_listeners(pid, proc):
                found.append(RelayObserved(pid, program, listener))
    return tuple(found)


def _pid_namespace(pid: str, proc: str) -> str:
    try:
        return os.readlink("%s/%s/ns/pid" % (proc, pid))
    except OSError:
        return ""


def parse_tcp(text: str) -> Iterator[Tuple[str, ListenerObserved]]:
    """Read the listening sockets in /proc/net/tcp or tcp6, with their inodes."""
    for line in text.split("\n")[1:]:
        fields = line.split()
        if len(fields) < 10 or fields[3] != _TCP_LISTEN:
            continue
        address, _colon, port = fields[1].partition(":")
        yield (
            fields[9],
            ListenerObserved(kind="tcp", address=parse_address(address), port=int(port, 16)),
        )


def parse_address(text: str, byteorder: str = sys.byteorder) -> str:
    """Read an address as the kernel prints it: words of four bytes in the machine's byte order."""
    packed = bytes.fromhex(text)
    if byteorder == "little":
        words = [packed[start : start + _WORD] for start in range(0, len(packed), _WORD)]
        packed = b"".join(word[::-1] for word in words)
    return str(ipaddress.ip_address(packed))


def parse_unix(text: str) -> Iterator[Tuple[str, ListenerObserved]]:
    """Read the listening sockets that have a name in /proc/net/unix, with their inodes."""
    for line in text.split("\n")[1:]:
        fields = line.split(None, 7)
        if len(fields) == 8 and int(fields[3], 16) & _ACCEPTS:
            yield fields[6], ListenerObserved(kind="unix", address=fields[7])


def _sockets(pid: int, proc: str) -> Set[str]:
    folder = "%s/%d/fd" % (proc, pid)
    found: Set[str] = set()
    try:
        names = os.listdir(folder)
    except OSError:
        return found
    for name in names:
        try:
            target = os.readlink("%s/%s" % (folder, name))
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[len("socket:[") : -1])
    return found


def _children(pid: int, proc: str) -> Tuple[int, ...]:
    text = read_text("%s/%d/task/%d/children" % (proc, pid, pid))
    return tuple(int(each) for each in text.split())


def _with_mode(listener: ListenerObserved) -> ListenerObserved:
    try:
        status = os.stat(listener.address)
    except (OSError, ValueError):
        return listener
    mode = stat.S_IMODE(status.st_mode)
    return listener._replace(mode=mode, owner=status.st_uid, group=status.st_gid)
