# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument specs of the roles as they are written, only for pages: runs use the table."""

import functools
import os
from typing import Any

import yaml

# Ansible validates only an entry point named ``main``. It would refuse null, and name neither the
# variable nor the value.
ENTRY_POINT = "variables"
_COLLECTION = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@functools.lru_cache(maxsize=1)
def specs() -> dict[str, dict[str, Any]]:
    """Give the spec of each variable, by role and name."""
    found = {}
    folder = os.path.join(_COLLECTION, "roles")
    for role in sorted(os.listdir(folder)):
        with open(os.path.join(folder, role, "meta", "argument_specs.yml")) as file:
            found[role] = yaml.safe_load(file)["argument_specs"][ENTRY_POINT]["options"]
    return found
