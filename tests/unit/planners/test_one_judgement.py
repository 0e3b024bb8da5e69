"""What a plan of site.yml says and what its roles do, one after the other, is one judgement."""

from collections.abc import Iterator

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan, complaint
from ansible_collections.dockwright.host.plugins.module_utils.planners.host import (
    plan_host,
    staged_by,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.without_docker import (
    activates,
)

from tests.unit.planners import case

STAGE = ("docker_proxy", "docker_storage", "docker_daemon")
LAST = "docker_activation"


def chosen(roles: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What --tags may leave of these roles: all, or one that leaves work to the activation."""
    yield tuple(role for role in roles if role != LAST)
    for role in roles:
        if role in STAGE and len(roles) > 1:
            yield (role,)


def named(plan: Plan) -> set[tuple[str, str]]:
    """What a plan says differs."""
    return {(each.resource, each.path) for each in plan.differences}


@pytest.mark.parametrize("name", case.case_names())
def test_a_role_refuses_nothing_that_the_plan_of_all_did_not(name: str) -> None:
    _case, declared, observed, roles = case.read_case(name)
    last = (LAST,) if LAST in roles else ()
    for first in chosen(roles):
        whole = plan_host(declared, observed, first + last)
        if complaint(whole):
            continue
        deferred = declared._replace(
            activation=declared.activation._replace(deferred=True),
            engine=declared.engine._replace(before_daemon="docker_daemon" in first),
        )
        seen, is_another_engine = observed, False
        for role in first:
            if role == "docker_daemon" and is_another_engine:
                # It is the one that is installed by then, which no observation here shows.
                break
            alone = plan_host(deferred, seen, (role,))
            is_another_engine |= bool(alone.of_resource("engine.package"))
            assert not complaint(alone), (first, role)
            assert named(alone) <= named(whole), (first, role)
            if role in STAGE:
                seen = seen._replace(staged=staged_by(declared, seen, (role,)))
        if activates(seen, first + last) and not is_another_engine:
            assert not complaint(plan_host(declared, seen, last)), first
