# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell whose cut-off package transaction it is: ours is finished, another's is refused.

What each command does was tried on packages that a SIGKILL had left in each of dpkg's states. `dpkg
--configure` mends what is unpacked or half-configured, unless it needs reinstallation. `apt-get
install --reinstall NAME=VERSION` mends every state if the archive is there, which `apt-get
--fix-broken install` does not. On rpm, `dnf reinstall` of one version removes the other.
"""

from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration, without_epoch
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, Observation, PackageObserved, UnitObserved
from ...words.observations.transaction import TWICE, BegunPackage, UnfinishedPackage
from ...words.paths import DAEMON_JSON, TRANSACTION_RECORD
from ...words.tables.supported_systems import (
    COMPANION_PACKAGES,
    ENGINE_PACKAGES,
    PACKAGES,
    SupportedSystem,
)
from ..repository.plan import ROLE
from .versions import is_declared

HELD_BACK = "SYSTEMD_OFFLINE=1"
_STATUS = "/var/lib/dpkg/status"
_OURS = PACKAGES + COMPANION_PACKAGES
# Configured, but waiting for triggers, its own or another package's (deb-triggers(5)).
_TRIGGERS = ("triggers-awaited", "triggers-pending")
_CONFIGURABLE = ("unpacked", "half-configured")
# Their package scripts start or restart services.
_STARTING = ("docker-ce", "containerd.io")


class Cure(NamedTuple):
    """How to finish packages: those to configure, those to reinstall, and pending triggers.

    ``twice`` are those to reinstall of which there are two versions.
    """

    configure: Tuple[str, ...] = ()
    again: Tuple[Tuple[str, str], ...] = ()
    triggers: bool = False
    twice: Tuple[str, ...] = ()


def unfinished_package(observed: Observation, name: str) -> Optional[UnfinishedPackage]:
    """Give a package's state if it is not whole; None where it is whole or not there."""
    found = observed.transaction.unfinished.get(name)
    package = observed.packages.get(name, PackageObserved())
    if found is None and package.state:
        return UnfinishedPackage(version=package.version, state=package.state)
    return found


def is_ours(observed: Observation, name: str) -> bool:
    """Whether a transaction of ours has left this package unfinished."""
    begun = _begun(observed, name)
    found = unfinished_package(observed, name)
    if begun is None or found is None:
        return False
    # Somebody else has since installed a version that was neither the old nor the new one.
    known = [without_epoch(each) for each in begun]
    return not begun.to or not found.version or without_epoch(found.version) in known


def to_finish(engine: EngineDeclaration, observed: Observation) -> Dict[str, str]:
    """Give the versions that our transaction was bringing, if they are still declared."""
    return {
        name: each.to
        for name, each in observed.transaction.begun.items()
        if name in _OURS
        and each.to
        and (name not in ENGINE_PACKAGES or is_declared(engine.version, each.to))
    }


def as_meant(engine: EngineDeclaration, observed: Observation) -> Dict[str, PackageObserved]:
    """Give the packages as they would be if our transaction had not been cut off."""
    packages = dict(observed.packages)
    for name, version in to_finish(engine, observed).items():
        packages[name] = packages.get(name, PackageObserved())._replace(version=version)
    return packages


def is_due(family: str, engine: EngineDeclaration, observed: Observation, name: str) -> bool:
    """Whether our transaction still has work to do on a package that looks whole.

    rpm tells neither whether a package's scripts have run nor whether all its files are there.
    """
    version = observed.packages.get(name, PackageObserved()).version
    if family == "rpm":
        return bool(version) and _begun(observed, name) is not None
    meant = to_finish(engine, observed).get(name)
    return meant is not None and meant != version


def waits_for_triggers(observed: Observation, name: str) -> bool:
    """Whether only a trigger is missing: the package is configured, and its files stay."""
    found = unfinished_package(observed, name)
    return found is not None and found.state in _TRIGGERS and not found.reinstall


def state_refusal(observed: Observation, name: str) -> Optional[Refusal]:
    """Refuse to continue from what somebody else's transaction has left of a package of Docker's.

    The work of a process that still runs is waited for instead.
    """
    found = unfinished_package(observed, name)
    if found is None or observed.transaction.busy or is_ours(observed, name):
        return None
    manager = "rpm" if found.state == TWICE else "dpkg"
    again = ", reinst-required" if found.reinstall else ""
    return Refusal(
        found="%s has %s as %s%s." % (manager, name, found.state, again), remedy=_remedy(observed)
    )


def plan_unfinished(system: SupportedSystem, observed: Observation, changes: bool) -> Plan:
    """Plan to finish a transaction of ours, and name what keeps any transaction from starting.

    ``changes`` tells whether packages are to be changed at all.
    """
    busy = observed.transaction.busy
    differences: List[Difference] = []
    if observed.transaction.begun:
        differences.append(_unended(observed))
    ours, others = _others(system, observed)
    differences.extend(_came_with(name, each) for name, each in ours.items())
    if not others or busy:
        return Plan(tuple(differences))
    if differences or changes:
        return Plan(tuple(differences) + (_in_the_way(observed, others),))
    told = "No package of this host can be changed safely: %s %s"
    return Plan(notes=(told % (_found_others(others), _remedy_of_others(observed, others)),))


def plan_half_engine(observed: Observation, activation: Plan) -> Plan:
    """Refuse to start or restart an engine whose packages are not whole, if nobody finishes them.

    This is for a run without docker_engine, which would finish them first, or refuse.
    """
    found = _unfinished_docker(observed)
    half = [name for name in _STARTING if name in found and not waits_for_triggers(observed, name)]
    if not half or not activation.mended or observed.transaction.busy:
        return Plan()
    told = ", ".join("%s as %s" % (name, found[name].state) for name in half)
    refusal = Refusal(
        found="the package database has %s, and docker_engine is none of the roles of this run."
        % told,
        remedy="Have docker_engine run as well: it finishes what a run has begun, or says what "
        "does.",
    )
    sentence = "dockerd is neither started nor restarted from a package that is not whole"
    return Plan(
        (
            Difference(
                resource=resources.ENGINE_TRANSACTION,
                role="docker_activation",
                path=half[0],
                expected="installed",
                actual="%s (%s)" % (found[half[0]].version, found[half[0]].state),
                impact=impacts.NONE,
                sentence=sentence,
                refusal=refusal,
            ),
        )
    )


def cure_of_ours(system: SupportedSystem, observed: Observation) -> Cure:
    """Say how to finish the packages that came with Docker's, before Docker's own."""
    ours, _theirs = _others(system, observed)
    waiting = any(waits_for_triggers(observed, name) for name in _OURS)
    return cure(ours)._replace(triggers=waiting)


def cure_of_docker(system: SupportedSystem, observed: Observation) -> Cure:
    """Say how to finish Docker's own packages, each in its present version."""
    packages = _unfinished_docker(observed)
    if system.family == "rpm":
        for name, each in observed.packages.items():
            if name in _OURS and each.version and _begun(observed, name) is not None:
                packages.setdefault(name, UnfinishedPackage(each.version))
    return cure(packages)


def cure(packages: Mapping[str, UnfinishedPackage]) -> Cure:
    """Sort packages by how they are finished."""
    configure, install = [], []
    for name, each in sorted(packages.items()):
        if each.state in _TRIGGERS and not each.reinstall:
            continue
        kept = each.wanted in ("install", "hold")
        if each.state in _CONFIGURABLE and kept and not each.reinstall:
            configure.append(name)
        else:
            install.append((name, each.version))
    triggers = any(each.state in _TRIGGERS for each in packages.values())
    twice = tuple(name for name, each in packages.items() if each.state == TWICE)
    return Cure(configure=tuple(configure), again=tuple(install), triggers=triggers, twice=twice)


def _unfinished_docker(observed: Observation) -> Dict[str, UnfinishedPackage]:
    found = {name: unfinished_package(observed, name) for name in _OURS}
    return {name: each for name, each in found.items() if each is not None}


def _begun(observed: Observation, name: str) -> Optional[BegunPackage]:
    begun = observed.transaction.begun
    # dpkg names a library's architecture; apt does not name the host's own.
    return begun.get(name) or begun.get(name.partition(":")[0])


def _others(
    system: SupportedSystem, observed: Observation
) -> Tuple[Dict[str, UnfinishedPackage], Dict[str, UnfinishedPackage]]:
    """Give what is not whole besides Docker's own: what our transaction brought, and all else.

    A package that will be removed can go from every state but one; triggers are in nobody's way.
    """
    ours: Dict[str, UnfinishedPackage] = {}
    others: Dict[str, UnfinishedPackage] = {}
    for name, each in observed.transaction.unfinished.items():
        goes = name in system.old_packages and not each.reinstall
        if name in _OURS or goes or (each.state in _TRIGGERS and not each.reinstall):
            continue
        (ours if is_ours(observed, name) else others)[name] = each
    return ours, others


def _unended(observed: Observation) -> Difference:
    transaction = observed.transaction
    sentence = "finish the package transaction that an earlier run began and did not end"
    if transaction.busy:
        sentence += ", once nobody is at work with packages: %s" % transaction.busy
    return Difference(
        resource=resources.ENGINE_TRANSACTION,
        role=ROLE,
        path=TRANSACTION_RECORD,
        expected="no transaction that is not at its end",
        actual=", ".join(sorted(transaction.begun)),
        impact=impacts.NONE,
        sentence=sentence,
    )


def _came_with(name: str, package: UnfinishedPackage) -> Difference:
    return Difference(
        resource=resources.ENGINE_TRANSACTION,
        role=ROLE,
        path=name,
        expected="installed",
        actual="%s (%s)" % (package.version, package.state),
        impact=impacts.NONE,
        sentence="finish %s, which came with Docker's packages" % name,
    )


def _in_the_way(observed: Observation, others: Mapping[str, UnfinishedPackage]) -> Difference:
    found = _found_others(others)
    return Difference(
        resource=resources.ENGINE_TRANSACTION,
        role=ROLE,
        path=_STATUS,
        expected="packages that are whole",
        actual=found,
        impact=impacts.NONE,
        sentence="no package can be changed before these are whole",
        refusal=Refusal(found=found, remedy=_remedy_of_others(observed, others)),
    )


def _found_others(others: Mapping[str, UnfinishedPackage]) -> str:
    told = [
        "%s as %s%s" % (name, each.state, ", reinst-required" if each.reinstall else "")
        for name, each in sorted(others.items())
    ]
    more = len(told) - 10
    listed = "; ".join(told[:10]) + ("; and %d more" % more if more > 0 else "")
    return "an earlier package transaction was cut off, and dpkg has %s." % listed


def _remedy_of_others(observed: Observation, others: Mapping[str, UnfinishedPackage]) -> str:
    found = cure(others)
    whole = not _unfinished_docker(observed)
    commands = []
    if found.configure or found.again:
        # While Docker's own are unfinished too, `-a` would start the daemon too early.
        names = "-a" if whole else " ".join(found.configure)
        commands.extend(["dpkg --configure %s" % names] if names else [])
    if found.again:
        commands.append(
            "apt-get install --reinstall %s" % " ".join(name for name, _why in found.again)
        )
    remedy = (
        "Run `%s` as root: it finishes what was cut off, and starts the services that are theirs."
        % ("; ".join(commands))
    )
    if found.again:
        remedy += (
            " One that is to go, or has no archive any more, goes by "
            "`dpkg --remove --force-remove-reinstreq NAME`."
        )
    return remedy


def _remedy(observed: Observation) -> str:
    """Say how to finish all of Docker's packages that somebody else's transaction has left."""
    packages = _unfinished_docker(observed)
    held, starts = _what_starts(observed, packages)
    said = "No run of docker_engine began that. Run `%s` as root: %s" % (
        "; ".join("%s%s" % (held, each) for each in _commands(packages)),
        starts,
    )
    if any(each.state == "unpacked" and not each.reinstall for each in packages.values()):
        said += (
            " If it names packages that are missing, "
            "`%sapt-get --fix-broken install` brings them." % held
        )
    return said


def _commands(packages: Mapping[str, UnfinishedPackage]) -> Iterable[str]:
    twice = {name: each for name, each in packages.items() if each.state == TWICE}
    if twice:
        names = " ".join("%s-%s" % (name, each.version) for name, each in sorted(twice.items()))
        # The lock would keep dnf from either version.
        return ["dnf --disableplugin=versionlock reinstall %s" % names]
    found, commands = cure(packages), []
    if found.configure:
        commands.append("dpkg --configure %s" % " ".join(found.configure))
    if found.again:
        if not found.configure:
            # apt does nothing until dpkg's journal is written back, which this does.
            commands.append("dpkg --configure %s" % found.again[0][0])
        pins = " ".join("%s=%s" % each for each in found.again)
        commands.append("apt-get install --reinstall --allow-change-held-packages %s" % pins)
    if found.triggers:
        commands.append("dpkg --triggers-only -a")
    return commands


def _what_starts(
    observed: Observation, packages: Mapping[str, UnfinishedPackage]
) -> Tuple[str, str]:
    """Say how to hold package scripts back, and what the cure starts with and without that."""
    scripts = [
        name
        for name, each in packages.items()
        if name in _STARTING and (each.state not in _TRIGGERS or each.reinstall)
    ]
    if not scripts:
        return "", "it finishes what was cut off and starts nothing."
    active = observed.units.get(DOCKER_SERVICE, UnitObserved()).active_state == "active"
    if active:
        without = "restart the running dockerd"
    elif observed.files.get(DAEMON_JSON, FileObserved()).kind == "absent":
        without = "start dockerd at once, without %s" % DAEMON_JSON
    else:
        without = "start dockerd at once, with %s as it is" % DAEMON_JSON
    return (
        HELD_BACK + " ",
        "it finishes what was cut off and starts nothing, and the next run does the rest. "
        "Without %s it would %s." % (HELD_BACK, without),
    )
