# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run without docker_activation: what its roles stage waits for another run."""

from typing import Sequence

from ...words.declarations.host import Declaration
from ...words.difference import Plan
from ...words.observations.host import FileObserved, Observation, StagedSet
from .effect import differs

LAST = "docker_activation"


def plan_waiting(
    declaration: Declaration, observed: Observation, roles: Sequence[str], pending: StagedSet
) -> Plan:
    """Warn of files that will be staged, and that no role of this run brings into effect.

    A role that is planned by itself cannot know which roles come after it.
    """
    if LAST in roles or not declaration.activation.whole_run:
        return Plan()
    waiting = [
        path
        for path, file in sorted(pending.files.items())
        if differs(file, observed.files.get(path, FileObserved()))
    ]
    if not waiting:
        return Plan()
    told = "%s only waits to be brought into effect, for this run leaves out %s. Run that as well."
    if len(waiting) > 1:
        told = told.replace("waits", "wait")
    return Plan(warnings=(told % (", ".join(waiting), LAST),))
