# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Record what was applied, so that the next plan can tell drift from a changed declaration.

Each change is made to the record as it is at that moment, while nobody else can change it, and it
touches only what its writer answers for.
"""

import contextlib
import fcntl
import json
import os
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional

from ...observers.host import applied as observer
from ...planners.host import record
from ...words.declared import BEGUN, UNKNOWN
from ...words.difference import Plan
from ...words.observations.host import RECORD_VERSION, ActivationRecord, Applied, FailedSet
from ...words.paths import STATE_MODE
from .command import ApplyFailed
from .files import remove, sweep, sync_folder, write
from .folders import make_folder

# What a running daemon is known to have read, as a module hands it to ``record_applied``.
serving_record = record.serving_record


def begin_record(applied: Applied) -> None:
    """Write a record before anything else, so that whatever a run has written, there is a record.

    Half-written files that a cut-off run has left beside it are deleted. Call this under the run's
    lock, since only then does nobody else write there.

    :raises ApplyFailed: where a newer version wrote the existing record.
    """
    _change(applied, lambda before: before)
    sweep([os.path.dirname(observer.RECORD)])


def withdraw_record(applied: Applied) -> None:
    """Remove a new record if the run then wrote nothing, so that the host is as it was before.

    ``applied`` is what was on record before the run.
    """
    if applied.trusted or applied.digests or applied.lost or observer.written_here():
        return
    folder = os.path.dirname(observer.RECORD)
    if os.listdir(folder) == [os.path.basename(observer.RECORD)]:
        remove(observer.RECORD)
        os.rmdir(folder)


def record_applied(
    plan: Plan, applied: Applied, serving: Optional[ActivationRecord] = None
) -> None:
    """Record that a host is as this plan declares, and what its daemon is known to have read."""

    def change(before: Applied) -> Applied:
        holds = before._replace(digests=record.after(before.digests, plan))
        return holds if serving is None else holds._replace(activation=serving)

    _change(applied, change)


def record_ownership(declared: Iterable[str], applied: Applied) -> None:
    """Record, before anything is staged, that these keys of the record are ours from now on."""
    keys = tuple(declared)

    def change(before: Applied) -> Applied:
        return before._replace(digests=dict(dict.fromkeys(keys, BEGUN), **before.digests))

    _change(applied, change)


def record_activation(
    declared: Mapping[str, str], activation: ActivationRecord, applied: Applied
) -> None:
    """Record what the running daemon has read, and what that configuration declares."""

    def change(before: Applied) -> Applied:
        digests = record.replaced(before.digests, declared)
        return before._replace(digests=digests, activation=activation, failed=None)

    _change(applied, change)


def record_failure(
    failed: FailedSet,
    activation: Optional[ActivationRecord],
    applied: Applied,
    declared: Iterable[str] = (),
) -> None:
    """Record a set that was taken back and, if the daemon serves, what it has read instead.

    ``declared`` are the set's keys: those that it was the first to declare never became ours.
    """

    def change(before: Applied) -> Applied:
        digests = record.without_begun(before.digests, declared)
        return before._replace(digests=digests, failed=failed, activation=activation)

    _change(applied, change)


def _change(applied: Applied, change: Callable[[Applied], Applied]) -> None:
    """Change the record as it is now, which may differ from what the look found.

    ``applied`` is what the look found. If there is no record, its salt becomes the record's, since
    the look has made digests with it.
    """
    with _alone():
        there = observer.observe_applied()
        if there.newer:
            raise ApplyFailed(record.newer_refusal(there.newer).sentence())
        known = os.path.isfile(observer.RECORD) and not os.path.islink(observer.RECORD)
        before = _of_this_machine(there)
        if there.lost or not known:
            before = before._replace(salt=applied.salt or there.salt)
        after = change(before)
        if there.lost:
            _keep_aside(observer.RECORD)
        if after != there:
            _write(after)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep others from changing the record between reading it and writing it."""
    folder = os.path.dirname(observer.RECORD)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        _keep_aside(folder)
    try:
        make_folder(folder, STATE_MODE)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise ApplyFailed("%s could not be made or opened: %s." % (folder, error.strerror))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _keep_aside(path: str) -> None:
    """Move away what is in a record's place, since a person may still read something in it."""
    if not os.path.lexists(path):
        return
    names = ["%s.damaged" % path] + ["%s.damaged-%d" % (path, n) for n in range(2, 1000)]
    aside = next(name for name in names if not os.path.lexists(name))
    try:
        os.rename(path, aside)
        if not os.path.islink(aside):
            os.chmod(aside, 0o700 if os.path.isdir(aside) else 0o600)
        sync_folder(os.path.dirname(path))
    except OSError as error:
        raise ApplyFailed("%s could not be moved to %s: %s." % (path, aside, error.strerror))


def _of_this_machine(applied: Applied) -> Applied:
    """Give a record as it counts here: from another machine's, only ownership is taken over."""
    if applied.trusted:
        return applied
    return Applied(digests=dict.fromkeys(applied.digests, UNKNOWN), trusted=True, salt=applied.salt)


def _write(applied: Applied) -> None:
    contents: Dict[str, Any] = {
        "schema_version": RECORD_VERSION,
        "machine_id": observer.machine_id(),
        "salt": applied.salt,
        "applied": applied.digests,
        "activation": _as_dictionary(applied.activation),
        "failed": _as_dictionary(applied.failed),
    }
    text = json.dumps(contents, indent=2, sort_keys=True) + "\n"
    write(observer.RECORD, text, mode=0o600, folder_mode=STATE_MODE)


def _as_dictionary(values: Optional[Any]) -> Optional[Dict[str, Any]]:
    return None if values is None else dict(values._asdict())
