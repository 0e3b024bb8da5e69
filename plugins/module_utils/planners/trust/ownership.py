# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge a file that only root may write and everybody may read."""

from ...words.observations.host import FileObserved

PUBLIC_MODE, ROOT_USER, ROOT_GROUP = 0o644, 0, 0


def file_complaint(file: FileObserved) -> str:
    """Say why a path is no readable file; empty where it is one."""
    if file.kind == "absent":
        return "absent"
    if file.kind != "file":
        return "%s, not a file" % kind_in_words(file.kind)
    return file.unreadable


def kind_in_words(kind: str) -> str:
    """Say what lies at a path that is no file."""
    return "a %s" % kind if kind in ("directory", "link") else "a socket, a pipe or a device"


def ownership(file: FileObserved) -> str:
    """Tell a mode or an owner that is not as declared; empty where they are."""
    if (file.mode, file.owner, file.group) == (PUBLIC_MODE, ROOT_USER, ROOT_GROUP):
        return ""
    return "mode %04o, owner %d:%d" % (file.mode, file.owner, file.group)
