# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait for units that are in the middle of something, and plan anew with what they come to.

A commit of which an earlier run could not see the end, a boot, or somebody else: whoever began it,
what is to be done is known only once it is over.
"""

from typing import Tuple

from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.appliers.unit_jobs import (
    Unfinished,
    await_settled,
)
from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan, complaint
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import observe_host
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation import (
    ROLE,
    RUNTIME,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.effect import DAEMON
from ansible_collections.dockwright.host.plugins.module_utils.planners.host import (
    look_at_host,
    plan_host,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.unit_start import (
    phase_of_unit,
)


def settle(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[Plan, Observation]:
    """Give the plan and the look that hold once no unit of the engine is in between.

    :raises ApplyFailed: where one is still so after the time that is declared, or where what it
        came to may not be carried out.
    """
    names = [name for name in (RUNTIME, DAEMON) if phase_of_unit(observed.units[name])]
    if not names:
        return plan, observed
    for name in names:
        try:
            await_settled(name, declaration.activation.start_timeout)
        except Unfinished as unfinished:
            raise ApplyFailed(
                "%s. Nothing was done to it: the next run goes on from there." % unfinished
            )
    look = look_at_host(observed.system, declaration, (ROLE,))
    observed = observe_host(observed.system, look)
    plan = plan_host(declaration, observed, (ROLE,))
    if complaint(plan):
        raise ApplyFailed(complaint(plan))
    return plan, observed
