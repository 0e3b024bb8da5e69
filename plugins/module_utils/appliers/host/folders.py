# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make folders that those can read who need them, whatever root's umask is."""

import os
from typing import List

# What a folder has that everybody may look into, and the umask with which commands make such.
OPEN, UMASK = 0o755, 0o022


def make_folder(path: str, mode: int = OPEN) -> None:
    """Make a folder, and those above it that are not there; what is there keeps its mode.

    The mode is the last one's. Those above it are open, for they keep no secret.

    :raises OSError: with the system's reason.
    """
    missing: List[str] = []
    above = path
    while above and not os.path.isdir(above):
        missing.append(above)
        above = os.path.dirname(above)
    for each in reversed(missing):
        wanted = mode if each == path else OPEN
        try:
            os.mkdir(each, wanted)
        except FileExistsError:
            # Somebody has made it meanwhile; what is no folder is in the way.
            if os.path.isdir(each):
                continue
            raise
        # mkdir(2) takes the umask's bits away, and chmod(2) does not.
        os.chmod(each, wanted)
