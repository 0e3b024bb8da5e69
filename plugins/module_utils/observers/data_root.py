# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look into a data-root: whether there is something in it to lose (moby, daemon/images, volume)."""

import glob
import os
import re
from typing import Dict

from ansible_collections.dockwright.host.plugins.module_utils.observation import DataRootObserved
from ansible_collections.dockwright.host.plugins.module_utils.observers.files import read_text

DEFAULT = "/var/lib/docker"
CONTAINERD = "/etc/containerd/config.toml"
CONTAINERD_DEFAULT = "/var/lib/containerd"


def as_spelt(told: str, spelt: str) -> str:
    """Give a data-root as the configuration spells it: the daemon tells where links lead to."""
    try:
        return spelt if os.path.realpath(spelt) == os.path.realpath(told) else told
    except ValueError:
        return told


def observe_data_root(path: str) -> DataRootObserved:
    """Count what a data-root holds; one that is not there holds nothing."""
    images: Dict[str, int] = {}
    if "\0" in path or any("\ud800" <= letter <= "\udfff" for letter in path):
        # No path that the system knows; dockerd refuses it.
        return DataRootObserved(path)
    for folder in glob.glob(os.path.join(glob.escape(path), "image", "*", "imagedb", "content")):
        driver = os.path.relpath(folder, os.path.join(path, "image")).split(os.sep)[0]
        images[driver] = _count(os.path.join(folder, "sha256"))
    return DataRootObserved(
        path,
        images,
        _count(os.path.join(path, "containers")),
        _count_folders(os.path.join(path, "volumes")),
        os.path.exists(os.path.join(path, "swarm", "docker-state.json")),
    )


def containerd_root() -> str:
    """Give where containerd keeps what it has (containerd-config.toml(5)), links resolved."""
    # Keys of the whole configuration come before the first table.
    top = re.split(r"^\s*\[", read_text(CONTAINERD), maxsplit=1, flags=re.MULTILINE)[0]
    told = re.search(r"^\s*root\s*=\s*([\"'])(/.*?)\1", top, re.MULTILINE)
    return os.path.realpath(told.group(2) if told else CONTAINERD_DEFAULT)


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
