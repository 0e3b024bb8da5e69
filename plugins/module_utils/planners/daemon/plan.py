# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan daemon.json: merge what is declared into the live file, and compare leaf by leaf."""

from typing import Dict, Iterator, List, Optional, Tuple

from ...words import impacts, resources
from ...words.declarations.daemon import DaemonDeclaration
from ...words.declarations.host import Declaration
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.impacts import Impact
from ...words.observations.docker.named_files import look_at_named
from ...words.observations.host import FileObserved, Look, Observation, Question, StagedSet
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import RESTART, Version
from ...words.tables.supported_systems import SupportedSystem
from ..activation.commit import effect_refusal, failed_refusal
from ..activation.effect import Effect, effect_on_daemon, impact_of, with_staged
from ..daemon_checks.cgroups import CGROUPS
from ..daemon_checks.checks import check_document
from ..daemon_checks.circumstances import Found
from ..daemon_checks.host_circumstances import circumstances_of
from ..daemon_checks.storage import carried_paths, storage_refusals
from ..host.comparison import plan_of, stale_staged
from ..image_store.change import StoreChange, store_change
from ..image_store.data import data_refusals, left_behind
from ..image_store.mirror_certificates import CERTIFICATES_GLOBS, unread_certificates
from ..image_store.start import changes_start, start_refusals
from ..kernel.open_files import OPEN_FILES
from ..networks.host import overlap_refusals
from ..networks.reach import note_reach, reach_refusals
from ..units.docker_unit import DROP_IN_GLOBS, HOSTS_DROP_IN, UNIT_FILES, says_a_secret
from ..upgrade.engine_versions import Versions, agreed
from ..upgrade.firewall_tool import FIREWALL, FIREWALL_TOOL, backend_refusals, compare_firewall_tool
from .desired import (
    OF_ROOTS,
    ROLE,
    Desired,
    desire,
    in_swarm,
    installed_version,
    is_answered_for,
    owned_pointers,
)
from .document import Keys, NotADocument, keys_of, leaves, look_up, pointer_of
from .leaves import leaf_difference, leaf_sentence, ownership, unreadable
from .meaning import canonical
from .validation import VALIDATION, ask_validation, validation_note, validation_refusal


def look_at_daemon(declaration: DaemonDeclaration) -> Look:
    """Say what to look at for the plan of daemon.json, and of what the daemon has read."""
    return Look(
        files=(DAEMON_JSON, OPEN_FILES) + UNIT_FILES,
        globs=DROP_IN_GLOBS + CERTIFICATES_GLOBS,
        networks=True,
        carried=carried_paths(declaration) + (CGROUPS,),
        named_files=look_at_named(declaration.config),
        tools=(FIREWALL_TOOL,),
    )


def plan_daemon(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    versions: Versions,
    beside: Optional[StagedSet] = None,
) -> Plan:
    """Plan daemon.json, and the drop-in that takes -H away so that daemon.json decides on hosts.

    ``versions`` are those that the engine may have by then; ``beside`` is what other roles will
    stage.
    """
    try:
        desired = desire(declaration.daemon, observed, versions.examples()[-1])
    except NotADocument as problem:
        return Plan((unreadable(str(problem)),), declared=(OF_ROOTS,))
    together = _all_staged(observed, desired.staged, beside or StagedSet())
    effect = effect_on_daemon(observed, together)
    refusals = refusals_of(declaration, system, observed, versions, desired)
    differences = list(_compare(declaration.daemon, observed, desired, effect, refusals))
    pending = bool(desired.staged.files)
    if pending and not any(difference.refusal for difference in differences):
        whole = failed_refusal(declaration.activation, observed, together)
        whole = whole or effect_refusal(effect, declaration.activation, observed)
        differences = [each._replace(refusal=whole) for each in differences]
    differences.extend(
        stale_staged(resources.DAEMON_STAGED, ROLE, is_answered_for, observed, desired.staged.files)
    )
    stores = _stores(observed, desired, versions.examples()[-1])
    notes = _notes(desired)
    notes += tuple(note_reach(desired.document, desired.live, declaration, observed))
    if not refusals and versions.exact == installed_version(observed):
        answer = observed.answers.get(VALIDATION)
        notes += tuple(filter(None, [validation_note(observed, desired.staged, answer)]))
    after = with_staged(observed.files, together)
    tools = Plan()
    if FIREWALL not in refusals:
        tools = plan_of(compare_firewall_tool(desired.document, observed, after))
    differences = list(tools.differences) + differences
    document, flags = desired.document, desired.unit.flags
    warnings = tuple(unread_certificates(document, flags, observed.files, stores.then))
    warnings += tuple(
        left_behind(document, desired.live, declaration.daemon, observed, desired.unit, stores)
    )
    return Plan(
        differences=tuple(differences),
        declared=desired.declarations + tools.declared,
        notes=notes,
        warnings=warnings,
    )


def ask_daemon(
    declaration: Declaration, system: SupportedSystem, observed: Observation, versions: Versions
) -> Dict[str, Question]:
    """Have the installed dockerd validate what would be written, once our checks find no fault."""
    if VALIDATION in observed.answers or versions.exact != installed_version(observed):
        return {}
    try:
        desired = desire(declaration.daemon, observed, versions.examples()[-1])
    except NotADocument:
        return {}
    if DAEMON_JSON not in desired.staged.files:
        return {}
    if refusals_of(declaration, system, observed, versions, desired):
        return {}
    return ask_validation(observed, desired.staged)


def refusals_of(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    versions: Versions,
    desired: Desired,
) -> Dict[str, Refusal]:
    """Give all that is wrong with the document, by pointer, with the first complaint for each.

    Of a coming engine only what all its possible versions agree on counts.
    """

    def of_document(version: Version) -> Dict[str, Refusal]:
        known = circumstances_of(declaration, system, observed, versions, version, desired)
        return _first_of_each(check_document(desired.document, known))

    def of_host(version: Version) -> Dict[str, Refusal]:
        return _first_of_each(_refused_by_host(declaration, observed, version, desired))

    found = agreed(versions, of_document) or agreed(versions, of_host)
    file = desired.staged.files.get(DAEMON_JSON)
    if not found and file is not None and file.text is not None:
        said = validation_refusal(observed.answers.get(VALIDATION), file.text)
        if said is not None:
            found[DAEMON_JSON] = said
    return found


def _refused_by_host(
    declaration: Declaration, observed: Observation, version: Version, desired: Desired
) -> Found:
    """Give what is wrong with the document on this host, with an engine of this version."""
    daemon = declaration.daemon
    yield from overlap_refusals(desired.document, desired.live, daemon, observed)
    yield from reach_refusals(desired.document, desired.live, declaration, observed)
    document, live, stores = desired.document, desired.live, _stores(observed, desired, version)
    if changes_start(observed, document, live, version):
        flags, root = stores.flags, stores.root
        yield from start_refusals(document, flags, root, version, stores.then)
    yield from backend_refusals(document, stores.flags, in_swarm(observed))
    # What no consent allows comes before what asks for one.
    yield from storage_refusals(document, daemon, observed, stores.then)
    yield from data_refusals(document, live, daemon, observed, desired.unit, stores)


def _stores(observed: Observation, desired: Desired, version: Version) -> StoreChange:
    installed, document, live = installed_version(observed), desired.document, desired.live
    return store_change(observed, desired.unit, live, document, installed, version)


def _first_of_each(refused: Found) -> Dict[str, Refusal]:
    found: Dict[str, Refusal] = {}
    for pointer, refusal in refused:
        found.setdefault(pointer, refusal)
    return found


def _compare(
    declaration: DaemonDeclaration,
    observed: Observation,
    desired: Desired,
    effect: Effect,
    refusals: Dict[str, Refusal],
) -> Iterator[Difference]:
    owned = set(owned_pointers(observed))
    left = dict(refusals)
    running = (
        observed.units[DOCKER_SERVICE].active_state == "active"
        if DOCKER_SERVICE in observed.units
        else False
    )
    for keys in _changed_leaves(desired):
        pointer = pointer_of(keys)
        refusal = left.pop(pointer, None) or left.pop(pointer_of(keys[:1]), None)
        yield leaf_difference(
            keys,
            desired,
            _impact(keys, effect) if running else impacts.NONE,
            leaf_sentence(
                keys, desired, pointer in owned, declaration.exclusive, bool(observed.applied.lost)
            ),
            refusal,
        )
    file = observed.files.get(DAEMON_JSON, FileObserved())
    if DAEMON_JSON in desired.staged.files and file.kind != "absent":
        mode = desired.staged.files[DAEMON_JSON].mode
        if (file.kind, file.mode, file.owner, file.group) != ("file", mode, 0, 0):
            yield Difference(
                resource=resources.DAEMON_JSON,
                role=ROLE,
                path=DAEMON_JSON,
                expected="mode %04o, owner 0:0" % mode,
                actual="a link" if file.kind == "link" else ownership(file),
                impact=impacts.NONE,
                sentence="make %s a file of root's with mode %04o" % (DAEMON_JSON, mode),
                refusal=left.pop(DAEMON_JSON, None),
            )
    if desired.unreadable:
        yield Difference(
            resource=resources.DAEMON_JSON,
            role=ROLE,
            path=DAEMON_JSON,
            expected="what this engine reads",
            actual=desired.unreadable,
            impact=impacts.NONE,
            sentence="write %s anew: before 23.0 dockerd does not start with %s"
            % (DAEMON_JSON, desired.unreadable),
            refusal=left.pop(DAEMON_JSON, None),
        )
    drop_in = desired.staged.files.get(HOSTS_DROP_IN)
    if drop_in is not None:
        before = observed.files.get(HOSTS_DROP_IN, FileObserved()).text
        yield Difference(
            resource=resources.DAEMON_DROP_IN,
            role=ROLE,
            path=HOSTS_DROP_IN,
            expected=drop_in.text or "",
            actual=before,
            impact=impacts.RESTART if running else impacts.NONE,
            sentence="take -H out of the command line of %s" % DOCKER_SERVICE
            if drop_in.text
            else "leave the command line of %s as its package has it" % DOCKER_SERVICE,
            sensitive=says_a_secret(drop_in.text or "") or says_a_secret(before),
        )
    for pointer, refusal in left.items():
        keys = keys_of(pointer) if pointer != DAEMON_JSON else ()
        is_there = bool(keys) and look_up(desired.document, keys)[0]
        is_theirs = is_there and not look_up(desired.declared, keys)[0]
        sentence = "%s cannot %s" % (
            "/".join(keys) if keys else DAEMON_JSON,
            "stay as it is" if is_theirs else "be as declared",
        )
        yield leaf_difference(keys, desired, impacts.NONE, sentence, refusal)


def _impact(keys: Keys, effect: Effect) -> Impact:
    """Give the impact of a leaf: that of its key, or of a part of the key that counts by itself."""
    actions = [effect.keys.get(name, "") for name in (keys[0], ".".join(keys[:2]))]
    return impact_of(RESTART if RESTART in actions else actions[0])


def _changed_leaves(desired: Desired) -> List[Keys]:
    before, after = dict(leaves(desired.live)), dict(leaves(desired.document))
    return [
        keys
        for keys in list(after) + [each for each in before if each not in after]
        if keys not in before
        or keys not in after
        or canonical(before[keys]) != canonical(after[keys])
    ]


def _all_staged(observed: Observation, staged: StagedSet, beside: StagedSet) -> StagedSet:
    """Give what would be committed: this role's new files, and the others' as they are staged."""
    others = {
        path: file for path, file in observed.staged.files.items() if not is_answered_for(path)
    }
    return StagedSet(dict(dict(others, **beside.files), **staged.files), staged.declared)


def _notes(desired: Desired) -> Tuple[str, ...]:
    declared = dict(leaves(desired.declared))
    foreign = ["/".join(keys) for keys, _value in leaves(desired.document) if keys not in declared]
    if not foreign:
        return ()
    told = "%s also holds what nobody has declared, and it stays: %s."
    return (told % (DAEMON_JSON, ", ".join(foreign)),)
