# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Say what keeps root from replacing a file, with a cure: flags, mounts, a full filesystem."""

import array
import contextlib
import errno
import fcntl
import os
from typing import Optional

from ...observers.storage.mounts import observe_mounts

# linux/fs.h: _IOR('f', 1, long), and what chattr(1) calls i and a.
_GET_FLAGS = (2 << 30) | (array.array("l").itemsize << 16) | (ord("f") << 8) | 1
_IMMUTABLE, _APPEND_ONLY = 0x10, 0x20


def flag_in_the_way(path: str) -> str:
    """Tell of a flag of a file or its folder that keeps it from being replaced; or nothing."""
    folder = os.path.dirname(path)
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    for each in (path, folder):
        flags = _flags(each)
        for flag, name, letter in (
            (_IMMUTABLE, "immutable", "i"),
            (_APPEND_ONLY, "append-only", "a"),
        ):
            if flags & flag:
                told = "%s is %s (chattr +%s); run `chattr -%s %s` if it may be changed"
                return told % (each, name, letter, letter, each)
    return ""


def why(path: str, error: OSError) -> str:
    """Give the system's reason, and the cause behind it as far as one can see."""
    reason = error.strerror or str(error)
    behind = _behind(path, error.errno)
    return "%s: %s" % (reason, behind) if behind else reason


def _behind(path: str, number: Optional[int]) -> str:
    if number in (errno.EPERM, errno.EACCES):
        return flag_in_the_way(path)
    if os.path.isdir(path) and not os.path.islink(path):
        return "a directory is in its place; move it away"
    if number not in (errno.EBUSY, errno.EROFS, errno.ENOSPC, errno.EDQUOT):
        return ""
    # The carrier of a path is the mount on it, or the nearest one above.
    point = observe_mounts().carrier(path).mount_point
    if number == errno.EBUSY:
        told = "something is mounted on it, so it cannot be replaced; run `umount %s`" % path
        return told if point == path else ""
    if number == errno.EROFS:
        return "the filesystem on %s is read-only; mount it for writing" % point
    return "the filesystem on %s is full; make room on it" % point


def _flags(path: str) -> int:
    """Give the flags of a file or folder; 0 where its filesystem has none (ioctl_iflags(2))."""
    number = array.array("l", [0])
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            fcntl.ioctl(descriptor, _GET_FLAGS, number, True)
        finally:
            os.close(descriptor)
    return number[0]
