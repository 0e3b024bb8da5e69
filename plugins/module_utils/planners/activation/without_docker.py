# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run of some roles on a host without Docker, where there is nothing to activate."""

from typing import Collection, Sequence

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import Observation

ROLE = "docker_activation"


def activates(declaration: Declaration, observed: Observation, roles: Sequence[str]) -> bool:
    """Whether there is an engine to activate, or one of these roles installs it.

    In a user's own play the activation may come after something else that installs it.
    """
    if ROLE not in roles:
        return False
    unit = observed.units.get(DOCKER_SERVICE)
    missing = unit is not None and unit.load_state == "not-found"
    follows = tuple(roles) == (ROLE,) and not declaration.activation.whole_run
    return not missing or "docker_engine" in roles or follows


def plan_without_docker(staged: Collection[str], roles: Sequence[str]) -> Plan:
    """Say that nothing is activated, or refuse to stage what nothing would use.

    Whoever asks only for the activation asks for a running daemon.
    """
    if not staged and tuple(roles) != (ROLE,):
        told = "Docker is not installed here, and docker_engine is none of the roles of this run: "
        return Plan(notes=(told + "there is nothing to activate.",))
    waiting = ", and nothing would take %s" % ", ".join(staged) if staged else ""
    refusal = Refusal(
        found="there is no %s on this host%s." % (DOCKER_SERVICE, waiting),
        remedy="Have docker_engine run as well: leave --tags and --skip-tags out, or correct them.",
    )
    return Plan(
        (
            Difference(
                resource=resources.SERVICE_RUNNING,
                role=ROLE,
                path=DOCKER_SERVICE,
                expected="active",
                actual="no such unit",
                impact=impacts.NONE,
                sentence="start %s" % DOCKER_SERVICE,
                refusal=refusal,
            ),
        )
    )
