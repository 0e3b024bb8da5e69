# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the versions of the engine's packages with what is declared."""

from typing import Iterator, List, Mapping, Optional, Sequence, Tuple

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration, upstream_version
from ...words.declarations.host import Declaration
from ...words.declared import declare_by_digest, digest
from ...words.difference import Difference, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.impacts import Impact
from ...words.observations.host import Observation, PackageObserved, UnitObserved
from ...words.tables.supported_systems import COMPANION_PACKAGES, ENGINE_PACKAGES, PACKAGES
from ..containers.stop import stop_refusal
from ..host.comparison import Comparison
from ..repository.forbidden import kept_from
from ..repository.plan import ROLE
from ..upgrade.runtime_restart import runtime_refusal
from .unfinished import (
    is_due,
    is_ours,
    state_refusal,
    to_finish,
    unfinished_package,
    waits_for_triggers,
)
from .versions import is_declared, upgrades

Offered = Mapping[str, Sequence[str]]


def compare_packages(
    declaration: Declaration, family: str, observed: Observation, offered: Offered
) -> Iterator[Comparison]:
    """Compare the whole set, and its installed companions.

    ``offered`` are the site's versions, newest first, if an upgrade is declared.
    """
    engine = declaration.engine
    newer = upgrades(engine.version, observed.packages, offered) if engine.upgrade else {}
    for name in managed_packages(observed):
        package = observed.packages[name]
        version = _declared_version(engine, name, observed)
        to = newer.get(name, "")
        wanted = engine.version if name in ENGINE_PACKAGES else version
        declared = declare_by_digest(
            resource=resources.ENGINE_PACKAGE,
            role=ROLE,
            path=name,
            digest=digest(*([wanted, to] if to else [wanted])),
        )
        due = is_due(family, engine, observed, name)
        if _is_settled(version, name, observed) and not to and not due:
            yield Comparison(declared)
            continue
        yield Comparison(
            declared,
            Difference(
                resource=resources.ENGINE_PACKAGE,
                role=ROLE,
                path=name,
                expected=to or _expected(to_finish(engine, observed).get(name, version)),
                actual=_found(package),
                impact=_impact(name, observed),
                sentence=_sentence(declaration, name, to or version, observed),
                refusal=_refusal(declaration, name, package, observed)
                or kept_from(engine, observed, name, _known(to or version)),
            ),
        )


def managed_packages(observed: Observation) -> Tuple[str, ...]:
    """Give the package set and its installed companions."""
    companions = tuple(name for name in COMPANION_PACKAGES if observed.packages[name].version)
    return PACKAGES + companions


def settled_packages(engine: EngineDeclaration, observed: Observation) -> List[str]:
    """Give those of the set that are installed as declared, whatever a site has newer."""
    return [
        name
        for name in managed_packages(observed)
        if _is_settled(_declared_version(engine, name, observed), name, observed)
    ]


def _is_settled(version: str, name: str, observed: Observation) -> bool:
    """Whether a package is whole and at a version that is as declared."""
    there = observed.packages[name].version
    is_whole = unfinished_package(observed, name) is None
    return bool(there and is_whole and is_declared(version, there))


def _declared_version(engine: EngineDeclaration, name: str, observed: Observation) -> str:
    """Give what is declared of one package: the engine's have one version, docker-ce's."""
    if name not in ENGINE_PACKAGES:
        return "present"
    settled = _is_settled(engine.version, "docker-ce", observed)
    if not engine.is_exact and name != "docker-ce" and settled:
        return upstream_version(observed.packages["docker-ce"].version)
    return engine.version


def _refusal(
    declaration: Declaration, name: str, package: PackageObserved, observed: Observation
) -> Optional[Refusal]:
    refusal = state_refusal(observed, name)
    if refusal is not None:
        return refusal
    if waits_for_triggers(observed, name):
        return None
    if name == "containerd.io" and package.version:
        return runtime_refusal("Replacing containerd.io", declaration.activation, observed)
    if name != "docker-ce" or not package.version:
        return None
    engine = declaration.engine
    if engine.version != "present" and not engine.allow_downgrade:
        now, then = _major(package.version), _major(engine.version)
        if then < now:
            return Refusal(
                found="docker-ce is %s and %s is declared, a major version back."
                % (upstream_version(package.version), upstream_version(engine.version)),
                remedy="An older engine may not read what the newer one wrote. "
                "Set docker_engine_allow_downgrade if that is meant.",
                consent="docker_engine_allow_downgrade",
            )
    return stop_refusal("Replacing docker-ce", declaration.activation, observed)


def _major(version: str) -> int:
    return int(upstream_version(version).split(".")[0])


def _known(version: str) -> str:
    """Give a version or its beginning without an epoch; empty where any version will do."""
    return "" if version == "present" else version


def _expected(version: str) -> str:
    if version == "present":
        return "installed"
    if version.count(".") < 2:
        return "%s.%s, resolved at apply" % (version, "x" if "." in version else "x.x")
    return version


def _found(package: PackageObserved) -> str:
    if package.state:
        return "%s (%s)" % (package.version, package.state)
    return package.version or "not installed"


def _impact(name: str, observed: Observation) -> Impact:
    """Give the impact: a restart if a running daemon gets another file."""
    if name != "docker-ce" or not observed.packages[name].version:
        return impacts.NONE
    # What is unpacked and never ran needs no restart.
    runs = observed.units.get(DOCKER_SERVICE, UnitObserved()).active_state == "active"
    cut_off = unfinished_package(observed, name) is not None or name in observed.transaction.begun
    if (cut_off and not runs) or waits_for_triggers(observed, name):
        return impacts.NONE
    return impacts.RESTART


def _sentence(declaration: Declaration, name: str, version: str, observed: Observation) -> str:
    package, found = observed.packages[name], unfinished_package(observed, name)
    meant = to_finish(declaration.engine, observed).get(name, "")
    if found is not None and observed.transaction.busy:
        return "finish %s once nobody is at work with packages: %s" % (
            name,
            observed.transaction.busy,
        )
    if found is not None and (meant or is_ours(observed, name)):
        return "finish %s %s, which an earlier run began to install" % (name, meant or version)
    if meant and meant == package.version:
        return "install %s %s again: the run that brought it was cut off" % (name, meant)
    version = meant or version
    if version == "present":
        wanted = "the newest version of the site, resolved at apply"
    else:
        wanted = _expected(version)
    if not package.version:
        return "install %s, %s" % (name, wanted)
    return "change %s from %s to %s" % (name, package.version, wanted)
