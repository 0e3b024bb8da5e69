# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Record which programs are their packages' own files, so that later looks need not read them."""

import json
from typing import Dict

from ...observers.packages.programs import VERIFIED, read_verified
from ...planners.trust.programs import verified
from ...words.observations.host import Observation
from ...words.observations.programs import ProgramVerified
from ...words.paths import STATE_MODE
from ..host.files import write

_SCHEMA_VERSION = 1


def record_programs(observed: Observation) -> None:
    """Record what this look has verified, unless it is on record already."""
    found: Dict[str, ProgramVerified] = verified(observed)
    if not found or found == read_verified():
        return
    programs = {path: dict(each._asdict()) for path, each in found.items()}
    contents = {"schema_version": _SCHEMA_VERSION, "programs": programs}
    text = json.dumps(contents, indent=2, sort_keys=True) + "\n"
    write(VERIFIED, text, mode=0o600, folder_mode=STATE_MODE)
