# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at configuration files; a link is told as a link, with the contents that it leads to."""

import glob
import json
import os
import stat
from typing import Any, Dict, Iterable, Tuple

from ...words.observations.host import FileObserved

# No file of ours is as large; a device or a log behind the path must not fill the memory.
_LARGEST = 1024 * 1024


def observe_file(path: str) -> FileObserved:
    """Look at one path."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return FileObserved()
    except OSError as error:
        return FileObserved(kind="other", unreadable=str(error.strerror))
    kind = kind_of(status.st_mode)
    text, unreadable = _contents(path) if os.path.isfile(path) else ("", "")
    return FileObserved(
        kind=kind,
        text=text,
        mode=stat.S_IMODE(status.st_mode),
        owner=status.st_uid,
        group=status.st_gid,
        unreadable=unreadable,
        # A file that is moved here keeps its mtime.
        modified=max(status.st_mtime, status.st_ctime),
        identity="%d:%d" % (status.st_ino, status.st_mtime_ns),
    )


def observe_files(paths: Iterable[str], patterns: Iterable[str]) -> Dict[str, FileObserved]:
    """Look at named paths, there or not, and at every file that matches one of the patterns."""
    found = [path for pattern in patterns for path in sorted(glob.glob(pattern))]
    return {path: observe_file(path) for path in dict.fromkeys(list(paths) + found)}


def is_roots_own(file: FileObserved) -> bool:
    """Whether nobody but root can have written a file; we run as root."""
    return file.kind == "file" and file.owner in (0, os.geteuid()) and not file.mode & 0o022


def read_text(path: str) -> str:
    """Give the text of a file of /proc, /sys or /etc; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")
    except (OSError, ValueError):
        return ""


def parse_json(text: str) -> Any:
    """Read JSON as dockerd does: a byte order mark tells the encoding, without one it is UTF-8.

    :raises ValueError: where it is no JSON.
    """
    return json.loads(text.encode("utf-8", "surrogateescape"))


def kind_of(mode: int) -> str:
    """Name what kind of file a path is (inode(7), st_mode): file, directory, link or other."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    return "link" if stat.S_ISLNK(mode) else "other"


def _contents(path: str) -> Tuple[str, str]:
    try:
        with open(path, "rb") as file:
            contents = file.read(_LARGEST + 1)
    except OSError as error:
        return "", str(error.strerror)
    if len(contents) > _LARGEST:
        return "", "it is larger than %d bytes" % _LARGEST
    # surrogateescape keeps a byte that is no text different from every declared text.
    return contents.decode("utf-8", "surrogateescape"), ""
