# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan a whole host: what to look at, and what differs."""

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ...words.declarations.engine import upstream_version
from ...words.declarations.host import Declaration
from ...words.difference import Difference, Plan, complaint, join
from ...words.observations.host import Look, Observation, Question, StagedSet, System
from ...words.tables.daemon_options import parse_version
from ...words.tables.supported_systems import SupportedSystem, find_supported
from ..activation.effect import with_staged
from ..activation.waiting import plan_waiting
from ..concerns import CONCERNS, ROLES, Situation, concerns_of, is_staged_anew
from ..containers.consented import consented_stops
from ..daemon.desired import installed_version
from ..engine.offers import read_offers
from ..engine.unfinished import as_meant
from ..engine.versions import versions_to_come
from ..trust.trusted_paths import look_at_access
from ..units.drop_in import look_at_drop_in, path_of, plan_drop_in, stage_drop_in
from ..upgrade.engine import plan_coming_engine
from ..upgrade.engine_versions import Versions
from .comparison import attribute_causes
from .first_process import compare_first_process
from .record import plan_record
from .system import unfit_system

# Several planners ask for these, and they are looked at for all of them.
_LISTS = ("files", "globs", "packages", "units", "carried")


def look_at_host(system: System, declaration: Declaration, roles: Sequence[str] = ROLES) -> Look:
    """Say what to look at for these roles; nothing on an unsupported host."""
    supported = find_supported(system.distribution, system.version)
    if supported is None:
        return Look()
    seen = [each for each in CONCERNS if each.role in roles or not each.looks_for_itself]
    looks = [each.look(declaration, supported) for each in seen]
    looks.append(look_at_access(declaration))
    if declaration.drop_in is not None:
        looks.append(look_at_drop_in(declaration.drop_in))
    return _together(looks)


def _together(looks: Sequence[Look]) -> Look:
    """Make one look of all: lists are joined, and any other field comes from one look alone."""
    joined: Dict[str, Any] = {}
    for name in Look._fields:
        said = [getattr(each, name) for each in looks if getattr(each, name)]
        if name in _LISTS:
            joined[name] = tuple(dict.fromkeys(each for value in said for each in value))
        elif said:
            joined[name] = said[0]
    return Look(**joined)


def as_committed(observed: Observation) -> Observation:
    """Give the host as it will be once what is staged is live."""
    files = with_staged(observed.files, observed.staged)
    return observed._replace(files=files, staged=StagedSet())


def ask_host(
    declaration: Declaration, observed: Observation, roles: Sequence[str] = ROLES
) -> Dict[str, Question]:
    """Give the next questions to a host, if any, after what was observed and answered."""
    supported = find_supported(observed.system.distribution, observed.system.version)
    if supported is None:
        return {}
    questions: Dict[str, Question] = {}
    if _unstartable(declaration, observed, roles) is not None:
        return questions
    situation = _situation(declaration, supported, observed, roles)
    for each in concerns_of(roles):
        questions.update(each.ask(situation))
    return questions


def plan_host(
    declaration: Declaration, observed: Observation, roles: Sequence[str] = ROLES
) -> Plan:
    """Compare a host with what these roles declare, and say what a run does by consent."""
    plan = _plan_host(declaration, observed, roles)
    stops = consented_stops(declaration, lambda unasked: _plan_host(unasked, observed, roles))
    return join([plan, Plan(warnings=tuple(stops))])


def _plan_host(declaration: Declaration, observed: Observation, roles: Sequence[str]) -> Plan:
    """Compare a host with what these roles declare; an unsupported one gets a refusal instead."""
    supported = find_supported(observed.system.distribution, observed.system.version)
    unfit = unfit_system(observed, supported)
    if unfit is None:
        unfit = _unstartable(declaration, observed, roles)
    if supported is None or unfit is not None:
        return Plan(() if unfit is None else (unfit,))
    situation = _situation(declaration, supported, observed, roles)
    plans: List[Plan] = []
    if declaration.drop_in is not None:
        activation = declaration.activation
        plans.append(plan_drop_in(declaration.drop_in, activation, observed, situation.pending))
    planned: Dict[str, Plan] = {}
    for each in concerns_of(roles):
        planned[each.role] = each.plan(situation._replace(planned=planned))
    plans.extend(planned.values())
    plans.append(plan_waiting(declaration, observed, roles, situation.pending))
    plans.append(plan_record(observed, roles))
    return attribute_causes(join(plans), observed.applied, observed.run_at_work)


def _unstartable(
    declaration: Declaration, observed: Observation, roles: Sequence[str]
) -> Optional[Difference]:
    """Refuse a host without systemd, if what is planned is of no use without it."""
    needs_systemd = any(each.needs_systemd for each in concerns_of(roles))
    if not needs_systemd and declaration.drop_in is None:
        return None
    return compare_first_process(observed)


def _situation(
    declaration: Declaration,
    supported: SupportedSystem,
    observed: Observation,
    roles: Sequence[str],
) -> Situation:
    pending = staged_by(declaration, observed, roles)
    versions = _engine_versions(declaration, supported, observed, roles)
    return Situation(
        declaration=declaration,
        system=supported,
        observed=observed,
        roles=tuple(roles),
        pending=pending,
        versions=versions,
        planned={},
    )


def resolved_complaint(
    declaration: Declaration, observed: Observation, versions: Mapping[str, str]
) -> str:
    """Say why these resolved packages' engine cannot be installed; empty where it can."""
    supported = find_supported(observed.system.distribution, observed.system.version)
    if supported is None or "docker-ce" not in versions:
        return ""
    version = upstream_version(versions["docker-ce"])
    exact = Versions(parse_version(version))
    awaited = _awaited(declaration, observed, ("docker_engine",))
    said = complaint(plan_coming_engine(declaration, supported, observed, exact, awaited))
    return said and "No package was changed; docker-ce was to be %s. %s" % (version, said)


def _awaited(declaration: Declaration, observed: Observation, roles: Sequence[str]) -> StagedSet:
    """Give what will be staged when the engine starts."""
    follows = ("docker_daemon",) if declaration.engine.before_daemon else ()
    return staged_by(declaration, observed, tuple(roles) + follows)


def staged_by(declaration: Declaration, observed: Observation, roles: Sequence[str]) -> StagedSet:
    """Give what will be staged once these roles have run; other staged files stay."""
    staged = observed.staged.files
    files = {path: file for path, file in staged.items() if not is_staged_anew(path, roles)}
    if declaration.drop_in is not None:
        files.pop(path_of(declaration.drop_in), None)
        files.update(stage_drop_in(declaration.drop_in, observed).staged.files)
    for each in concerns_of(roles):
        if each.stage is not None:
            files.update(each.stage(declaration, observed))
    return StagedSet(files)


def _engine_versions(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    roles: Sequence[str],
) -> Versions:
    """Give the engine's versions that will read the configuration: one, or all that may come."""
    if "docker_engine" not in roles:
        return Versions(installed_version(observed))
    engine = declaration.engine
    offered = read_offers(engine, system, observed)
    return versions_to_come(engine.version, engine.upgrade, as_meant(engine, observed), offered)
