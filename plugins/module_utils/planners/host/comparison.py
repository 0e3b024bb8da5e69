# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make a plan of single comparisons of declared and observed."""

from typing import Callable, Iterable, Iterator, Mapping, NamedTuple, Optional

from ...words import causes, impacts
from ...words.causes import Cause
from ...words.declared import ANYWHERE, BEGUN, UNKNOWN, Declared, record_key
from ...words.difference import Difference, Plan, Unverifiable
from ...words.observations.host import Applied, FileObserved, Observation, StagedFile
from ...words.resources import Resource
from ..activation.effect import differs

Files = Mapping[str, StagedFile]


class Comparison(NamedTuple):
    """One declared thing and its difference, if there is one."""

    declared: Declared
    difference: Optional[Difference] = None


def plan_of(comparisons: Iterable[Comparison], unverifiable: Iterable[Unverifiable] = ()) -> Plan:
    """Make a plan of comparisons."""
    every = list(comparisons)
    return Plan(
        differences=tuple(each.difference for each in every if each.difference is not None),
        unverifiable=tuple(unverifiable),
        declared=tuple(each.declared for each in every),
    )


def attribute_causes(plan: Plan, applied: Applied, run_at_work: str = "") -> Plan:
    """Say for each difference whether the host changed (drift) or the declaration (pending).

    Changes that a running run has not finished cannot be told from drift.
    """
    if not applied.trusted:
        return plan
    wanted = {each.key: each.digest for each in plan.declared}
    anywhere = {each.resource: each.path for each in plan.declared if each.is_anywhere}

    def cause(difference: Difference) -> Cause:
        key = difference.key
        if key not in wanted:
            if key in applied.digests:
                # It was declared before, and no longer is.
                return causes.PENDING
            key = record_key(difference.resource, anywhere.get(difference.resource, ANYWHERE))
        recorded = applied.digests.get(key, BEGUN)
        if recorded == UNKNOWN:
            return causes.UNKNOWN
        if recorded != wanted.get(key):
            return causes.PENDING
        return causes.UNKNOWN if run_at_work else causes.DRIFT

    return plan._replace(
        differences=tuple(each._replace(cause=cause(each)) for each in plan.differences)
    )


def stale_staged(
    resource: Resource,
    role: str,
    answered_for: Callable[[str], bool],
    observed: Observation,
    wanted: Files,
) -> Iterator[Difference]:
    """Name what an earlier run of a role has staged and the declaration does not want.

    What is live already is no longer waiting; the activation deletes it.
    """
    for path, file in observed.staged.files.items():
        if not answered_for(path) or wanted.get(path) == file:
            continue
        if path not in wanted and not differs(file, observed.files.get(path, FileObserved())):
            continue
        yield Difference(
            resource=resource,
            role=role,
            path=path,
            expected="what is declared now",
            actual="what an earlier run has staged",
            impact=impacts.NONE,
            sentence="stage %s anew: what waits to be committed is no longer declared" % path,
        )
