# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make a plan of single comparisons of declared and observed."""

from typing import Callable, Iterable, Iterator, Mapping, NamedTuple, Optional

from ...words.difference import Declared, Difference, Plan, Unverifiable
from ...words.observations.host import Applied, FileObserved, Observation, StagedFile
from ..activation.effect import differs

# Recorded of what is ours, on this machine's ancestor perhaps, while nobody knows what was applied.
UNKNOWN = "?"
# The path of what is declared of a resource wherever it turns up: "no such entry in any file".
ANY = "*"
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
    wanted = {record_key(each.resource, each.path): each.digest for each in plan.declared}
    everywhere = {each.resource: each.path for each in plan.declared if _is_everywhere(each.path)}

    def cause(difference: Difference) -> str:
        key = record_key(difference.resource, difference.path)
        if key not in wanted:
            if key in applied.digests:
                # It was declared and is no longer.
                return "pending"
            key = record_key(difference.resource, everywhere.get(difference.resource, ANY))
        recorded = applied.digests.get(key, "")
        if recorded == UNKNOWN:
            return "unknown"
        if recorded != wanted.get(key):
            return "pending"
        return "unknown" if run_at_work else "drift"

    return plan._replace(
        differences=tuple(each._replace(cause=cause(each)) for each in plan.differences)
    )


def everywhere_of(subject: str) -> str:
    """Give the path of what is declared of a resource wherever it turns up, by one of many."""
    return "%s %s" % (ANY, subject)


def _is_everywhere(path: str) -> bool:
    return path == ANY or path.startswith(ANY + " ")


def record_key(resource: str, path: str) -> str:
    """Name a declared or differing thing in the record of what was applied."""
    return "%s %s" % (resource, path)


def stale_staged(
    resource: str,
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
            impact="none",
            sentence="stage %s anew: what waits to be committed is no longer declared" % path,
        )
