# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folders such as sysctl.d or docker.service.d, where a file hides those of its name after it."""

from typing import Dict, List, Mapping, Sequence

from ...words.observations.host import FileObserved


def in_force(files: Mapping[str, FileObserved], folders: Sequence[str]) -> List[str]:
    """Give the files that count, in the order of their names; the first folder has its way.

    What is no file hides none (systemd, basic/conf-files.c).
    """
    by_name: Dict[str, str] = {}
    for folder in reversed(folders):
        for path in files:
            name = path.rpartition("/")[2]
            is_there = files[path].kind in ("file", "link")
            if is_there and path == "%s/%s" % (folder, name) and name.endswith(".conf"):
                by_name[name] = path
    return [by_name[name] for name in sorted(by_name)]
