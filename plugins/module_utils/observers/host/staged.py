# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what waits to be committed, and whether a commit was begun and never ended."""

import json
import os
from typing import Any, Dict

from ...words.observations.host import StagedFile, StagedSet
from ...words.paths import SAVED_SET, STAGED_SET
from .files import is_roots_own, observe_file

# The daemon.json that the daemon last served with, to fall back to from an edit nobody tried.
COMMITTED = "/var/lib/dockwright/committed.json"
SCHEMA_VERSION = 1


def observe_staged(path: str = STAGED_SET) -> StagedSet:
    """Read the staged set; a set that cannot be read is empty, and says why."""
    file = observe_file(path)
    if file.kind == "absent":
        return StagedSet()
    if not is_roots_own(file):
        return StagedSet(unreadable="others than root could have written it")
    if file.unreadable:
        return StagedSet(unreadable=file.unreadable)
    try:
        contents = json.loads(file.text)
        if contents["schema_version"] != SCHEMA_VERSION:
            return StagedSet(unreadable="another version of Dockwright has written it")
        return StagedSet(
            {name: read_file(each) for name, each in contents["files"].items()},
            {str(key): str(value) for key, value in contents["declared"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return StagedSet(unreadable="it is damaged")


def read_file(values: Dict[str, Any]) -> StagedFile:
    """Read one file of a set."""
    text, mode = values["text"], values["mode"]
    if not isinstance(mode, int) or not (text is None or isinstance(text, str)):
        raise ValueError("a staged file is damaged")
    return StagedFile(text, mode)


def is_commit_cut_off(folder: str = SAVED_SET) -> bool:
    """Whether a commit was begun and never ended."""
    return os.path.isdir(folder)
