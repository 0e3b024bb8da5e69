# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait for units that are in the middle of something, and plan anew with what they come to.

A commit of which an earlier run could not see the end, a boot, or somebody else: whoever began it,
what is to be done is known only once it is over.
"""

from typing import Tuple

from ...observers.host.look import observe_host
from ...planners.activation.effect import DAEMON
from ...planners.activation.plan import ROLE, RUNTIME
from ...planners.host.plan import look_at_host, plan_host
from ...planners.units.start import phase_of_unit
from ...words.declarations.host import Declaration
from ...words.difference import Plan, complaint
from ...words.observations.host import Observation
from ..host.command import ApplyFailed
from ..units.jobs import Unfinished, await_settled


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
