"""What a plan of site.yml says and what its roles do, one after the other, is one judgement."""

from collections.abc import Iterator

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.without_docker import (
    activates,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.concerns import ROLES
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import (
    look_at_host,
    plan_host,
    staged_by,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import (
    Plan,
    complaint,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    FileObserved,
    Observation,
)

from tests.unit.planners import case

STAGE = ("docker_proxy", "docker_storage", "docker_daemon")
LAST = "docker_activation"
# What the commit of a staged file does for it, whatever the plan calls that.
BY_COMMIT = ("activation.staged", "service.configuration")
Named = set[tuple[str, str]]


def chosen(roles: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What --tags and --skip-tags may leave of these roles, in their order."""
    first = tuple(role for role in ROLES if role in roles and role != LAST)
    last = (LAST,) if LAST in roles else ()
    yield first + last
    # --skip-tags docker_activation, and --tags docker_activation.
    yield first
    yield last
    yield from ((role, LAST) for role in STAGE if role in first and last)


def named(plan: Plan) -> Named:
    """What a run is to mend, by a plan."""
    return {(each.resource, each.path) for each in plan.mended}


def as_looked_at(
    declared: Declaration, observed: Observation, roles: tuple[str, ...]
) -> Observation:
    """Have seen that what a case does not speak of is not there."""
    look = look_at_host(observed.system, declared, roles)
    absent = {path: FileObserved() for path in look.files}
    return observed._replace(files={**absent, **observed.files})


def require_one_judgement(
    declared: Declaration, observed: Observation, roles: tuple[str, ...]
) -> None:
    """Carry out nothing, but plan as site.yml's second play does, and compare with the first."""
    whole_run = declared.activation._replace(deferred=False, whole_run=True)
    whole = plan_host(declared._replace(activation=whole_run), observed, roles)
    if complaint(whole):
        return
    deferred = declared._replace(
        activation=declared.activation._replace(deferred=True),
        engine=declared.engine._replace(before_daemon="docker_daemon" in roles),
    )
    done: Named = set()
    seen, is_another_engine = observed, False
    for role in roles:
        if role == "docker_daemon" and is_another_engine:
            # It is the one that is installed by then, which no observation here shows.
            return
        if role == LAST:
            break
        alone = plan_host(deferred, seen, (role,))
        is_another_engine |= bool(alone.of_resource("engine.package"))
        assert not complaint(alone), (roles, role)
        assert named(alone) <= named(whole), (roles, role)
        done |= named(alone)
        if role in STAGE:
            seen = seen._replace(staged=staged_by(declared, seen, (role,)))
    if is_another_engine or LAST not in roles:
        return
    if activates(deferred, seen, roles):
        alone = plan_host(declared, seen, (LAST,))
        assert not complaint(alone), roles
        done |= named(alone)
        if roles == (LAST,):
            assert named(alone) == named(whole)
    promised = {each for each in named(whole) - done if each[0] not in BY_COMMIT}
    assert not promised, (roles, "nobody does what was promised")


@pytest.mark.parametrize("name", case.case_names())
def test_the_roles_do_what_the_plan_of_all_says(name: str) -> None:
    _case, declared, observed, roles = case.read_case(name)
    # Those that the case does not speak of declare what their defaults are.
    seen = as_looked_at(declared, observed, ROLES)
    for some in {*chosen(roles), ROLES} - {()}:
        require_one_judgement(declared, seen, some)
