# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge whether a host is a system that Dockwright supports."""

from typing import Optional

from ...words import impacts, resources
from ...words.difference import Difference, Refusal
from ...words.observations.host import Observation, System
from ...words.tables.supported_systems import (
    ARCHITECTURES,
    SupportedSystem,
    find_refused,
    supported_names,
)

ROLE = "docker_plan"


def unfit_system(
    observed: Observation, supported: Optional[SupportedSystem]
) -> Optional[Difference]:
    """Refuse a system or an architecture without support."""
    if supported is None:
        return _unsupported(observed.system)
    return _unsuitable_architecture(supported, observed)


def _unsupported(system: System) -> Difference:
    found = " ".join(part for part in (system.distribution, system.version, system.release) if part)
    supported = "Supported are %s." % "; ".join(supported_names())
    refused = find_refused(system.distribution, system.version)
    if refused is None:
        refusal = Refusal(
            found="this host is %s, which Dockwright does not support." % found, remedy=supported
        )
    else:
        refusal = Refusal(
            found="this host is %s: %s." % (found, refused.reason),
            remedy="%s %s" % (refused.remedy, supported),
        )
    return Difference(
        resource=resources.SYSTEM,
        role=ROLE,
        path="/etc/os-release",
        expected="a supported system",
        actual=found,
        impact=impacts.NONE,
        sentence="%s cannot be made a Docker host" % found,
        refusal=refusal,
    )


def _unsuitable_architecture(
    supported: SupportedSystem, observed: Observation
) -> Optional[Difference]:
    known = ARCHITECTURES[supported.family]
    if not observed.architecture or observed.architecture in known:
        return None
    return Difference(
        resource=resources.SYSTEM,
        role=ROLE,
        path="architecture",
        expected=", ".join(known),
        actual=observed.architecture,
        impact=impacts.NONE,
        sentence="there are no packages for %s" % observed.architecture,
        refusal=Refusal(
            found="this host's architecture is %s." % observed.architecture,
            remedy="Docker builds packages for %s." % ", ".join(known),
        ),
    )
