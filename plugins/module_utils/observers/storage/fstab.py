# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read fstab(5), and what the sources of its lines lead to on this host."""

import os
import re
import stat
from typing import Optional, Tuple

from ...words.observations.storage import FstabLine
from ...words.paths import FSTAB
from ..host.files import read_text
from . import block_devices

BY = "/dev/disk/by-"
_TAGS = ("UUID", "LABEL", "PARTUUID", "PARTLABEL", "ID")


def observe_fstab() -> Tuple[FstabLine, ...]:
    """Read every line that is no comment, and see where its source leads to."""
    return tuple(_resolve(each) for each in parse_fstab(read_text(FSTAB)))


def parse_fstab(text: str) -> Tuple[FstabLine, ...]:
    """Read every line that is no comment."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        fields = [block_devices.unescape(field) for field in re.findall(r"[^ \t]+", line)]
        if fields and not fields[0].startswith("#"):
            fields.extend([""] * (4 - len(fields)))
            options = tuple(option for option in fields[3].split(",") if option)
            found.append(
                FstabLine(
                    number=number,
                    text=line,
                    source=fields[0],
                    mount_point=fields[1],
                    type=fields[2],
                    options=options,
                )
            )
    return tuple(found)


def path_of(source: str) -> Optional[str]:
    """Give the path that a source means; None where it is no path, such as tmpfs."""
    tag, equals, value = source.partition("=")
    if equals and tag in _TAGS:
        return BY + tag.lower() + "/" + _as_udev_writes(value.strip("\"'"))
    return source if source.startswith("/") and not source.startswith("//") else None


def _resolve(line: FstabLine) -> FstabLine:
    path = path_of(line.source)
    # A bind mount's source is a folder, and may be on a server that does not answer.
    if path is None or {"bind", "rbind"} & set(line.options):
        return line
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return line
    if stat.S_ISREG(status.st_mode):
        return line._replace(source_file=os.path.realpath(path))
    return line._replace(source_number=block_devices.number_of(path))


def _as_udev_writes(value: str) -> str:
    # All but these and letters beyond ASCII is escaped as hexadecimal (libudev,
    # udev_util_encode_string).
    return re.sub(
        r"[^#+\-.:=@_/0-9A-Za-z\x80-\U0010ffff]",
        lambda match: "\\x%02x" % ord(match.group(0)),
        value,
    ).replace("/", "\\x2f")
