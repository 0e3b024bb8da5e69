# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the engine: repository, key and entries, packages and their holds."""

from typing import Dict, List

from ...words import resources
from ...words.declarations.host import Declaration
from ...words.difference import Plan, Unverifiable, join
from ...words.observations.host import VIEW, Look, Observation, Question
from ...words.tables.supported_systems import COMPANION_PACKAGES, PACKAGES, SupportedSystem
from ..host.comparison import Comparison, plan_of
from ..proxy.packages import package_environment
from ..repository.dnf_exclusions import DNF_CONFIG
from ..repository.entries import ENTRY_FILES, compare_entries
from ..repository.file import compare_repository
from ..repository.forbidden import keeping_notes
from ..repository.mirror_entries import entry_that_stays, note_of
from ..repository.plan import ROLE, key_path, repository_path
from ..repository.shadows import PREFERENCES, ask_priorities, compare_priorities, unasked_priorities
from ..repository.trust import compare_key
from . import apt, dnf
from .holds import VERSIONLOCK_CONFIGURATION, VERSIONLOCK_LIST, compare_holds
from .offers import ask_offers, read_offers, unusable_sites
from .old_packages import compare_old_packages
from .packages import compare_packages, settled_packages
from .prerequisites import CERTIFICATES, compare_certificates, compare_lock_plugin
from .unfinished import plan_unfinished

# The differences for which a package transaction is begun.
_CHANGES = (resources.ENGINE_PACKAGE, resources.ENGINE_OLD_PACKAGE, resources.ENGINE_PREREQUISITE)
TRANSACTIONS = _CHANGES + (resources.ENGINE_TRANSACTION,)


def look_at_engine(system: SupportedSystem) -> Look:
    """Say what to look at for the engine's plan."""
    files = [repository_path(system), key_path(system)]
    globs = list(ENTRY_FILES[system.family])
    if system.family == "deb":
        globs.extend(PREFERENCES)
    else:
        files.extend([DNF_CONFIG, VERSIONLOCK_LIST, VERSIONLOCK_CONFIGURATION])
    names = PACKAGES + COMPANION_PACKAGES + (CERTIFICATES,) + system.old_packages
    return Look(family=system.family, files=tuple(files), globs=tuple(globs), packages=names)


def ask_engine(
    declaration: Declaration, system: SupportedSystem, observed: Observation
) -> Dict[str, Question]:
    """Give the next question to the package manager, if any, after what was seen and answered."""
    if "packages" in observed.unobserved:
        return {}
    engine = declaration.engine
    questions = dict(
        ask_priorities(engine, system, observed), **ask_offers(engine, system, observed)
    )
    through = package_environment(engine.proxy)
    return {
        name: _alone(system, each)._replace(environment=through)
        for name, each in questions.items()
        if name not in observed.answers
    }


def _alone(system: SupportedSystem, question: Question) -> Question:
    """Keep a question from running what somebody has added to the package manager."""
    if system.family == "rpm":
        return question._replace(
            commands=tuple(dnf.without_plugins(argv) for argv in question.commands)
        )
    return question._replace(
        commands=tuple(apt.without_hooks(argv, VIEW) for argv in question.commands),
        files=dict(question.files, **{apt.HOOKS_FILE: apt.NO_HOOKS}),
    )


def plan_engine(declaration: Declaration, system: SupportedSystem, observed: Observation) -> Plan:
    """Plan the engine of a supported host."""
    if "packages" in observed.unobserved:
        reason = observed.unobserved["packages"]
        return Plan(
            unverifiable=(
                Unverifiable(resource=resources.ENGINE_PACKAGE, role=ROLE, path="", reason=reason),
            )
        )
    engine = declaration.engine
    compared: List[Comparison] = list(compare_lock_plugin(system, observed))
    stays = entry_that_stays(engine, system, observed)
    # An entry that stays has its own key.
    if stays is None:
        compared.append(compare_key(engine, system, observed.files[key_path(system)]))
    compared.append(compare_repository(engine, system, observed))
    compared.extend(compare_entries(engine, system, observed))
    compared.extend(compare_priorities(engine, system, observed))
    compared.extend(compare_old_packages(declaration, system, observed))
    offers = read_offers(engine, system, observed)
    compared.extend(compare_packages(declaration, system.family, observed, offers))
    compared.extend(compare_holds(system, observed, settled_packages(engine, observed)))
    if any(each.difference is not None for each in compared):
        compared = list(compare_certificates(engine, observed)) + compared
    unverifiable = list(unasked_priorities(engine, system, observed))
    unverifiable.extend(unusable_sites(engine, system, observed))
    plan = plan_of(compared, unverifiable)
    differing = {each.path for each in plan.of_resource(resources.ENGINE_PACKAGE)}
    notes = list(keeping_notes(engine, observed, differing))
    if stays is not None:
        notes.append(note_of(engine, stays))
    changes = any(plan.of_resource(each) for each in _CHANGES)
    return join([plan_unfinished(system, observed, changes), plan, Plan(notes=tuple(notes))])
