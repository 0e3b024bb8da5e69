# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See who listens on Docker's Unix sockets, and whether their paths still lead to them.

It connects to none of them, so it wakes nothing.
"""

import os
import re
import stat
from typing import Dict, List, Optional, Sequence, Set, Tuple

from ...words.docker_names import DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.docker.listening import ListeningObserved, UnixSocketObserved
from ...words.paths import DOCKER_SOCKET
from ..host import command
from ..host.files import kind_of
from ..host.processes import listeners, same_path, socket_inodes
from .socket_diagnosis import Place, places_of_listeners

# Before 246 systemctl writes ListenStream=PATH, later versions write Listen=PATH (Stream).
_ADDRESS = re.compile(r"^Listen(?:Stream=(/.*)|=(/.*) \(Stream\))$")


def observe_listening() -> Optional[ListeningObserved]:
    """Look at the sockets of docker.socket and docker.service; None where they cannot be seen."""
    argv = ["systemctl", "show", "--property=Listen,MainPID", SOCKET_UNIT, DOCKER_SERVICE]
    try:
        output = command.read(argv)
    except command.CommandFailed:
        return None
    by_systemd = socket_inodes(1)
    if output.status or not by_systemd:
        # A systemd that seems to have no socket at all cannot be looked at.
        return None
    addresses = parse_addresses(output.stdout)
    process = _main_process(output.stdout)
    by_daemon = socket_inodes(process) if process else set()
    found = [(number, path) for number, path in listeners(1) if path.startswith("/")]
    return see(addresses, found, by_systemd, by_daemon, places_of_listeners())


def see(
    addresses: Tuple[str, ...],
    listening: Sequence[Tuple[str, str]],
    by_systemd: Set[str],
    by_daemon: Set[str],
    places: Optional[Dict[str, Place]],
) -> ListeningObserved:
    """Combine what /proc tells; ``listening`` are the sockets' numbers and their paths."""
    found = []
    for number, name in listening:
        path = same_path(name)
        if path not in addresses + (DOCKER_SOCKET,) and number not in by_daemon:
            continue
        place = places.get(number) if places is not None else None
        is_there = _leads_to(path, place)
        found.append(
            UnixSocketObserved(
                path=path,
                is_there=is_there,
                by_systemd=number in by_systemd,
                by_daemon=number in by_daemon,
            )
        )
    paths = addresses + (DOCKER_SOCKET,) + tuple(each.path for each in found)
    kinds = {path: _kind(path) for path in dict.fromkeys(paths)}
    return ListeningObserved(
        addresses=addresses, kinds=kinds, listeners=tuple(found), has_main_process=bool(by_daemon)
    )


def other_addresses() -> Tuple[str, ...]:
    """Give the paths, besides the usual one, on which docker.socket listens."""
    try:
        output = command.read(["systemctl", "show", "--property=Listen", SOCKET_UNIT])
    except command.CommandFailed:
        return ()
    return tuple(path for path in parse_addresses(output.stdout) if path != DOCKER_SOCKET)


def parse_addresses(text: str) -> Tuple[str, ...]:
    """Read the paths of stream sockets from the Listen lines of ``systemctl show``."""
    found: List[str] = []
    for line in text.split("\n"):
        told = _ADDRESS.match(line)
        if told:
            found.append(same_path(told.group(1) or told.group(2)))
    return tuple(dict.fromkeys(found))


def _main_process(text: str) -> int:
    told = re.search(r"^MainPID=(\d+)$", text, re.MULTILINE)
    return int(told.group(1)) if told else 0


def _leads_to(path: str, place: Optional[Place]) -> Optional[bool]:
    """Whether a path leads to the socket at this place, and to no other."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    if not stat.S_ISSOCK(status.st_mode):
        return False
    # Some filesystems show a process another device than the kernel uses (btrfs, overlay).
    if place is None or place.device != (os.major(status.st_dev), os.minor(status.st_dev)):
        return None
    return place.inode == status.st_ino & 0xFFFFFFFF


def _kind(path: str) -> str:
    """Name what kind of file a path leads to; a link to nothing is a link."""
    for look in (os.stat, os.lstat):
        try:
            mode = look(path).st_mode
        except OSError:
            continue
        return "socket" if stat.S_ISSOCK(mode) else kind_of(mode)
    return "absent"
