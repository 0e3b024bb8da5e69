# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the kernel which file a listening Unix socket is, on which filesystem (sock_diag(7)).

/proc/net/unix tells the path at which a socket was made, even after that path is gone or belongs to
another socket.
"""

import os
import socket
import struct
from typing import Dict, Iterator, NamedTuple, Optional, Tuple

from ..host.files import read_text

# linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h.
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_OF_ALL = 0x1 | 0x300
_ERROR, _DONE = 2, 3
_SHOW_VFS = 0x2
_ANSWER_OF_VFS = 1
_LISTENING = 10
_HEADER, _MESSAGE = 16, 16
_SECONDS = 5.0


class Place(NamedTuple):
    """A file: its filesystem's device, as two numbers, and the lower half of its inode."""

    device: Tuple[int, int]
    inode: int


def places_of_listeners() -> Optional[Dict[str, Place]]:
    """Give each listening Unix socket's place, by its number; None where the kernel cannot say.

    A kernel that would have to load a module for the answer is not asked: a look changes nothing.
    """
    if _takes_a_module():
        return None
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as asking:
            asking.settimeout(_SECONDS)
            asking.bind((0, 0))
            asking.send(_request())
            return dict(_answers(asking))
    except (OSError, struct.error):
        return None


def parse_messages(data: bytes) -> Iterator[Tuple[int, bytes]]:
    """Give type and body of each netlink message (netlink(7))."""
    start = 0
    while start + _HEADER <= len(data):
        length, kind = struct.unpack_from("=IH", data, start)
        if length < _HEADER:
            return
        yield kind, data[start + _HEADER : start + length]
        start += _aligned(length)


def parse_place(body: bytes) -> Tuple[str, Optional[Place]]:
    """Read a struct unix_diag_msg and its attributes: a socket's number and place."""
    number = str(struct.unpack_from("=BBBBI", body)[4])
    start = _MESSAGE
    while start + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, start)
        if kind == _ANSWER_OF_VFS:
            inode, device = struct.unpack_from("=II", body, start + 4)
            # The kernel's internal form of a device number (linux/kdev_t.h).
            return number, Place((device >> 20, device & 0xFFFFF), inode)
        start += max(_aligned(length), 4)
    return number, None


def _request() -> bytes:
    body = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, 1 << _LISTENING, 0, _SHOW_VFS, 0, 0)
    length = _HEADER + len(body)
    return struct.pack("=IHHII", length, _SOCK_DIAG_BY_FAMILY, _REQUEST_OF_ALL, 1, 0) + body


def _answers(asking: socket.socket) -> Iterator[Tuple[str, Place]]:
    while True:
        for kind, body in parse_messages(asking.recv(65536)):
            if kind == _DONE:
                return
            if kind == _ERROR:
                raise OSError("the kernel does not answer")
            number, place = parse_place(body)
            if place is not None:
                yield number, place


def _takes_a_module() -> bool:
    if any(line.startswith("unix_diag ") for line in read_text("/proc/modules").split("\n")):
        return False
    # It is listed as a module of the kernel, and so is not built in.
    return "/unix_diag.ko" in read_text("/lib/modules/%s/modules.dep" % os.uname().release)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
