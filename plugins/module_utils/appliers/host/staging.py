# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stage configuration: write it where a commit finds it, and touch nothing that is live."""

import json

from ...observers.host.staged import SCHEMA_VERSION
from ...words.observations.host import StagedSet
from ...words.paths import STAGED_SET, STATE_MODE
from .files import remove, write


def stage(staged: StagedSet, path: str = STAGED_SET) -> None:
    """Write the staged set in one piece, readable by root alone; an empty set is removed."""
    if not staged.files:
        remove(path)
        return
    contents = {
        "schema_version": SCHEMA_VERSION,
        "files": {path: dict(file._asdict()) for path, file in staged.files.items()},
        "declared": staged.declared,
    }
    text = json.dumps(contents, indent=2, sort_keys=True) + "\n"
    write(path, text, mode=0o600, folder_mode=STATE_MODE)
