# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Move a folder's contents into the new filesystem that is to be mounted on the folder.

The folder keeps its contents until there is a whole copy. Then it is renamed, and deleted only once
the filesystem is mounted in its place. While the copy is not whole a mark in the filesystem says
so, and neither Docker's guard nor the mount accepts that.
"""

import os
import shutil
from typing import List, Tuple

from ...observers.storage.contents import observe_contents
from ...observers.storage.mounts import observe_mounts
from ...planners.storage.state import MOVING
from ...planners.storage.units import mount_unit
from ...planners.storage_checks.room import lack, of_entries
from ...words.declarations.storage import StorageDeclaration
from ...words.observations.storage import COPYING, SET_ASIDE
from ...words.tables.filesystems import Filesystem, fill
from ..host import command
from ..host.command import ApplyFailed
from ..host.files import remove, sync_folder
from ..host.folders import make_folder

# A file in the filesystem, from the end of the copy until the folder is set aside.
_COPIED = ".dockwright-copied"
_UNDER_WAY, _WHOLE = MOVING + "/" + COPYING, MOVING + "/" + _COPIED
_OWN = ("lost+found", COPYING, _COPIED)
# It fails on attributes that cannot be kept, unlike -a: overlay2 uses them to mark deletions.
_COPY = ["cp", "-dR", "--preserve=mode,ownership,timestamps,links,xattr", "--"]
Tree = Tuple[int, int, int]


def move(
    declaration: StorageDeclaration, filesystem: Filesystem, point: str, grows: bool = False
) -> None:
    """Copy a folder's contents into the filesystem, and set the folder aside.

    With ``grows`` the filesystem is smaller than its volume, since there was no room for it before.

    :raises ApplyFailed: with the reason; the folder is then as it was.
    """
    leave()
    # No boot may mount half a copy over the whole contents.
    command.run(["systemctl", "--quiet", "disable", mount_unit(point)], accepted=(0, 1, 4, 5))
    make_folder(MOVING, 0o700)
    options = ["-o", "loop,nodiscard"] if declaration.file else []
    command.run(["mount", "-t", filesystem.name] + options + [declaration.source, MOVING])
    try:
        if grows:
            values = {"device": observe_mounts().carrier(MOVING).source, "mount_point": MOVING}
            command.run(fill(filesystem.grow, **values))
        _clear(declaration)
        before = _state_of(point)
        _require_room(declaration, filesystem, point)
        command.run(_COPY + [point + "/.", MOVING], keeps_lock=True)
        command.run(["sync", "-f", MOVING])
        _require_still(point, before)
        os.rename(_UNDER_WAY, _WHOLE)
        sync_folder(MOVING)
        _set_aside(point)
        os.unlink(_WHOLE)
    finally:
        leave()


def remove_moved(path: str, point: str) -> None:
    """Remove the folder that was set aside, once the filesystem with its contents is mounted.

    :raises ApplyFailed: where something is mounted inside of it.
    """
    _require_no_mounts(path)
    shutil.rmtree(path)
    remove(os.path.join(point, _COPIED))


def is_half_a_copy(point: str) -> bool:
    """Whether a mount holds a copy that was never finished."""
    return os.path.lexists(os.path.join(point, COPYING))


def _set_aside(point: str) -> None:
    status = os.stat(point)
    os.rename(point, point + SET_ASIDE)
    make_folder(point)
    os.chown(point, status.st_uid, status.st_gid)
    sync_folder(os.path.dirname(point))


def _clear(declaration: StorageDeclaration) -> None:
    """Delete what a cut-off copy has left, and mark that a copy is under way."""
    names = [name for name in os.listdir(MOVING) if name not in _OWN]
    if names and not (os.path.lexists(_UNDER_WAY) or os.path.lexists(_WHOLE)):
        raise ApplyFailed(
            "%s holds something that is no copy of Dockwright's (%s). Nothing was moved into it."
            % (declaration.source, ", ".join(sorted(names)[:3]))
        )
    with open(_UNDER_WAY, "w"):
        pass
    remove(_WHOLE)
    sync_folder(MOVING)
    for name in names:
        path = os.path.join(MOVING, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


def _require_room(declaration: StorageDeclaration, filesystem: Filesystem, point: str) -> None:
    """Require room for the whole folder, before anything is copied."""
    contents = observe_contents(point, most=None)
    told = os.statvfs(MOVING)
    size, free = told.f_blocks * told.f_frsize, told.f_bavail * told.f_frsize
    room = free - of_entries(filesystem.name, size, contents.entries)
    inodes = told.f_favail if told.f_files else None
    lacking = lack(point, contents, declaration.source, max(0, room), inodes)
    if lacking:
        raise ApplyFailed(
            "Nothing was moved: %s %s, or remove what is not needed, and run this again."
            % (
                lacking,
                "Set docker_storage_size to more"
                if declaration.file
                else "Declare a larger device",
            )
        )


def _require_still(point: str, before: Tree) -> None:
    """Require that nobody has changed the folder or mounted something in it meanwhile."""
    _require_no_mounts(point)
    if _state_of(point) != before:
        raise ApplyFailed(
            "%s was changed while it was copied: somebody is at work in it. It was left as it is; "
            "stop what writes to it, and run this again." % point
        )


def _require_no_mounts(path: str) -> None:
    inside = observe_mounts().inside(path)
    if inside:
        raise ApplyFailed(
            "Something is mounted inside of %s (%s). It was left as it is." % (path, inside[0])
        )


def _state_of(point: str) -> Tree:
    """Count a tree's entries and bytes, and find when any of it changed last."""
    count, size, changed = 0, 0, 0
    for folder, folders, files in os.walk(point):
        entries: List[str] = [folder] + [os.path.join(folder, name) for name in folders + files]
        for status in (os.lstat(entry) for entry in entries):
            count, size = count + 1, size + status.st_size
            changed = max(changed, int(status.st_ctime * 1000000))
    return count, size, changed


def leave() -> None:
    """Unmount the filesystem from where it is while contents are moved into it."""
    if os.path.ismount(MOVING):
        command.run(["umount", MOVING])
