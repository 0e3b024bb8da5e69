# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the proxy that dockerd goes by: a drop-in, and a file of root's for credentials."""

from typing import Optional

from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    Look,
    Observation,
    StagedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.proxy_declaration import (
    ProxyDeclaration,
)

ROLE = "docker_proxy"


def look_at_proxy() -> Look:
    """What the plan of the proxy needs to see."""
    return Look()


def plan_proxy(
    declaration: Declaration, observed: Observation, pending: Optional[StagedSet] = None
) -> Plan:
    """Compare."""
    del declaration, observed, pending
    return Plan()


def stage_proxy(declaration: ProxyDeclaration, observed: Observation) -> StagedSet:
    """Give the files to be staged."""
    del declaration, observed
    return StagedSet()


def is_answered_for(path: str) -> bool:
    """Whether this role answers for a staged file."""
    del path
    return False
