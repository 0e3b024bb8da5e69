# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make folders with the access that their users need, whatever root's umask is."""

import os
from typing import List

# The mode of a folder that everybody may read, and the umask with which commands make such.
OPEN, UMASK = 0o755, 0o022


def make_folder(path: str, mode: int = OPEN) -> None:
    """Make a folder and the missing ones above it; the mode of an existing one stays.

    ``mode`` is for the last one. Those above it are open to readers, for they keep no secret.

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
            # Somebody has made it meanwhile; anything else than a folder is in the way.
            if os.path.isdir(each):
                continue
            raise
        # mkdir(2) applies the umask, chmod(2) does not.
        os.chmod(each, wanted)
