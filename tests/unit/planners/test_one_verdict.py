"""A check and an apply say the same of a host: what a check would change, a run hands to a role."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.without_docker import (
    activates,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import plan_host

from tests.unit.planners import case


@pytest.mark.parametrize("name", case.case_names())
def test_what_would_change_is_given_to_a_role_that_runs(name: str) -> None:
    _, declared, observed, roles = case.read_case(name)
    plan = plan_host(declared, observed, roles)
    given = {each.role for each in plan.changed}
    assert given <= set(roles)
    # Play 2 leaves the activation out where nothing is to be activated.
    assert plan.refused or "docker_activation" not in given or activates(declared, observed, roles)
    assert set(plan.differences) == {*plan.changed, *plan.reported, *plan.refused}
