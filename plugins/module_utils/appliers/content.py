# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Move what is in a folder into the new filesystem that is to be mounted on it.

The folder keeps its contents until there is a whole copy; then it takes another name beside its
own, and goes only once the filesystem is mounted in its place. Cut off before, the copy is begun
anew.
"""

import os
import shutil

from ansible_collections.dockwright.host.plugins.module_utils.appliers import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.appliers.files import sync_folder
from ansible_collections.dockwright.host.plugins.module_utils.filesystems import Filesystem
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    SET_ASIDE,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage_state import (
    MOVING,
)
from ansible_collections.dockwright.host.plugins.module_utils.storage_declaration import (
    StorageDeclaration,
)


def move(declaration: StorageDeclaration, filesystem: Filesystem, point: str) -> None:
    """Copy a folder's contents into the filesystem, and set the folder aside.

    :raises ApplyFailed: with the reason; the folder is as it was then.
    """
    _unmount()
    os.makedirs(MOVING, 0o700, exist_ok=True)
    options = ["-o", "loop,nodiscard"] if declaration.file else []
    command.run(["mount", "-t", filesystem.name] + options + [declaration.source, MOVING])
    try:
        _clear()
        # -a keeps owners, links, extended attributes and the devices that overlay2 marks gaps with.
        command.run(["cp", "-a", "--", point + "/.", MOVING])
        command.run(["sync", "-f", MOVING])
    finally:
        _unmount()
    status = os.stat(point)
    try:
        os.rename(point, point + SET_ASIDE)
        os.mkdir(point, 0o755)
        os.chown(point, status.st_uid, status.st_gid)
    except OSError as error:
        raise ApplyFailed("%s could not be set aside: %s." % (point, error.strerror))
    sync_folder(os.path.dirname(point))


def _clear() -> None:
    """Take away what a copy that was cut off has left: nobody has used this filesystem yet."""
    for entry in os.scandir(MOVING):
        if entry.name == "lost+found":
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def _unmount() -> None:
    if os.path.ismount(MOVING):
        command.run(["umount", MOVING])
