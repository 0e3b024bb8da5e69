# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write files so that a reader sees the old one or the new one, never a half."""

import contextlib
import glob
import os
import stat
import tempfile
from typing import Iterable

from .command import ApplyFailed
from .file_obstacles import flag_in_the_way, why
from .folders import make_folder

# The mode of a folder for root alone.
PRIVATE = 0o700
_HALF_WRITTEN = ".dockwright-"


def write(path: str, text: str, mode: int = 0o644, folder_mode: int = 0o755) -> None:
    """Write a file of root's atomically; mode and owner are set before it gets its name.

    :raises ApplyFailed: with the system's reason.
    """
    folder = os.path.dirname(path)
    # In an append-only folder even the temporary file could not be removed.
    flagged = flag_in_the_way(path)
    if flagged:
        raise ApplyFailed("%s could not be written: %s." % (path, flagged))
    temporary = ""
    try:
        if not os.path.isdir(folder):
            make_folder(folder, folder_mode)
        elif folder_mode == PRIVATE:
            _keep_private(folder)
        # apt and dnf read no file whose name begins with a dot.
        descriptor, temporary = tempfile.mkstemp(prefix=_HALF_WRITTEN, dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            # A byte that is no text is written as it was read.
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fchown(file.fileno(), 0, 0)
            os.fsync(file.fileno())
        os.rename(temporary, path)
        temporary = ""
        sync_folder(folder)
    except OSError as error:
        raise ApplyFailed("%s could not be written: %s." % (path, why(path, error)))
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _keep_private(folder: str) -> None:
    """Make a folder of root's root's own again where others could write in it."""
    status = os.lstat(folder)
    if stat.S_ISDIR(status.st_mode) and (status.st_uid or status.st_mode & 0o022):
        os.chown(folder, 0, 0)
        os.chmod(folder, PRIVATE)


def remove(path: str) -> None:
    """Remove a file, which may be gone already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ApplyFailed("%s could not be removed: %s." % (path, why(path, error)))


def sweep(folders: Iterable[str]) -> None:
    """Delete what a cut-off run has left half written in these folders."""
    for folder in folders:
        for name in glob.glob(os.path.join(glob.escape(folder), _HALF_WRITTEN + "*")):
            remove(name)


def sync_folder(folder: str) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
