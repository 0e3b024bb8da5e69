# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Record what was applied, so that the next plan can tell drift from a changed declaration."""

import json
from typing import Any, Dict, Iterable, Mapping, Optional

from ansible_collections.dockwright.host.plugins.module_utils.appliers.files import write
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    ActivationRecord,
    Applied,
    FailedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.applied import (
    RECORD,
    SCHEMA_VERSION,
    machine_id,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.comparison import (
    UNKNOWN,
    record_key,
)

STATE_MODE = 0o700


def record_applied(plan: Plan, applied: Applied) -> None:
    """Record that a host is as this plan declares."""
    declared = {record_key(each.resource, each.path): each.digest for each in plan.declared}
    after = _of_this_machine(applied)
    after = after._replace(digests=_replaced(after.digests, declared))
    if not applied.trusted or after != applied:
        _write(after)


def record_ownership(declared: Iterable[str], applied: Applied) -> Applied:
    """Record, before anything is staged, that these keys of the record are ours from now on."""
    after = _of_this_machine(applied)
    digests = {key: "" for key in declared if key not in after.digests}
    after = after._replace(digests=dict(after.digests, **digests))
    if digests or not applied.trusted:
        _write(after)
    return after


def record_activation(
    declared: Mapping[str, str], activation: ActivationRecord, applied: Applied
) -> None:
    """Record what the running daemon has read, and what is declared by it."""
    after = _of_this_machine(applied)
    _write(
        after._replace(
            digests=_replaced(after.digests, declared), activation=activation, failed=None
        )
    )


def record_failure(
    failed: FailedSet, activation: Optional[ActivationRecord], applied: Applied
) -> None:
    """Record a set that was taken back, and what the daemon has read instead, if it serves.

    What the set was the first to declare never became ours.
    """
    after = _of_this_machine(applied)
    digests = {key: each for key, each in after.digests.items() if each}
    _write(after._replace(digests=digests, failed=failed, activation=activation))


def _of_this_machine(applied: Applied) -> Applied:
    """What another machine's record names is ours, and what was applied there unknown here."""
    if applied.trusted:
        return applied
    return Applied(dict.fromkeys(applied.digests, UNKNOWN), True, applied.salt)


def _replaced(digests: Mapping[str, str], declared: Mapping[str, str]) -> Dict[str, str]:
    """Take what was declared of these resources before for what is declared now."""
    resources = {key.split(" ")[0] for key in declared}
    kept = {key: each for key, each in digests.items() if key.split(" ")[0] not in resources}
    return dict(kept, **declared)


def _write(applied: Applied) -> None:
    contents: Dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "machine_id": machine_id(),
        "salt": applied.salt,
        "applied": applied.digests,
        "activation": _as_dictionary(applied.activation),
        "failed": _as_dictionary(applied.failed),
    }
    text = json.dumps(contents, indent=2, sort_keys=True) + "\n"
    write(RECORD, text, mode=0o600, folder_mode=STATE_MODE)


def _as_dictionary(values: Optional[Any]) -> Optional[Dict[str, Any]]:
    return None if values is None else dict(values._asdict())
