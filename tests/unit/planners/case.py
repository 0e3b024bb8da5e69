"""Run one planner case: a host as observed, a declaration, and what the plan must say.

A case is a JSON file below cases/. ``host`` names a file of hosts/, ``observed`` overrides parts of
it, ``docker_kernel``, ``docker_proxy`` and so on are the roles' arguments, ``plan`` lists what must
differ: exactly these, in this order, with the fields that are given; ``asks`` names what is still
to be asked of the package manager, or of dockerd. ``complaint`` are words of the refusals.
``before_daemon`` has docker_engine hold the engine to come against what docker_daemon declares.

These are compared only if they are given: ``notes`` and ``warnings`` are all that the plan has;
``stages`` are all files that docker_storage and docker_daemon would stage, with text and mode, or
null for one that goes; ``unsaid`` are words that must appear nowhere in the plan.

In a host's ``applied`` a digest may be given as what it is made of: ``"@present"``, or a list;
``declared`` are values of daemon.json by pointer. Its ``activation`` has read the live daemon.json
and the unit's live files, unless ``document`` or ``unit_files`` say otherwise, and ``text`` is how
daemon.json was written then. In its ``failed`` the digest ``@planned`` is that of the set that this
case would stage, ``@staged`` that of the set that is staged. A host may be ``like`` another and
override parts of it.

A host's ``storage`` is what was observed of the filesystem under data-root: sizes may be words such
as 10G, options are one text, and a line of fstab may be its text alone. A case may override parts
of its volume or mount point. The ``docker_storage`` of a host is the declaration that it fulfils;
a case overrides parts of that.

``named_files`` are the files that daemon.json names, by name, and ``plugins`` are the host's;
``unknown_owners`` says which user or group of a userns-remap does not exist.

``transaction`` are package transactions that have not ended: what ours has ``begun`` (by package,
the versions before and after it), which packages are ``unfinished``, and who is ``busy``.

``programs`` are the files at the paths of the packages' programs, if they differ from what a
package installed.

A key that nobody reads is an error, in a case and in a host.

Runs on Python 3.6 with the standard library alone, as the planners do; started as a program it runs
every case.
"""

import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Tuple

ROOT = Path(__file__).resolve().parents[3]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / ".collections")]

from ansible_collections.dockwright.host.plugins.module_utils.planners.activation import commit
from ansible_collections.dockwright.host.plugins.module_utils.planners.concerns import ROLES
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import (
    ask_host,
    plan_host,
    staged_by,
)
from ansible_collections.dockwright.host.plugins.module_utils.words import difference
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Observation,
    StagedSet,
)

from tests.unit.planners.case_files import (
    case_names,
    overridden,
    read_case_file,
    read_host_file,
)
from tests.unit.planners.declared import declare
from tests.unit.planners.observed_host import Json, observe, staged


class Case(NamedTuple):
    """A case: what its file says, what it declares, what was seen, and which roles are planned."""

    said: Json
    declared: Declaration
    observed: Observation
    roles: Tuple[str, ...]


@lru_cache(maxsize=None)
def read_case(name: str) -> Case:
    """Read a case, once for all that ask."""
    said = read_case_file(name)
    host = overridden(read_host_file(said["host"]), said.get("observed", {}))
    case = Case(
        said=said,
        declared=declare(said, host),
        observed=observe(host),
        roles=tuple(said.get("roles", ROLES)),
    )
    return case._replace(observed=_with_failed(case))


@lru_cache(maxsize=None)
def plan_case(name: str) -> difference.Plan:
    """Plan a case, once for all that ask."""
    case = read_case(name)
    return plan_host(case.declared, case.observed, case.roles)


def run_case(name: str) -> Tuple[Json, Json]:
    """Plan a case; give what the plan says and what it must say, in the same shape."""
    case, plan = read_case(name), plan_case(name)
    result, complaint = difference.as_result(plan), difference.complaint(plan)
    says: Json = {
        "verdict": result["verdict"],
        "plan": [
            # The sentence without the addition on what the cure disturbs.
            {
                field: plan.differences[index].sentence if field == "sentence" else each[field]
                for field in _fields(case.said, index)
            }
            for index, each in enumerate(result["differences"])
        ],
        "unverifiable": [each["path"] for each in result["unverifiable"]],
        "asks": sorted(ask_host(case.declared, case.observed, case.roles)),
        "complaint": [words for words in case.said.get("complaint", []) if words in complaint],
    }
    wanted: Json = {"unverifiable": [], "asks": [], "complaint": []}
    wanted.update({field: case.said[field] for field in says if field in case.said})
    for kind, sentences in (("notes", plan.notes), ("warnings", plan.warnings)):
        if kind in case.said:
            says[kind], wanted[kind] = list(sentences), case.said[kind]
    if "stages" in case.said:
        says["stages"] = _to_stage(case).files
        wanted["stages"] = staged(case.said["stages"]).files
    if "unsaid" in case.said:
        everything = json.dumps([result, difference.as_diff(plan), complaint])
        says["unsaid"] = [words for words in case.said["unsaid"] if words in everything]
        wanted["unsaid"] = []
    return says, wanted


def _fields(said: Json, index: int) -> Any:
    return said["plan"][index] if index < len(said["plan"]) else ("resource", "path")


def _with_failed(case: Case) -> Observation:
    """Replace the name of a set by its digest."""
    observed = case.observed
    failed = observed.applied.failed
    if failed is None or not failed.digest.startswith("@"):
        return observed
    of_set = _to_stage(case) if failed.digest == "@planned" else observed.staged
    failed = failed._replace(digest=commit.set_digest(of_set, observed))
    return observed._replace(applied=observed.applied._replace(failed=failed))


def _to_stage(case: Case) -> StagedSet:
    """What the roles would stage, were nothing staged."""
    return staged_by(case.declared, case.observed._replace(staged=StagedSet()), case.roles)


def main() -> int:
    """Run every case; the exit status is the number of failures."""
    failed = 0
    for name in case_names():
        says, wanted = run_case(name)
        if says != wanted:
            failed += 1
            print(f"{name}\n  says  {json.dumps(says)}\n  wants {json.dumps(wanted)}")
    version = ".".join(str(part) for part in sys.version_info[:3])
    print(f"planner cases on Python {version}: {len(case_names())}, {failed} failed")
    return 1 if failed or not case_names() else 0


if __name__ == "__main__":
    sys.exit(main())
