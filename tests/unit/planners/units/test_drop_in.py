"""A user's own drop-in says when it takes effect."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.drop_in import (
    plan_drop_in,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.activation import (
    ActivationDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.drop_in import (
    DROP_IN_ARGUMENTS,
    declare_drop_in,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Observation,
    System,
    UnitObserved,
)

DEFAULTS = {name: argument["default"] for name, argument in DROP_IN_ARGUMENTS.items()}


@pytest.mark.parametrize(
    ("unit", "section", "state", "impact"),
    [
        ("docker.service", "Service", "active", "restart"),
        ("docker.service", "Service", "inactive", "none"),
        ("docker.service", "Unit", "active", "none"),
        # Nobody restarts containerd for it, since that would need a look at every container.
        ("containerd.service", "Service", "active", "none"),
    ],
)
def test_a_drop_in_restarts_what_is_restarted_for_it(
    unit: str, section: str, state: str, impact: str
) -> None:
    given = {**DEFAULTS, "unit": unit, "name": "mine", "sections": {section: {"A": "b"}}}
    observed = Observation(
        System("Debian", "13", "trixie"), units={unit: UnitObserved(active_state=state)}
    )
    plan = plan_drop_in(declare_drop_in(given), ActivationDeclaration(), observed)
    assert [each.impact for each in plan.differences] == [impact]
