# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the packages that Docker's own replace, and judge what a transaction would remove."""

from typing import Iterator, List, Optional, Sequence

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declarations.host import Declaration
from ...words.declared import declare_at
from ...words.difference import Difference, Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import Observation, UnitObserved
from ...words.tables.supported_systems import (
    AWAY_FOR_INSTALLATION,
    COMPANION_PACKAGES,
    PACKAGES,
    REPLACED_PACKAGES,
    SupportedSystem,
)
from ..containers.stop import stop_refusal
from ..host.comparison import Comparison
from ..repository.plan import ROLE
from ..units.start import phase_of_unit

_ALLOW_REMOVAL = "docker_engine_allow_podman_removal"
_PODMAN = "podman"
# Packages whose program runs containers, or is the daemon.
_ENGINES = ("docker.io", "docker", "docker-engine", "docker-latest", "containerd", "runc")
_RUNTIMES = ("containerd", "runc")


def compare_old_packages(
    declaration: Declaration, system: SupportedSystem, observed: Observation
) -> Iterator[Comparison]:
    """Compare each package that must go before Docker's own come; most are not installed."""
    for name in old_packages(system, observed):
        version = observed.packages[name].version
        declared = declare_at(
            resource=resources.ENGINE_OLD_PACKAGE, role=ROLE, path=name, wanted="not installed"
        )
        if not version:
            yield Comparison(declared)
            continue
        yield Comparison(
            declared,
            Difference(
                resource=resources.ENGINE_OLD_PACKAGE,
                role=ROLE,
                path=name,
                expected="not installed",
                actual=version,
                impact=impacts.RESTART if name in _ENGINES else impacts.NONE,
                sentence="remove %s, which Docker's own packages replace; images, containers and "
                "volumes stay" % name,
                refusal=_refusal(declaration, name, version, observed),
            ),
        )


def old_packages(system: SupportedSystem, observed: Observation) -> List[str]:
    """Name the packages that cannot be beside Docker's own on this host."""
    installed = bool(observed.packages["docker-ce"].version)
    return [
        name for name in system.old_packages if not (installed and name in AWAY_FOR_INSTALLATION)
    ]


def removal_complaint(
    engine: EngineDeclaration, removed: Sequence[str], old: Sequence[str], transaction: str
) -> str:
    """Say why a transaction's removals forbid it; empty where they do not."""
    expected = set(old).union(PACKAGES, COMPANION_PACKAGES, REPLACED_PACKAGES)
    others = [name for name in removed if name not in expected]
    podman = [name for name in others if _PODMAN in name]
    foreign = [name for name in others if name not in podman]
    if podman and not engine.allow_podman_removal:
        return (
            "Refused: Docker's packages cannot be installed beside %s, and the transaction would "
            "remove it. Set %s if that is meant. No package was changed. The transaction:\n%s"
            % (", ".join(podman), _ALLOW_REMOVAL, transaction)
        )
    if foreign:
        return (
            "Refused: the transaction would remove %s, which is not among the packages that Docker "
            "replaces. Remove it first if that is meant. No package was changed. The "
            "transaction:\n%s" % (", ".join(foreign), transaction)
        )
    return ""


def _refusal(
    declaration: Declaration, name: str, version: str, observed: Observation
) -> Optional[Refusal]:
    if name == _PODMAN:
        if declaration.engine.allow_podman_removal:
            return None
        return Refusal(
            found="podman %s is installed, and this distribution's packages of Docker take its "
            "place." % version,
            remedy="Its own containers and images stay on disk, unused. Set %s if it may go."
            % _ALLOW_REMOVAL,
            consent=_ALLOW_REMOVAL,
        )
    if name in _RUNTIMES and _serves_another(observed):
        return Refusal(
            found="%s %s is installed, and containerd.service is active while docker.service is "
            "not: its containers are somebody else's, such as those of Kubernetes."
            % (name, version),
            remedy="Stop containerd.service first if nothing needs it.",
        )
    if name in _ENGINES:
        return stop_refusal("Replacing %s" % name, declaration.activation, observed)
    return None


def _serves_another(observed: Observation) -> bool:
    """Whether containerd runs for somebody else, since Docker's daemon runs nothing."""
    runtime, daemon = (
        observed.units.get(name, UnitObserved()) for name in (CONTAINERD_SERVICE, DOCKER_SERVICE)
    )
    # A starting or stopping daemon has containers too.
    is_down = daemon.active_state != "active" and not phase_of_unit(daemon)
    return runtime.active_state == "active" and is_down
