# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of a whole host: what to look at, and what differs."""

import contextlib
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ...words.declarations.host import ROLES, Declaration, upstream_version
from ...words.difference import Difference, Plan, Refusal, complaint, join
from ...words.observations.host import Look, Observation, Question, StagedSet, System
from ...words.tables.daemon_options import parse_version
from ...words.tables.supported_systems import (
    ARCHITECTURES,
    SupportedSystem,
    find_refused,
    find_supported,
    supported_names,
)
from ..activation.effect import with_staged
from ..activation.other_daemons import plan_other_daemons
from ..activation.plan import look_at_activation, plan_activation
from ..activation.waiting import plan_waiting
from ..activation.without_docker import activates, plan_without_docker
from ..containers.consented import consented_stops
from ..daemon.desired import RESOURCE, installed_version, stage_daemon
from ..daemon.desired import is_answered_for as configures_daemon
from ..daemon.document import PATH, NotADocument, keys_of
from ..daemon.plan import ask_daemon, look_at_daemon, plan_daemon
from ..engine.offers import read_offers
from ..engine.plan import ask_engine, look_at_engine, plan_engine
from ..engine.unfinished import as_meant, plan_half_engine
from ..engine.versions import versions_to_come
from ..group.plan import look_at_group, plan_group
from ..kernel.plan import look_at_kernel, plan_kernel
from ..proxy.plan import NAME as PROXY_NAME
from ..proxy.plan import is_answered_for as leads_through_a_proxy
from ..proxy.plan import look_at_proxy, plan_proxy, stage_proxy
from ..storage.plan import is_answered_for as guards_docker
from ..storage.plan import look_at_storage, plan_storage, stage_storage
from ..trust.trusted_paths import look_at_access
from ..units.drop_in import look_at_drop_in, path_of, plan_drop_in, stage_drop_in
from ..upgrade.engine import plan_coming_engine
from ..upgrade.engine_versions import Versions
from .comparison import attribute_causes
from .first_process import compare_first_process
from .record import plan_record

ROLE = "docker_plan"
# What of a look is said by several planners, and looked at for all of them.
_LISTS = ("files", "globs", "packages", "units", "carried")
# The roles that leave the commit of what they declare to the activation.
STAGING = frozenset(("docker_proxy", "docker_storage", "docker_daemon"))


def look_at_host(system: System, declaration: Declaration, roles: Sequence[str] = ROLES) -> Look:
    """What to look at on a host for these roles; nothing on one that is not supported."""
    supported = find_supported(system.distribution, system.version)
    if supported is None:
        return Look()
    looks = [
        look_at_proxy(),
        look_at_storage(declaration.storage),
        look_at_engine(supported),
        look_at_daemon(declaration.daemon),
        look_at_activation(),
        look_at_access(declaration),
    ]
    if declaration.drop_in is not None:
        looks.append(look_at_drop_in(declaration.drop_in))
    if "docker_kernel" in roles:
        looks.append(look_at_kernel(declaration.kernel, supported))
    if "docker_group" in roles:
        looks.append(look_at_group(declaration.group))
    return _together(looks)


def _together(looks: Sequence[Look]) -> Look:
    """Make one look of all: lists are joined, all else is said by one of them alone."""
    joined: Dict[str, Any] = {}
    for name in Look._fields:
        said = [getattr(each, name) for each in looks if getattr(each, name)]
        if name in _LISTS:
            joined[name] = tuple(dict.fromkeys(each for value in said for each in value))
        elif said:
            joined[name] = said[0]
    return Look(**joined)


def as_committed(observed: Observation) -> Observation:
    """The host as it will be once what is staged is live."""
    files = with_staged(observed.files, observed.staged)
    return observed._replace(files=files, staged=StagedSet())


def ask_host(
    declaration: Declaration, observed: Observation, roles: Sequence[str] = ROLES
) -> Dict[str, Question]:
    """What to ask next of a host, after what was seen and answered so far; mostly nothing."""
    supported = find_supported(observed.system.distribution, observed.system.version)
    if supported is None:
        return {}
    questions: Dict[str, Question] = {}
    if compare_first_process(observed, roles, declaration.drop_in is not None) is not None:
        return questions
    if "docker_engine" in roles:
        questions.update(ask_engine(declaration, supported, observed))
    if "docker_daemon" in roles:
        versions = _engine_versions(declaration, supported, observed, roles)
        questions.update(ask_daemon(declaration, supported, observed, versions))
    return questions


def plan_host(
    declaration: Declaration, observed: Observation, roles: Sequence[str] = ROLES
) -> Plan:
    """Compare a host with what these roles declare, and say what a consent lets a run do."""
    plan = _plan_host(declaration, observed, roles)
    stops = consented_stops(declaration, lambda unasked: _plan_host(unasked, observed, roles))
    return join([plan, Plan(warnings=tuple(stops))])


def _plan_host(declaration: Declaration, observed: Observation, roles: Sequence[str]) -> Plan:
    """Compare a host with what these roles declare; an unsupported one has a refusal instead."""
    system = observed.system
    supported = find_supported(system.distribution, system.version)
    if supported is None:
        return Plan((_unsupported(system),))
    unsuitable = _unsuitable_architecture(supported, observed)
    if unsuitable is not None:
        return Plan((unsuitable,))
    unstartable = compare_first_process(observed, roles, declaration.drop_in is not None)
    if unstartable is not None:
        return Plan((unstartable,))
    plans: List[Plan] = []
    pending = staged_by(declaration, observed, roles)
    versions = _engine_versions(declaration, supported, observed, roles)
    planned_keys: List[str] = []
    if "docker_kernel" in roles:
        plans.append(plan_kernel(declaration, supported, observed))
    if "docker_proxy" in roles:
        plans.append(plan_proxy(declaration, observed, pending))
    if declaration.drop_in is not None:
        activation = declaration.activation
        plans.append(plan_drop_in(declaration.drop_in, activation, observed, pending))
    if "docker_group" in roles:
        plans.append(plan_group(declaration, observed))
    if "docker_storage" in roles:
        plans.append(plan_storage(declaration, supported, observed, pending))
    if "docker_engine" in roles:
        engine = plan_engine(declaration, supported, observed)
        plans.append(engine)
        plans.extend(_before_installing(declaration, observed, roles, engine))
        alone = "docker_daemon" not in roles
        plans.append(plan_coming_engine(declaration, supported, observed, versions, pending, alone))
    if "docker_daemon" in roles:
        plans.append(plan_daemon(declaration, supported, observed, versions, pending))
        differing = plans[-1].of_resource(RESOURCE)
        planned_keys = [keys_of(each.path)[0] for each in differing if each.path != PATH]
    if "docker_activation" in roles and not activates(declaration, observed, roles):
        plans.append(plan_without_docker(sorted(pending.files), roles))
    elif "docker_activation" in roles:
        plans.append(plan_other_daemons(declaration, observed, "docker_activation"))
        anew = pending if STAGING.intersection(roles) else None
        drop_ins = (PROXY_NAME,) if "docker_proxy" in roles else ()
        restaged = [path for path in observed.staged.files if _is_staged_anew(path, roles)]
        configured = "docker_daemon" in roles
        plans.append(
            plan_activation(
                declaration, observed, anew, planned_keys, drop_ins, restaged, configured
            )
        )
        if "docker_engine" not in roles:
            plans.append(plan_half_engine(observed, plans[-1]))
    plans.append(plan_waiting(declaration, observed, roles, pending))
    plans.append(plan_record(observed, roles))
    return attribute_causes(join(plans), observed.applied, observed.run_at_work)


def resolved_complaint(
    declaration: Declaration, observed: Observation, versions: Mapping[str, str]
) -> str:
    """Say why the engine of these resolved packages cannot be installed; empty where it can."""
    supported = find_supported(observed.system.distribution, observed.system.version)
    if supported is None or "docker-ce" not in versions:
        return ""
    version = upstream_version(versions["docker-ce"])
    exact = Versions(parse_version(version))
    awaited = _awaited(declaration, observed, ("docker_engine",))
    said = complaint(plan_coming_engine(declaration, supported, observed, exact, awaited))
    return said and "No package was changed; docker-ce was to be %s. %s" % (version, said)


def _before_installing(
    declaration: Declaration, observed: Observation, roles: Sequence[str], engine: Plan
) -> List[Plan]:
    """Refuse to install beside a daemon in the way; what a run may stop, the activation does."""
    if "docker_activation" in roles or not engine.of_resource("engine.package"):
        return []
    plan = plan_other_daemons(declaration, observed, "docker_engine")
    return [plan._replace(differences=plan.refused)]


def _awaited(declaration: Declaration, observed: Observation, roles: Sequence[str]) -> StagedSet:
    """What will be staged by the time the engine starts."""
    follows = ("docker_daemon",) if declaration.engine.before_daemon else ()
    return staged_by(declaration, observed, tuple(roles) + follows)


def _is_staged_anew(path: str, roles: Sequence[str]) -> bool:
    """Whether one of these roles answers for a staged file."""
    answering = {
        "docker_proxy": leads_through_a_proxy,
        "docker_storage": guards_docker,
        "docker_daemon": configures_daemon,
    }
    return any(answers(path) for role, answers in answering.items() if role in roles)


def staged_by(declaration: Declaration, observed: Observation, roles: Sequence[str]) -> StagedSet:
    """What will be staged once these roles have run; what is not theirs waits as it does."""
    staged = observed.staged.files
    files = {path: file for path, file in staged.items() if not _is_staged_anew(path, roles)}
    if "docker_proxy" in roles:
        files.update(stage_proxy(declaration.proxy, observed).staged.files)
    if declaration.drop_in is not None:
        files.pop(path_of(declaration.drop_in), None)
        files.update(stage_drop_in(declaration.drop_in, observed).staged.files)
    if "docker_storage" in roles:
        files.update(stage_storage(declaration.storage, observed).files)
    if "docker_daemon" in roles:
        with contextlib.suppress(NotADocument):
            files.update(stage_daemon(declaration.daemon, observed).files)
    return StagedSet(files)


def _engine_versions(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    roles: Sequence[str],
) -> Versions:
    """The versions of the engine that will read the configuration: one, or what may come."""
    if "docker_engine" not in roles:
        return Versions(installed_version(observed))
    engine = declaration.engine
    offered = read_offers(engine, system, observed)
    return versions_to_come(engine.version, engine.upgrade, as_meant(engine, observed), offered)


def _unsupported(system: System) -> Difference:
    found = " ".join(part for part in (system.distribution, system.version, system.release) if part)
    supported = "Supported are %s." % "; ".join(supported_names())
    refused = find_refused(system.distribution, system.version)
    if refused is None:
        refusal = Refusal("this host is %s, which Dockwright does not support." % found, supported)
    else:
        refusal = Refusal(
            "this host is %s: %s." % (found, refused.reason), "%s %s" % (refused.remedy, supported)
        )
    return Difference(
        "system",
        ROLE,
        "/etc/os-release",
        "a supported system",
        found,
        "none",
        "%s cannot be made a Docker host" % found,
        refusal=refusal,
    )


def _unsuitable_architecture(
    supported: SupportedSystem, observed: Observation
) -> Optional[Difference]:
    known = ARCHITECTURES[supported.family]
    if not observed.architecture or observed.architecture in known:
        return None
    return Difference(
        "system",
        ROLE,
        "architecture",
        ", ".join(known),
        observed.architecture,
        "none",
        "there are no packages for %s" % observed.architecture,
        refusal=Refusal(
            "this host's architecture is %s." % observed.architecture,
            "Docker builds packages for %s." % ", ".join(known),
        ),
    )
