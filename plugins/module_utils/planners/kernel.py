# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the kernel: its modules, its sysctls, and the arguments it is booted with."""

from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.kernel_declaration import (
    KernelDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.kernel_observation import KernelLook
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    Look,
    Observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)

ROLE = "docker_kernel"


def look_at_kernel(declaration: KernelDeclaration) -> Look:
    """What the plan of the kernel needs to see."""
    return Look(kernel=KernelLook(declaration.modules, tuple(declaration.sysctl)))


def plan_kernel(declaration: Declaration, system: SupportedSystem, observed: Observation) -> Plan:
    """Compare the kernel with what is declared."""
    del declaration, system, observed
    return Plan()
