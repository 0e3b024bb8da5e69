"""The plan of site.yml and what its roles do, one after the other, are one judgement."""

from collections.abc import Iterator
from functools import lru_cache

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.without_docker import (
    activates,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.concerns import (
    CONCERNS,
    ROLES,
)
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

from tests.unit.planners import case, case_files

STAGE = tuple(each.role for each in CONCERNS if each.stage is not None)
LAST = "docker_activation"
# What a commit of a staged file does, whatever the plan calls it.
BY_COMMIT = ("activation.staged", "service.configuration")
Named = set[tuple[str, str]]


def chosen(roles: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give the choices of these roles that --tags and --skip-tags can leave, in order."""
    first = tuple(role for role in ROLES if role in roles and role != LAST)
    last = (LAST,) if LAST in roles else ()
    yield first + last
    # --skip-tags docker_activation, and --tags docker_activation.
    yield first
    yield last
    yield from ((role, LAST) for role in STAGE if role in first and last)


def named(plan: Plan) -> Named:
    """Name what a run is to mend by a plan."""
    return {(each.resource, each.path) for each in plan.mended}


def as_looked_at(
    declared: Declaration, observed: Observation, roles: tuple[str, ...]
) -> Observation:
    """Add to an observation, as absent, what the case does not mention."""
    look = look_at_host(observed.system, declared, roles)
    absent = {path: FileObserved() for path in look.files}
    return observed._replace(files={**absent, **observed.files})


class Alone:
    """A host on which roles run alone, one after the other; what was planned once is kept."""

    def __init__(self, declared: Declaration, observed: Observation) -> None:
        self.declared = declared
        self.seen_after = lru_cache(maxsize=None)(self._seen_after)
        self.plan = lru_cache(maxsize=None)(self._plan)
        self._observed = observed

    def deferred(self, before_daemon: bool) -> Declaration:
        """What a role is given that the activation follows."""
        return self.declared._replace(
            activation=self.declared.activation._replace(deferred=True),
            engine=self.declared.engine._replace(before_daemon=before_daemon),
        )

    def _seen_after(self, staged: tuple[str, ...]) -> Observation:
        """What is seen once these roles have staged."""
        if not staged:
            return self._observed
        seen: Observation = self.seen_after(staged[:-1])
        return seen._replace(staged=staged_by(self.declared, seen, staged[-1:]))

    def _plan(self, role: str, staged: tuple[str, ...], before_daemon: bool) -> Plan:
        """What a role plans when these have staged before it."""
        declared = self.declared if role == LAST else self.deferred(before_daemon)
        return plan_host(declared, self.seen_after(staged), (role,))


def require_one_judgement(alone: Alone, roles: tuple[str, ...]) -> None:
    """Carry out nothing, but plan as site.yml's second play does, and compare with the first."""
    whole_run = alone.declared.activation._replace(deferred=False, whole_run=True)
    declared = alone.declared._replace(activation=whole_run)
    whole = plan_host(declared, alone.seen_after(()), roles)
    if complaint(whole):
        return
    before_daemon = "docker_daemon" in roles
    done: Named = set()
    staged: tuple[str, ...] = ()
    is_another_engine = False
    for role in roles:
        if role == "docker_daemon" and is_another_engine:
            # By then it is the installed one, which no observation here shows.
            return
        if role == LAST:
            break
        plan = alone.plan(role, staged, before_daemon)
        is_another_engine |= bool(plan.of_resource("engine.package"))
        assert not complaint(plan), (roles, role)
        assert named(plan) <= named(whole), (roles, role)
        done |= named(plan)
        if role in STAGE:
            staged += (role,)
    if is_another_engine or LAST not in roles:
        return
    if activates(alone.deferred(before_daemon), alone.seen_after(staged), roles):
        plan = alone.plan(LAST, staged, before_daemon)
        assert not complaint(plan), roles
        done |= named(plan)
        if roles == (LAST,):
            assert named(plan) == named(whole)
    promised = {each for each in named(whole) - done if each[0] not in BY_COMMIT}
    assert not promised, (roles, "nobody does what was promised")


@pytest.mark.parametrize("name", case_files.case_names())
def test_the_roles_do_what_the_plan_of_all_says(name: str) -> None:
    _said, declared, observed, roles = case.read_case(name)
    # Roles that the case does not mention declare their defaults.
    alone = Alone(declared, as_looked_at(declared, observed, ROLES))
    for some in {*chosen(roles), ROLES} - {()}:
        require_one_judgement(alone, some)
