# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look into a data-root for data that could be lost (moby, daemon/images, volume)."""

import glob
import json
import os
import re
from typing import Dict, Tuple

from ...words.observations.host import DataRootObserved
from ...words.tables.daemon_options import STORAGE_DRIVERS
from ..host.files import read_text

# With userns-remap the daemon uses a folder in its data-root, named by user and group numbers.
REMAPPED_FOLDER = re.compile(r"^\d+\.\d+$")


def as_spelt(told: str, spelt: str) -> str:
    """Spell a data-root as the configuration does: the daemon tells it with links resolved."""
    base = base_of(told)
    if _is_same(told, spelt):
        return spelt
    if base != told and _is_same(base, spelt):
        return os.path.join(spelt, os.path.basename(told.rstrip("/")))
    return told


def base_of(root: str) -> str:
    """Give the declared data-root of one that the daemon tells with userns-remap."""
    folder, name = os.path.split(root.rstrip("/"))
    return folder if REMAPPED_FOLDER.match(name) and folder != "/" else root


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.realpath(one) == os.path.realpath(other)
    except ValueError:
        return False


def observe_data_root(path: str) -> DataRootObserved:
    """Count what a data-root holds; a missing one holds nothing."""
    images: Dict[str, int] = {}
    if "\0" in path or any("\ud800" <= letter <= "\udfff" for letter in path):
        # The system knows no such path, and dockerd refuses it.
        return DataRootObserved(path)
    for folder in glob.glob(os.path.join(glob.escape(path), "image", "*", "imagedb", "content")):
        driver = os.path.relpath(folder, os.path.join(path, "image")).split(os.sep)[0]
        images[driver] = _count(os.path.join(folder, "sha256"))
    return DataRootObserved(
        path=path,
        images=images,
        containers=_count(os.path.join(path, "containers")),
        volumes=_count_folders(os.path.join(path, "volumes")),
        swarm=os.path.exists(os.path.join(path, "swarm", "docker-state.json")),
        drivers=observe_drivers(path),
        container_drivers=_container_drivers(os.path.join(path, "containers")),
    )


def folder_of_containers(path: str) -> str:
    """Say where a data-root keeps a folder for each container (moby, daemon/container.go)."""
    return os.path.join(path, "containers")


def place_of(folder: str) -> Tuple[int, int]:
    """Identify a folder, to tell it from another one on the same path; zeros for a missing one."""
    try:
        status = os.stat(folder)
    except (OSError, ValueError):
        return 0, 0
    return status.st_dev, status.st_ino


def has_lost_folder(folder: str, place: Tuple[int, int], identity: str) -> bool:
    """Whether a container's folder is still there, or hidden; a removed container has none."""
    is_hidden = place == (0, 0) or place_of(folder) != place
    return is_hidden or os.path.exists(os.path.join(folder, identity))


def observe_drivers(path: str) -> Tuple[str, ...]:
    """Name the graph drivers that have left something in a data-root."""
    return tuple(name for name in sorted(STORAGE_DRIVERS) if _count(os.path.join(path, name)))


def _container_drivers(folder: str) -> Dict[str, int]:
    """Count containers by the storage driver with which they were made."""
    found: Dict[str, int] = {}
    for path in glob.glob(os.path.join(glob.escape(folder), "*", "config.v2.json")):
        try:
            driver = json.loads(read_text(path)).get("Driver")
        except (ValueError, AttributeError, RecursionError):
            continue
        if isinstance(driver, str):
            found[driver] = found.get(driver, 0) + 1
    return found


def _count(folder: str) -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0


def _count_folders(folder: str) -> int:
    try:
        return sum(1 for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return 0
