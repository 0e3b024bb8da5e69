# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make and extend the volume that holds the filesystem. No data is ever written over.

A backing file is made under another name and renamed once it holds a whole filesystem. If that is
cut off there is nothing at its path, and the next run begins anew.
"""

import contextlib
import os
import uuid
from typing import List, Tuple

from ...observers.host.applied import observe_applied
from ...observers.storage.signature import observe_signature
from ...planners.storage.declarations import declare_signature
from ...planners.storage.state import MADE, USED
from ...words import resources
from ...words.declarations.storage import StorageDeclaration
from ...words.declared import BEGUN, record_key
from ...words.difference import Plan
from ...words.observations.storage import StorageObserved, unfinished
from ...words.tables.filesystems import Filesystem, fill
from ..host import command
from ..host.applied import record_applied, record_ownership
from ..host.command import ApplyFailed
from ..host.files import remove, sync_folder
from ..host.folders import make_folder
from .allocation import allocate


def begin_file(declaration: StorageDeclaration, seen: StorageObserved) -> None:
    """Make a file of the declared size, and allocate all of it where that is declared.

    :raises ApplyFailed: with the system's reason; nothing of the file is left then.
    """
    path = unfinished(declaration.file)
    folder = os.path.dirname(path)
    try:
        make_folder(folder)
        remove(path)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ApplyFailed("%s could not be created: %s." % (declaration.file, error.strerror))
    try:
        if seen.host_filesystem == "btrfs":
            # Only an empty file takes the attribute that has it written in place instead of copied
            # (chattr(1)). A folder whose files are compressed prevents it.
            with contextlib.suppress(ApplyFailed):
                command.run(["chattr", "-c", path])
                command.run(["chattr", "+C", path])
        os.ftruncate(descriptor, declaration.size)
        if declaration.allocation == "full":
            allocate(path, declaration.size)
        os.fchown(descriptor, *_owner(declaration, seen))
        os.fchmod(descriptor, declaration.file_mode)
        os.fsync(descriptor)
    except (OSError, ApplyFailed) as error:
        remove(path)
        reason = error.strerror if isinstance(error, OSError) else error
        raise ApplyFailed(
            "%s could not be made with %d bytes: %s. Nothing of it was left."
            % (declaration.file, declaration.size, str(reason).rstrip("."))
        )
    finally:
        os.close(descriptor)


def make_filesystem(declaration: StorageDeclaration, filesystem: Filesystem) -> None:
    """Format a volume that nobody has written to, under an id that is on record as ours before.

    :raises ApplyFailed: where something is on it by now, or mkfs fails.
    """
    target = unfinished(declaration.file) if declaration.file else declaration.device
    name = str(uuid.uuid4())
    there = observe_signature(target)
    key = record_key(resources.STORAGE_SIGNATURE, there.uuid)
    ours = observe_applied().digests.get(key) == BEGUN
    if (there.type or there.unreadable) and not ours:
        raise ApplyFailed(
            "%s was to be formatted, and now holds %s. It was left alone."
            % (target, there.type or "a signature that cannot be read: %s" % there.unreadable)
        )
    record_ownership([record_key(resources.STORAGE_SIGNATURE, name)], observe_applied())
    argv: List[str] = fill(filesystem.make, uuid=name)
    if declaration.file and declaration.allocation == "full":
        argv.extend(filesystem.keep)
    if declaration.label:
        argv.extend(fill(filesystem.label, label=declaration.label))
    try:
        command.run(argv + [target], keeps_lock=True)
    except ApplyFailed:
        if declaration.file:
            remove(target)
        raise
    if declaration.file:
        _name_it(target, declaration.file)
    record_applied(Plan(declared=(declare_signature(name, MADE),)), observe_applied())


def record_use(uuid: str) -> None:
    """Record, before anything mounts it, that a filesystem may hold data from now on."""
    if uuid:
        record_applied(Plan(declared=(declare_signature(uuid, USED),)), observe_applied())


def extend(declaration: StorageDeclaration) -> None:
    """Bring a backing file to its declared size, and allocate the part that is not allocated yet.

    :raises ApplyFailed: with the system's reason; the file is then as long as before.
    """
    path = declaration.file
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError as error:
        raise ApplyFailed("%s could not be opened: %s." % (path, error.strerror))
    try:
        before = os.fstat(descriptor).st_size
        if before > declaration.size and declaration.allocation != "full":
            return
        try:
            if declaration.allocation == "full":
                allocate(path, max(before, declaration.size))
            else:
                os.ftruncate(descriptor, declaration.size)
            os.fsync(descriptor)
        except (OSError, ApplyFailed) as error:
            # The loop device does not know the new part yet, so nothing is in it.
            if os.fstat(descriptor).st_size > before:
                os.ftruncate(descriptor, before)
            reason = error.strerror if isinstance(error, OSError) else error
            raise ApplyFailed(
                "%s could not be brought to %d bytes: %s. It is as long as before."
                % (path, declaration.size, str(reason).rstrip("."))
            )
    finally:
        os.close(descriptor)


def own(path: str, declaration: StorageDeclaration, seen: StorageObserved) -> None:
    """Give a backing file its declared owner and mode.

    :raises ApplyFailed: with the system's reason.
    """
    try:
        os.chown(path, *_owner(declaration, seen))
        os.chmod(path, declaration.file_mode)
    except OSError as error:
        raise ApplyFailed("%s could not be given its owner: %s." % (path, error.strerror))


def _name_it(path: str, file: str) -> None:
    """Give a file its name; never replace a file that has appeared there meanwhile (link(2))."""
    try:
        if os.path.lexists(file) and not os.lstat(file).st_size:
            os.unlink(file)
        os.link(path, file)
        os.unlink(path)
    except OSError as error:
        raise ApplyFailed("%s could not be given its name: %s." % (file, error.strerror))
    sync_folder(os.path.dirname(file))


def _owner(declaration: StorageDeclaration, seen: StorageObserved) -> Tuple[int, int]:
    if seen.owner is None or seen.group is None:
        raise ApplyFailed(
            "There is no user %s or no group %s." % (declaration.file_owner, declaration.file_group)
        )
    return seen.owner, seen.group
