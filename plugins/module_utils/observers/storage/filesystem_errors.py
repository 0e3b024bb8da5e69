# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many errors a mounted filesystem has counted: ext4(5) and btrfs(8) tell, others do not."""

import glob
import os
from typing import List

from ...words.observations.storage import MountObserved
from ..host.files import read_text
from . import block_devices


def errors_of(mount: MountObserved) -> int:
    """Count the errors that a mounted filesystem has on record; 0 where it counts none."""
    name = block_devices.name_of(mount.number)
    if not name:
        return 0
    folder = os.path.join(block_devices.SYS, "fs", mount.type)
    if mount.type == "ext4":
        return _sum([read_text(os.path.join(folder, name, "errors_count"))])
    counted: List[str] = []
    if mount.type == "btrfs":
        for own in glob.glob(os.path.join(folder, "*", "devices", name)):
            of_filesystem = os.path.dirname(os.path.dirname(own))
            for path in glob.glob(os.path.join(of_filesystem, "devinfo", "*", "error_stats")):
                # Each line has a name and a number.
                counted.extend(line.split(" ")[-1] for line in read_text(path).split("\n"))
    return _sum(counted)


def _sum(words: List[str]) -> int:
    return sum(int(word) for word in words if word.strip().isdigit())
