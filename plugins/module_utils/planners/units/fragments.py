# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folders such as sysctl.d or docker.service.d, where a file hides later ones of its name."""

from typing import Dict, List, Mapping, Sequence

from ...words.observations.host import FileObserved


def in_force(files: Mapping[str, FileObserved], folders: Sequence[str]) -> List[str]:
    """Give the files that count, in order of their names; the first folder takes precedence.

    A path that is no file hides none (systemd, basic/conf-files.c).
    """
    there = [
        path.rpartition("/")
        for path, file in files.items()
        if path.endswith(".conf") and file.kind in ("file", "link")
    ]
    by_name: Dict[str, str] = {}
    for first in reversed(folders):
        by_name.update(
            {name: folder + slash + name for folder, slash, name in there if folder == first}
        )
    return [by_name[name] for name in sorted(by_name)]
