# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait for units that are starting or stopping, then plan anew with their new state.

They may be so because of an earlier run that did not see the end of its commit, a boot, or somebody
else. Only when it is over does one know what is to be done.
"""

from typing import Tuple

from ...observers.host.look import observe_host
from ...planners.activation.plan import ROLE
from ...planners.host.plan import look_at_host, plan_host
from ...planners.units.start import phase_of_unit
from ...words.declarations.host import Declaration
from ...words.difference import Plan, complaint
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import Observation
from ..host.command import ApplyFailed
from ..units.jobs import Unfinished, await_settled


def settle(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[Plan, Observation]:
    """Give the plan and the look that hold once no unit of the engine is starting or stopping.

    :raises ApplyFailed: where one still is after the declared time, or where the new plan may not
        be carried out.
    """
    names = [
        name for name in (CONTAINERD_SERVICE, DOCKER_SERVICE) if phase_of_unit(observed.units[name])
    ]
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
