# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record of what was applied: what each writer answers for, and what its loss means.

A writer replaces its own earlier declarations and leaves everybody else's. Most resources belong to
one role. A filesystem and a user's own drop-in are modules that a play may use many times; what one
of these gives up is in its plan (``Plan.released``).
"""

from typing import Dict, Iterable, Iterator, Mapping, Optional, Sequence

from ...words import impacts, resources
from ...words.declared import BEGUN
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import (
    RECORD_VERSION,
    ActivationRecord,
    Applied,
    Observation,
    StagedSet,
    UnitObserved,
)
from ...words.paths import APPLIED_RECORD, MACHINE_ID
from ..activation.effect import activation_record, effect_on_daemon

_ROLE = "docker_activation"


def plan_record(observed: Observation, roles: Sequence[str]) -> Plan:
    """Name a record that is lost, damaged or a newer version's, since every role needs it."""
    applied = observed.applied
    role = _ROLE if _ROLE in roles or not roles else roles[-1]
    differences = [*_lost(applied, role), *_newer(applied, role), *_nameless(applied, role)]
    notes = []
    if observed.run_at_work:
        notes.append(at_work_note(observed.run_at_work))
    return Plan(tuple(differences), notes=tuple(notes))


def at_work_note(who: str) -> str:
    """Say that another run is changing the host."""
    return (
        "Another Dockwright run is at work on this host: %s. What it has not finished is not "
        "called drift." % who
    )


def newer_refusal(version: int) -> Refusal:
    """Refuse to overwrite a record with what a newer version knows and this one does not."""
    return Refusal(
        found="%s was written by a newer Dockwright: its schema_version is %d, and this one knows "
        "%d." % (APPLIED_RECORD, version, RECORD_VERSION),
        remedy="Apply with that version, or a later one. Nothing was changed.",
    )


def after(digests: Mapping[str, str], plan: Plan) -> Dict[str, str]:
    """Give the record's digests once this plan holds."""
    declared = {each.key: each.digest for each in plan.declared}
    return replaced(digests, declared, plan.released)


def replaced(
    digests: Mapping[str, str], declared: Mapping[str, str], released: Iterable[str] = ()
) -> Dict[str, str]:
    """Replace earlier digests of the same things with what is declared, whoever declared them."""
    gone = set(released)
    resources = {_resource(key) for key in declared if not _is_of_many(_resource(key))}
    kept = {
        key: each
        for key, each in digests.items()
        if key not in gone and _resource(key) not in resources
    }
    return dict(kept, **declared)


def without_begun(digests: Mapping[str, str], declared: Iterable[str]) -> Dict[str, str]:
    """Leave out what a set that was taken back was the first to declare: it never became ours."""
    first = {key for key in declared if digests.get(key) == BEGUN}
    return {key: each for key, each in digests.items() if key not in first}


def serving_record(observed: Observation) -> Optional[ActivationRecord]:
    """Give what a running daemon has read, if nothing is on record and all agrees.

    This restores what a lost record told, so that later edits can be told from what was read.
    """
    service = observed.units.get(DOCKER_SERVICE, UnitObserved())
    applied = observed.applied
    if applied.activation is not None or applied.failed is not None or observed.run_at_work:
        return None
    if service.active_state != "active" or observed.daemon is None or not service.invocation:
        return None
    if observed.commit_cut_off or observed.staged.files or observed.staged.unreadable:
        return None
    if effect_on_daemon(observed, StagedSet()).reasons:
        return None
    return activation_record(observed)


def _resource(key: str) -> str:
    return key.split(" ")[0]


def _is_of_many(resource: str) -> bool:
    return resource.startswith("storage.") or resource.endswith(resources.ENDS_OF_DROP_INS)


def _lost(applied: Applied, role: str) -> Iterator[Difference]:
    if not applied.lost:
        return
    kept = (
        ""
        if applied.lost.startswith("it is gone")
        else " It is kept as %s.damaged." % APPLIED_RECORD
    )
    yield Difference(
        resource=resources.RECORD_APPLIED,
        role=role,
        path=APPLIED_RECORD,
        expected="the record of what was applied",
        actual=applied.lost,
        impact=impacts.NONE,
        sentence="write %s, the record of what was applied, anew: %s.%s"
        % (APPLIED_RECORD, applied.lost, kept),
    )


def _newer(applied: Applied, role: str) -> Iterator[Difference]:
    if not applied.newer:
        return
    yield Difference(
        resource=resources.RECORD_APPLIED,
        role=role,
        path=APPLIED_RECORD,
        expected="schema_version %d" % RECORD_VERSION,
        actual="schema_version %d" % applied.newer,
        impact=impacts.NONE,
        sentence="%s cannot be read: a newer Dockwright has written it" % APPLIED_RECORD,
        refusal=newer_refusal(applied.newer),
    )


def _nameless(applied: Applied, role: str) -> Iterator[Difference]:
    if not applied.nameless:
        return
    yield Difference(
        resource=resources.RECORD_MACHINE,
        role=role,
        path=MACHINE_ID,
        expected="this machine's id",
        actual="none",
        impact=impacts.NONE,
        sentence="%s holds no id, so nobody can tell whether %s is this machine's. "
        "`systemd-machine-id-setup` makes one; no run does." % (MACHINE_ID, APPLIED_RECORD),
        only_reported=True,
    )
