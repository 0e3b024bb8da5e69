# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the running daemon needs in order to use the files: nothing, a reload or a restart.

It is decided from state. What a daemon has read is on record under its unit's InvocationID, and is
checked against its own word, ``GET /info``.
"""

from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ...words import impacts
from ...words.declared import digest
from ...words.docker_names import DOCKER_SERVICE
from ...words.impacts import Impact
from ...words.observations.host import (
    ActivationRecord,
    FileObserved,
    Observation,
    StagedFile,
    StagedSet,
    UnitObserved,
)
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import (
    BREAK_LIVE_RESTORE,
    OF_FEATURES,
    RELOAD,
    RESTART,
    SNAPSHOTTER,
    effect_of,
    parse_version,
)
from ..daemon.document import Document, NotADocument, read_document
from ..daemon.keys_read import began_after, keys_read, live_keys
from ..daemon.word import agreements, disagreements, is_so_already
from ..image_store.change import store_change
from ..units.command_line import Contrast, contrast
from ..units.docker_unit import (
    UNIT_FILES,
    DockerUnit,
    flag_is_set,
    is_dockerd,
    of_the_process,
    place_of,
    read_unit,
    runs_what_is_named,
)
from ..upgrade.breaking_changes import IMAGE_STORE, breaks_beside, other_store, runs_another_engine
from .start_features import features_passed_over, key_digests, unmoved_features

DAEMON_RELOAD = "daemon-reload"
_OF_THE_STORE = ("storage-driver", OF_FEATURES + SNAPSHOTTER)
# Two names of one key (moby, daemon/config; graph went in 23.0).
_NAMES_OF_ONE = {"graph", "data-root"}


class Reason(NamedTuple):
    """Why the daemon does not use a file yet: the file, the reason, and what mends it."""

    path: str
    sentence: str
    action: str


class Effect(NamedTuple):
    """What is to be done to a running daemon.

    ``action`` is empty, daemon-reload, reload or restart. ``keys`` are daemon.json's keys that it
    has not read, with what each needs; for the ``unknown`` ones nobody can tell. ``breaks`` are
    changes that no container lives through. If ``live_restore_first`` is not None, a reload must
    first switch live-restore to it: on, so that containers live; off where they cannot, since a
    daemon that finds containers running does not apply such a change (moby: "updated network
    configuration will not take").
    """

    action: str = ""
    keys: Dict[str, str] = {}
    reasons: Tuple[Reason, ...] = ()
    breaks: Tuple[str, ...] = ()
    containers_live: bool = False
    live_restore_first: Optional[bool] = None
    unknown: Tuple[str, ...] = ()


def impact_of(action: str) -> Impact:
    """Say what an action disturbs; that systemd reads its files disturbs nothing."""
    return {RELOAD: impacts.RELOAD, RESTART: impacts.RESTART}.get(action, impacts.NONE)


def effect_on_daemon(observed: Observation, staged: StagedSet) -> Effect:
    """Say what a running daemon needs to use the files, with the staged ones in their places."""
    service = observed.units.get(DOCKER_SERVICE, UnitObserved())
    if service.active_state != "active":
        return Effect()
    files = with_staged(observed.files, staged)
    unit = read_unit(files)
    reasons: List[Reason] = list(_unit_reasons(observed, service, files, unit))
    keys = _Keys({}, (), ())
    try:
        document = read_document(files.get(DAEMON_JSON, FileObserved()).text)
    except NotADocument:
        document = None
    if document is not None:
        keys = _unread_keys(observed, service, document, unit, files)
        if keys.unread:
            reasons.append(key_reason(keys.unread, keys.unknown))
        keys = keys._replace(breaks=breaks_beside(keys.breaks, observed, unit, document))
        if IMAGE_STORE in keys.breaks and runs_another_engine(observed):
            reasons.append(Reason(DOCKER_SERVICE, other_store(observed, unit, document), RESTART))
    actions = [reason.action for reason in reasons]
    action = next((each for each in (RESTART, RELOAD, DAEMON_RELOAD) if each in actions), "")
    live_after = bool((document or {}).get("live-restore", flag_is_set(unit, "live-restore")))
    daemon = observed.daemon
    live_now = daemon is not None and daemon.live_restore
    return Effect(
        action=action,
        keys=keys.unread,
        reasons=tuple(reasons),
        breaks=keys.breaks,
        containers_live=live_after and not keys.breaks,
        live_restore_first=_live_restore_first(live_now, live_after, keys.breaks)
        if daemon is not None
        else None,
        unknown=keys.unknown,
    )


def _live_restore_first(
    live_now: bool, live_after: bool, breaks: Tuple[str, ...]
) -> Optional[bool]:
    if live_now and breaks:
        return False
    return True if live_after and not live_now and not breaks else None


def with_staged(files: Mapping[str, FileObserved], staged: StagedSet) -> Dict[str, FileObserved]:
    """Give the host's files as they will be once the set is committed."""
    result = dict(files)
    for path, file in staged.files.items():
        if differs(file, result.get(path, FileObserved())):
            result[path] = (
                FileObserved()
                if file.text is None
                else FileObserved(
                    kind="file", text=file.text, mode=file.mode, modified=float("inf")
                )
            )
    return result


def differs(file: StagedFile, live: FileObserved) -> bool:
    """Whether a staged file differs from the live one in its text, mode or owner."""
    if file.text is None:
        return live.kind != "absent"
    return (live.kind, live.text, live.mode, live.owner, live.group) != (
        "file",
        file.text,
        file.mode,
        0,
        0,
    )


def activation_record(observed: Observation) -> ActivationRecord:
    """Give what the running daemon has read, if it was just activated with these files."""
    return ActivationRecord(
        invocation=observed.units[DOCKER_SERVICE].invocation,
        keys=live_keys(observed) or {},
        unit_files=_unit_digests(observed.files, read_unit(observed.files), observed.applied.salt),
        identity=observed.files.get(DAEMON_JSON, FileObserved()).identity,
        text=digest(observed.applied.salt, observed.files.get(DAEMON_JSON, FileObserved()).text),
    )


class _Keys(NamedTuple):
    """Keys of daemon.json that the daemon does not use as they are, with what each needs.

    For those in ``unknown`` nobody can tell; no container lives through those in ``breaks``.
    """

    unread: Dict[str, str]
    unknown: Tuple[str, ...]
    breaks: Tuple[str, ...]


def _unread_keys(
    observed: Observation,
    service: UnitObserved,
    document: Document,
    unit: DockerUnit,
    files: Mapping[str, FileObserved],
) -> _Keys:
    """Find the keys that the daemon has not read: by its own word, or else by record and clock."""
    daemon = observed.daemon
    settings = daemon.settings if daemon is not None else {}
    version = parse_version(daemon.server_version if daemon else "")
    after = key_digests(document, observed.applied.salt)
    read = keys_read(observed, service)
    live = live_keys(observed) or {}
    # A changed key must be read by the daemon, even if it only confirms what the daemon does.
    agreed = agreements(document, settings, unit) - _changed(live, after)
    # If nobody knows what was read, it is certain that keys that are not live were not read.
    before = live if read is None else read
    unmoved = unmoved_features(before, after, observed.applied.salt, version)
    changed = _changed(before, after) - agreed - unmoved
    passed_over = features_passed_over(version)
    changed.update(set(disagreements(document, settings, unit)) - passed_over)
    unknown = set(after) - agreed - changed - unmoved if read is None else set()
    keys = {key: effect_of(key, key not in document, version) for key in sorted(changed | unknown)}
    breaks = [key for key in keys if key in BREAK_LIVE_RESTORE]
    if "live-restore" in keys and not document.get("live-restore"):
        breaks.append("live-restore")
    breaks = [key for key in breaks if not is_so_already(key, document, settings)]
    if daemon is not None and set(breaks).intersection(_OF_THE_STORE):
        to_be = observed._replace(files=dict(files))
        stores = store_change(to_be, unit, document, document, version, version)
        if stores.then.is_surely(stores.now):
            # The change only names the store in use, or no longer names what is the default anyway.
            breaks = [key for key in breaks if key not in _OF_THE_STORE]
    return _Keys(keys, tuple(sorted(unknown)), tuple(breaks))


def _changed(read: Mapping[str, str], after: Mapping[str, str]) -> Set[str]:
    changed = {key for key in set(read) | set(after) if read.get(key) != after.get(key)}
    if {read.get(key) for key in _NAMES_OF_ONE} == {after.get(key) for key in _NAMES_OF_ONE}:
        changed -= _NAMES_OF_ONE
    return changed


def _unit_digests(files: Mapping[str, FileObserved], unit: DockerUnit, salt: str) -> Dict[str, str]:
    """Give digests of how a daemon is started, without the order and guards of its start."""
    parts = {path: of_the_process(files[path].text) for path in unit.files}
    return {path: digest(salt, text) for path, text in parts.items() if text}


def _unit_reasons(
    observed: Observation,
    service: UnitObserved,
    files: Mapping[str, FileObserved],
    unit: DockerUnit,
) -> List[Reason]:
    reasons: List[Reason] = []
    for path, is_known in _unread_unit_files(observed, service, files, unit).items():
        sentence = "%s has changed since the daemon was started"
        if not is_known:
            sentence = "nobody can tell whether the daemon was started with %s as it is"
        reasons.append(Reason(path, sentence % path, RESTART))
    # If another program starts dockerd, the unit does not show dockerd's own arguments.
    known = unit.is_plain and is_dockerd(unit) and runs_what_is_named(unit, service)
    if not reasons and known and service.arguments:
        # The first word is only the name that a process shows.
        differing = contrast(unit.arguments[:1] + service.arguments[1:], unit.arguments)
        if differing:
            reasons.append(
                Reason(DOCKER_SERVICE, _started_otherwise(differing, unit.source), RESTART)
            )
    # A file that systemd cannot read always counts as changed, whatever is reloaded.
    unreadable = any(each.unit == DOCKER_SERVICE for each in observed.unit_faults)
    if service.needs_daemon_reload and not unreadable:
        sentence = "systemd has not read the files of %s as they are" % DOCKER_SERVICE
        reasons.append(Reason(DOCKER_SERVICE, sentence, DAEMON_RELOAD))
    return reasons


def _started_otherwise(differing: Contrast, source: str) -> str:
    told = []
    if differing.program:
        told.append("as %s" % differing.program)
    if differing.beyond:
        told.append(
            "with %s, which no file of %s says" % (" ".join(differing.beyond), DOCKER_SERVICE)
        )
    if differing.lacking:
        told.append("without %s, which %s says" % (" ".join(differing.lacking), source))
    return "the running daemon was started %s" % ", and ".join(told)


def _unread_unit_files(
    observed: Observation,
    service: UnitObserved,
    files: Mapping[str, FileObserved],
    unit: DockerUnit,
) -> Dict[str, bool]:
    """Name the unit's files that the running daemon was not started with, and if that is certain.

    A file that was moved with the same text counts as the same.
    """
    salt, record = observed.applied.salt, observed.applied.activation
    now = _unit_digests(files, unit, salt)
    if record is not None and record.invocation and record.invocation == service.invocation:
        return dict.fromkeys(_moved(record.unit_files, now), True)
    live = _unit_digests(observed.files, read_unit(observed.files), salt)
    # At best it was started with the live files, so not with staged ones, nor without those that
    # go.
    unread = dict.fromkeys(_moved(live, now), True)
    written = live if record is None else _moved(record.unit_files, live)
    for path in written:
        if path in live and not _was_there(service, observed.files, path):
            unread.setdefault(path, record is not None)
    return {path: unread[path] for path in sorted(unread)}


def _was_there(service: UnitObserved, files: Mapping[str, FileObserved], path: str) -> bool:
    """Whether a file of the unit, or one that it is a copy of, is older than the daemon's run."""
    copies = UNIT_FILES if path in UNIT_FILES else (path,)
    text = of_the_process(files[path].text)
    return any(
        began_after(service, files[each])
        for each in copies
        if each in files and files[each].kind != "absent"
        if of_the_process(files[each].text) == text
    )


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> List[str]:
    """Name the files whose text differs, matched by their place in the unit."""
    was = {place_of(path): text for path, text in before.items()}
    found = [path for path, text in after.items() if was.get(place_of(path)) != text]
    places = {place_of(path) for path in after}
    return sorted(found + [path for path in before if place_of(path) not in places])


def without_parents(keys: Iterable[str]) -> List[str]:
    """Sort keys, and leave out a map's key if a part of the map is there too."""
    named = sorted(keys)
    return [key for key in named if not any(each.startswith(key + ".") for each in named)]


def key_reason(keys: Mapping[str, str], unknown: Sequence[str]) -> Reason:
    """Say that the daemon does not use keys of daemon.json as they are, or that nobody can tell."""
    action = RESTART if RESTART in keys.values() else RELOAD
    unread = ", ".join(key for key in without_parents(keys) if key not in unknown)
    doubtful = ", ".join(key for key in without_parents(keys) if key in unknown)
    told = "the running daemon does not go by %s of %s" % (unread, DAEMON_JSON)
    if doubtful and unread:
        told += ", and nobody can tell whether it has read %s" % doubtful
    elif doubtful:
        told = "nobody can tell whether the running daemon has read %s of %s" % (
            doubtful,
            DAEMON_JSON,
        )
    return Reason(DAEMON_JSON, told, action)
