# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the engine's units with what is declared: not masked, enabled, running, current.

Current means that they run what is installed, and use the live configuration.
"""

from typing import Collection, Iterable, Iterator, List, Optional, Sequence

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.declared import Declared, declare_anywhere, declare_at
from ...words.difference import Difference, Plan, Refusal, Unverifiable
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.host import FileObserved, Look, Observation, StagedSet, UnitObserved
from ...words.paths import DAEMON_JSON, SAVED_SET, STAGED_SET
from ...words.resources import Resource
from ..containers.orphans import ORPHANS_DECLARED, plan_orphans
from ..containers.stop import spoken_silence
from ..host.comparison import Comparison, plan_of
from ..image_store.containerd_root import CONTAINERD_ROOT_DECLARED, plan_containerd_root
from ..image_store.layers import LAYERS_DECLARED, plan_layers
from ..listening.listeners import LISTENER_DECLARED, plan_listeners
from ..listening.plan import listening_notes, plan_listening
from ..proxy.plan import PROXY_DROP_IN, beaten_by_daemon_json
from ..trust.programs import PROGRAMS, compare_program, foreign_programs
from ..trust.trusted_paths import TRUSTED_DECLARED, plan_trusted_paths
from ..units.drop_in import CREDENTIALS_GLOBS, leftovers
from ..units.files import UNIT_FILES_DECLARED, UNREADABLE, plan_unit_files
from ..units.overrides import idle_overrides, refused_overrides
from ..units.start import phase_of_unit
from .commit import effect_refusal, failed_refusal
from .effect import DAEMON_RELOAD, differs, effect_on_daemon, impact_of, key_reason, with_staged

ROLE = "docker_activation"
# Every unit that a mask would keep down, in the order of their starts.
UNITS = (CONTAINERD_SERVICE, SOCKET_UNIT, DOCKER_SERVICE)
# Declared for any file of others and any commit.
_DECLARED = tuple(
    declare_anywhere(resource=resource, role=ROLE, wanted=wanted)
    for resource, wanted in (
        (resources.SERVICE_CONFIGURATION, "read"),
        (resources.SERVICE_DROP_IN, "none of others"),
        (resources.ACTIVATION_STAGED, "committed"),
        (resources.ACTIVATION_COMMIT, "ended"),
        (resources.SERVICE_LEFTOVER, "removed"),
        (resources.SERVICE_SOCKET, "listened on"),
    )
) + (
    CONTAINERD_ROOT_DECLARED,
    LAYERS_DECLARED,
    LISTENER_DECLARED,
    TRUSTED_DECLARED,
    ORPHANS_DECLARED,
    UNIT_FILES_DECLARED,
)


def look_at_activation() -> Look:
    """Say what to look at for the activation's plan."""
    return Look(units=UNITS, globs=CREDENTIALS_GLOBS, programs=PROGRAMS)


def plan_activation(
    declaration: Declaration,
    observed: Observation,
    pending: Optional[StagedSet] = None,
    planned_keys: Collection[str] = (),
    planned_drop_ins: Sequence[str] = (),
    restaged: Collection[str] = (),
    is_planned_by_the_daemon: bool = False,
) -> Plan:
    """Plan the units of the engine, and the commit of what is staged.

    ``pending`` is what other roles will have staged by then, with ``planned_keys`` of daemon.json
    and ``planned_drop_ins`` that their plans name already. Without it, what is staged now counts.
    ``restaged`` are paths that those roles stage anew and judge. With ``is_planned_by_the_daemon``
    docker_daemon is one of them, and judges daemon.json as a whole.
    """
    if "units" in observed.unobserved:
        reason = observed.unobserved["units"]
        return Plan(
            unverifiable=(
                Unverifiable(
                    resource=resources.SERVICE_RUNNING,
                    role=ROLE,
                    path=DOCKER_SERVICE,
                    reason=reason,
                ),
            )
        )
    comparisons: List[Comparison] = []
    for name in UNITS:
        comparisons.append(_compare_mask(name, observed))
    comparisons.append(_compare_enabled(observed.units[DOCKER_SERVICE]))
    for name in (CONTAINERD_SERVICE, DOCKER_SERVICE):
        comparisons.extend(_compare_running(name, declaration, observed))
    staged = observed.staged if pending is None else pending
    differences = list(plan_trusted_paths(observed))
    differences.extend(plan_unit_files(observed, UNITS, staged.files))
    differences.extend(plan_containerd_root(observed, _replaces_runtime(comparisons)))
    differences.extend(plan_listeners(observed, staged, planned_keys))
    differences.extend(refused_overrides(ROLE, declaration, observed))
    differences.extend(_unread(declaration, observed, pending, planned_keys))
    differences.extend(_uncommitted(declaration, observed, staged, restaged))
    differences.extend(_leftovers(observed, staged))
    if PROXY_DROP_IN not in planned_drop_ins:
        differences.extend(beaten_by_daemon_json(with_staged(observed.files, staged)))
    differences.extend(plan_layers(observed, staged, is_planned_by_the_daemon))
    differences.extend(plan_orphans(observed))
    unreached = list(_unreached(declaration, observed, staged))
    differences.extend(unreached)
    plan = plan_of(comparisons, () if unreached else _unanswering(observed))
    return plan._replace(
        differences=plan.differences + tuple(differences),
        declared=plan.declared + _DECLARED,
        notes=plan.notes
        + listening_notes(observed)
        + tuple(idle_overrides(declaration, observed))
        + tuple(foreign_programs(observed)),
    )


def _replaces_runtime(comparisons: Sequence[Comparison]) -> bool:
    """Whether containerd will be restarted into another program."""
    found = (each.difference for each in comparisons if each.difference is not None)
    return any(
        (each.resource, each.path) == (resources.SERVICE_BINARY, CONTAINERD_SERVICE)
        for each in found
    )


def _unreached(
    declaration: Declaration, observed: Observation, staged: StagedSet
) -> Iterator[Difference]:
    """Name sockets at which clients do not find the daemon."""
    effect, files = effect_on_daemon(observed, staged), with_staged(observed.files, staged)
    return plan_listening(declaration.activation, observed, effect, files)


def _unread(
    declaration: Declaration,
    observed: Observation,
    pending: Optional[StagedSet],
    planned_keys: Collection[str],
) -> Iterator[Difference]:
    """Name what is live and is not what the running daemon uses."""
    staged = observed.staged if pending is None else pending
    effect = effect_on_daemon(observed, staged)
    refusal = effect_refusal(effect, declaration.activation, observed)
    keys = {key: each for key, each in effect.keys.items() if key.split(".")[0] not in planned_keys}
    for reason in effect.reasons:
        if reason.path in staged.files and (pending is None or reason.path != DAEMON_JSON):
            continue
        if reason.path == DAEMON_JSON:
            if not keys:
                continue
            reason = key_reason(keys, effect.unknown)
        yield Difference(
            resource=resources.SERVICE_CONFIGURATION,
            role=ROLE,
            path=reason.path,
            expected="the running daemon goes by it",
            actual=_not_read(keys, effect.unknown)
            if reason.path == DAEMON_JSON
            else reason.sentence,
            impact=impact_of(reason.action),
            sentence="%s: %s" % (_deed(reason.action), reason.sentence),
            refusal=refusal,
        )


def _deed(action: str) -> str:
    return (
        "have systemd read its files"
        if action == DAEMON_RELOAD
        else "%s %s" % (action, DOCKER_SERVICE)
    )


def _not_read(keys: Iterable[str], unknown: Collection[str]) -> str:
    unread = [key for key in keys if key not in unknown]
    doubtful = [key for key in keys if key in unknown]
    told = ["not read: " + ", ".join(unread)] if unread else []
    return "; ".join(told + (["not known: " + ", ".join(doubtful)] if doubtful else []))


def _uncommitted(
    declaration: Declaration,
    observed: Observation,
    together: StagedSet,
    restaged: Collection[str],
) -> Iterator[Difference]:
    """Name what an earlier run has left staged; ``together`` is all that would be committed.

    If the role that staged a file is planned too, that role judges whether it may be committed.
    """
    staged = observed.staged
    if staged.unreadable:
        yield _left(
            resources.ACTIVATION_STAGED,
            STAGED_SET,
            "discard the staged set: %s" % staged.unreadable,
        )
    refusal, impact = None, impacts.NONE
    if staged.files:
        effect = effect_on_daemon(observed, together)
        impact = impact_of(effect.action)
    if any(path not in restaged for path in staged.files):
        refusal = failed_refusal(declaration.activation, observed, together)
        refusal = refusal or effect_refusal(effect, declaration.activation, observed)
    for path, file in staged.files.items():
        if differs(file, observed.files.get(path, FileObserved())):
            judged = None if path in restaged else refusal
            yield _left(
                resources.ACTIVATION_STAGED, path, "commit the staged %s" % path, judged
            )._replace(impact=impact)
        else:
            yield _left(
                resources.ACTIVATION_STAGED,
                path,
                "clear away the staged %s, which is live already" % path,
            )
    if observed.commit_cut_off:
        yield _left(resources.ACTIVATION_COMMIT, SAVED_SET, "finish the commit that was cut off")


def _leftovers(observed: Observation, staged: StagedSet) -> Iterator[Difference]:
    """Name files of credentials that a cut-off commit has left."""
    for path in leftovers(observed, staged):
        sentence = "remove %s, which no drop-in reads any more" % path
        yield Difference(
            resource=resources.SERVICE_LEFTOVER,
            role=ROLE,
            path=path,
            expected="",
            actual="left behind",
            impact=impacts.NONE,
            sentence=sentence,
        )


def _left(
    resource: Resource, path: str, sentence: str, refusal: Optional[Refusal] = None
) -> Difference:
    return Difference(
        resource=resource,
        role=ROLE,
        path=path,
        expected="committed",
        actual="left behind",
        impact=impacts.NONE,
        sentence=sentence,
        refusal=refusal,
    )


def _compare_mask(name: str, observed: Observation) -> Comparison:
    declared = declare_at(
        resource=resources.SERVICE_MASKED, role=ROLE, path=name, wanted="not masked"
    )
    path = observed.units[name].mask_path
    if not path:
        return Comparison(declared)
    return Comparison(
        declared,
        Difference(
            resource=declared.resource,
            role=ROLE,
            path=name,
            expected="not masked",
            actual="masked by %s" % path,
            impact=impacts.NONE,
            sentence="%s is masked" % name,
            refusal=_mask_refusal(name, path),
        ),
    )


def _mask_refusal(name: str, path: str) -> Refusal:
    runtime = " --runtime" if path.startswith("/run/") else ""
    return Refusal(
        found="%s is masked by %s." % (name, path),
        remedy="Somebody keeps it from starting. Find out why, then run `systemctl unmask%s %s`."
        % (runtime, name),
    )


def _compare_enabled(unit: UnitObserved) -> Comparison:
    declared = declare_at(
        resource=resources.SERVICE_ENABLED, role=ROLE, path=DOCKER_SERVICE, wanted="enabled"
    )
    # A masked unit has no other state to compare, since the mask itself is the difference. The same
    # holds for a file that systemd cannot read.
    if unit.unit_file_state in ("enabled",) + UNREADABLE or unit.mask_path:
        return Comparison(declared)
    return Comparison(
        declared,
        Difference(
            resource=declared.resource,
            role=ROLE,
            path=DOCKER_SERVICE,
            expected="enabled",
            actual=_state(unit, unit.unit_file_state),
            impact=impacts.NONE,
            sentence="enable %s, so that it starts with the host" % DOCKER_SERVICE,
        ),
    )


def _compare_running(
    name: str, declaration: Declaration, observed: Observation
) -> Iterator[Comparison]:
    unit = observed.units[name]
    running = declare_at(resource=resources.SERVICE_RUNNING, role=ROLE, path=name, wanted="active")
    if unit.active_state == "active":
        yield Comparison(running)
    else:
        yield Comparison(running, _not_running(running, unit))
    yield from compare_program(unit, name, declaration, observed)


def _not_running(declared: Declared, unit: UnitObserved) -> Difference:
    """Name a unit that does not run; one that is starting, or will soon, is waited for."""
    phase, actual = phase_of_unit(unit), _state(unit, unit.active_state)
    sentence = "start %s" % declared.path
    if phase:
        sentence = "wait for %s, which is %s" % (declared.path, phase)
        actual = "%s (%s)" % (actual, unit.sub_state) if unit.sub_state else actual
    return Difference(
        resource=declared.resource,
        role=ROLE,
        path=declared.path,
        expected="active",
        actual=actual,
        impact=impacts.NONE,
        sentence=sentence,
    )


def _unanswering(observed: Observation) -> Iterator[Unverifiable]:
    if observed.daemon_silent:
        reason = "it is active and does not answer: %s" % spoken_silence(observed.daemon_silent)
        yield Unverifiable(
            resource=resources.SERVICE_RUNNING, role=ROLE, path=DOCKER_SERVICE, reason=reason
        )


def _state(unit: UnitObserved, state: str) -> str:
    return "no such unit" if unit.load_state == "not-found" else state or unit.load_state
