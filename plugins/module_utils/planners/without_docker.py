# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run of some roles on a host without Docker: the activation has nothing to activate there."""

from typing import Collection, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.difference import (
    Difference,
    Plan,
    Refusal,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation

ROLE = "docker_activation"
DAEMON = "docker.service"


def activates(observed: Observation, roles: Sequence[str]) -> bool:
    """Whether there is an engine to activate, or one of these roles installs it.

    The activation alone, as a role of a play of the user's own, may follow what installs it.
    """
    if ROLE not in roles:
        return False
    unit = observed.units.get(DAEMON)
    missing = unit is not None and unit.load_state == "not-found"
    return not missing or "docker_engine" in roles or tuple(roles) == (ROLE,)


def plan_without_docker(staged: Collection[str]) -> Plan:
    """Say that nothing is activated, or refuse to stage what nothing would take."""
    if not staged:
        told = "Docker is not installed here, and docker_engine is none of the roles of this run: "
        return Plan(notes=(told + "there is nothing to activate.",))
    refusal = Refusal(
        "there is no %s on this host, and nothing would take %s." % (DAEMON, ", ".join(staged)),
        "Have docker_engine run as well: leave --tags and --skip-tags out, or correct them.",
    )
    return Plan(
        (
            Difference(
                "service.running",
                ROLE,
                DAEMON,
                "active",
                "no such unit",
                "none",
                "start %s" % DAEMON,
                refusal=refusal,
            ),
        )
    )
