# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the plan of the docker group."""

from typing import Tuple

from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation


def apply_group(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[str, ...]:
    """Carry out what differs; give what a person should know of how it went."""
    del plan, declaration, observed
    return ()
