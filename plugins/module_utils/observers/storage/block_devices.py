# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what the kernel tells of block devices in /sys (Documentation/ABI/stable/sysfs-block)."""

import os
import re
import stat
from typing import List, Tuple

from ..host.files import read_text

SYS = "/sys"
SWAPS = "/proc/swaps"
SECTOR = 512


def number_of(path: str) -> str:
    """Give the number of the block device that a path leads to, such as 7:3; empty for none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        # A container may have a mount from a device for which it has no node.
        name = os.path.basename(path) if path.startswith("/dev/") else ""
        return read_text("%s/class/block/%s/dev" % (SYS, name)).strip() if name else ""
    return written(status.st_rdev) if stat.S_ISBLK(status.st_mode) else ""


def written(number: int) -> str:
    """Write a device number as /sys and mountinfo do."""
    return "%d:%d" % (os.major(number), os.minor(number))


def name_of(number: str) -> str:
    """Give the kernel's name of a block device, such as loop3; empty if it has none."""
    link = "%s/dev/block/%s" % (SYS, number)
    return os.path.basename(os.path.realpath(link)) if number and os.path.isdir(link) else ""


def attribute(name: str, attribute: str) -> str:
    """Give an attribute of a block device, by the kernel's name; empty if it has none."""
    text = read_text("%s/class/block/%s/%s" % (SYS, name, attribute))
    # Only the end of the line is cut: a file name may end with a blank.
    return text[:-1] if text.endswith("\n") else text


def amount(name: str, what: str) -> int:
    """Give an attribute that is a number; 0 if there is none."""
    text = attribute(name, what).strip()
    return int(text) if text.isdigit() else 0


def size(name: str) -> int:
    """Give a block device's size in bytes."""
    return amount(name, "size") * SECTOR


def holders(name: str) -> Tuple[str, ...]:
    """Name what uses a block device: its partitions, devices made of it, and swap."""
    folder = "%s/class/block/%s" % (SYS, name)
    found = _entries(os.path.join(folder, "holders"))
    found.extend(
        entry
        for entry in _entries(folder)
        if entry.startswith(name) and os.path.exists(os.path.join(folder, entry, "partition"))
    )
    number = attribute(name, "dev")
    if any(number_of(path) == number for path in swaps()):
        found.append("swap")
    return tuple(found)


def swaps() -> Tuple[str, ...]:
    """Give the files and devices used as swap (proc(5), swaps)."""
    lines = read_text(SWAPS).split("\n")[1:]
    return tuple(unescape(re.split("[ \t]", line, maxsplit=1)[0]) for line in lines if line)


def unescape(text: str) -> str:
    """Replace the octal escapes of the kernel's tables and of fstab (getmntent(3))."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def _entries(folder: str) -> List[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
