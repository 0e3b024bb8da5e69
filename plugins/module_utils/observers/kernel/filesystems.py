# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which filesystems the running kernel supports, at once or by a module."""

import gzip
import os
import re
import zlib
from typing import Set, Tuple

from ...words.tables.filesystems import FILESYSTEMS
from ..host.files import read_text

PROC = "/proc"
MODULES = "/lib/modules"
BOOT = "/boot"


def observe_filesystems() -> Tuple[str, ...]:
    """Name the filesystems for a data-root that this kernel can mount (filesystems(5))."""
    there = _loaded()
    for index in ("modules.dep", "modules.builtin"):
        text = read_text(os.path.join(MODULES, os.uname().release, index))
        there.update(re.findall(r"^[^:\s]*/([^/:\s]+)\.ko", text, re.MULTILINE))
    return tuple(name for name in FILESYSTEMS if name in there)


def has_project_quota() -> bool:
    """Whether this kernel can limit a folder's size on xfs (CONFIG_XFS_QUOTA)."""
    if os.path.exists(os.path.join(PROC, "fs/xfs/xqmstat")):
        return True
    if "xfs" in _loaded():
        return False
    text = read_text("%s/config-%s" % (BOOT, os.uname().release)) or _config()
    return "CONFIG_XFS_QUOTA=y" in text.split("\n")


def _loaded() -> Set[str]:
    lines = read_text(os.path.join(PROC, "filesystems")).splitlines()
    return {line.split()[-1] for line in lines if line.split()}


def _config() -> str:
    try:
        with gzip.open(os.path.join(PROC, "config.gz")) as file:
            return file.read().decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error):
        return ""
