# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What it takes until the running daemon goes by the files: nothing, a reload or a restart.

Decided from state. What a daemon has read is known by the InvocationID of its unit's last
activation, and checked against its own word, ``GET /info``.
"""

import ipaddress
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Set, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.daemon_options import (
    BREAK_LIVE_RESTORE,
    FEATURE_OF_THE_START,
    RELOAD,
    RESTART,
    effect_of,
    parse_version,
)
from ansible_collections.dockwright.host.plugins.module_utils.difference import digest
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    ActivationRecord,
    FileObserved,
    Observation,
    StagedFile,
    StagedSet,
    UnitObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    PATH,
    Document,
    NotADocument,
    canonical,
    read_document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.data import declared_root
from ansible_collections.dockwright.host.plugins.module_utils.planners.docker_unit import (
    DockerUnit,
    flag_is_set,
    of_the_process,
    read_unit,
)

DAEMON = "docker.service"
DAEMON_RELOAD = "daemon-reload"
# The start of a process is known to the second.
_CLOCK_SECONDS = 2.0
# What /info shows though nobody has declared it.
_OWN_INSECURE = {"127.0.0.0/8", "::1/128"}
_OWN_RUNTIMES = {"runc", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"}
_UNSET: Dict[str, Any] = {
    "debug": False,
    "insecure-registries": [],
    "labels": [],
    "live-restore": False,
    "registry-mirrors": [],
    "runtimes": {},
    "default-runtime": "runc",
    "log-driver": "json-file",
}
# Told in another order, or with more than was declared.
_OF_MANY = ("insecure-registries", "labels", "registry-mirrors", "runtimes")


class Reason(NamedTuple):
    """Why the daemon does not go by the files yet: of which file, what, and what mends it."""

    path: str
    sentence: str
    action: str


class Effect(NamedTuple):
    """What is to be done to a running daemon.

    ``action`` is empty, daemon-reload, reload or restart; ``keys`` are daemon.json's keys it has
    not read, with what each takes. ``breaks`` are changes that no container lives through. Where
    ``live_restore_first`` is not None a reload must switch live-restore to it before a restart:
    on, so that containers live; off where they cannot, for a daemon that finds them running does
    not bring such a change into effect (moby: "updated network configuration will not take").
    """

    action: str = ""
    keys: Dict[str, str] = {}
    reasons: Tuple[Reason, ...] = ()
    breaks: Tuple[str, ...] = ()
    containers_live: bool = False
    live_restore_first: Optional[bool] = None


def effect_on_daemon(observed: Observation, staged: StagedSet) -> Effect:
    """Say what a running daemon needs to go by the files, with the staged ones in their places."""
    service = observed.units.get(DAEMON, UnitObserved())
    if service.active_state != "active":
        return Effect()
    files = with_staged(observed.files, staged)
    unit = read_unit(files)
    reasons: List[Reason] = list(_unit_reasons(observed, service, files, unit))
    keys: Dict[str, str] = {}
    breaks: Tuple[str, ...] = ()
    try:
        document = read_document(files.get(PATH, FileObserved()).text)
    except NotADocument:
        document = None
    if document is not None:
        keys, breaks = _unread_keys(observed, service, document, unit)
        if keys:
            reasons.append(_key_reason(keys))
    actions = [reason.action for reason in reasons]
    action = next((each for each in (RESTART, RELOAD, DAEMON_RELOAD) if each in actions), "")
    live_after = bool((document or {}).get("live-restore", flag_is_set(unit, "live-restore")))
    daemon = observed.daemon
    live_now = daemon is not None and daemon.live_restore
    return Effect(
        action,
        keys,
        tuple(reasons),
        breaks,
        live_after and not breaks,
        _live_restore_first(live_now, live_after, breaks) if daemon is not None else None,
    )


def _live_restore_first(
    live_now: bool, live_after: bool, breaks: Tuple[str, ...]
) -> Optional[bool]:
    if live_now and breaks:
        return False
    return True if live_after and not live_now and not breaks else None


def with_staged(files: Mapping[str, FileObserved], staged: StagedSet) -> Dict[str, FileObserved]:
    """The host's files as they will be once the set is committed."""
    result = dict(files)
    for path, file in staged.files.items():
        if differs(file, result.get(path, FileObserved())):
            result[path] = (
                FileObserved()
                if file.text is None
                else FileObserved("file", file.text, file.mode, modified=float("inf"))
            )
    return result


def differs(file: StagedFile, live: FileObserved) -> bool:
    """Whether a staged file is another than the live one, in its text, its mode or its owner."""
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
    """What the running daemon has read, if it has just been activated with these files."""
    return ActivationRecord(
        observed.units[DAEMON].invocation,
        _live_keys(observed) or {},
        _unit_digests(observed.files, read_unit(observed.files), observed.applied.salt),
        observed.files.get(PATH, FileObserved()).identity,
    )


def disagreements(
    document: Document, settings: Mapping[str, Any], unit: DockerUnit
) -> Tuple[str, ...]:
    """Name the keys for which the daemon's own word is another than the file's.

    A key the command line says as well, or that neither says, is not compared; and none is where
    the command line holds what only systemd can fill in.
    """
    found: List[str] = []
    if not unit.is_plain:
        return ()
    for key in sorted(set(_UNSET) | {"data-root", "storage-driver"}):
        if key in unit.flags or settings.get(key) is None:
            continue
        value = document.get(key, _UNSET.get(key))
        if value is not None and _told(key, value) != _told(key, settings[key]):
            found.append(key)
    return tuple(found)


def _told(key: str, value: Any) -> str:
    """Write a value as /info would tell it; one of a wrong kind as it is."""
    if key in _OF_MANY:
        if not isinstance(value, (list, dict)):
            return canonical(value)
        value = [str(each) for each in value]
    if key == "registry-mirrors":
        value = list(dict.fromkeys(each.rstrip("/") for each in value))
    elif key == "labels":
        value = sorted(set(value))
    elif key == "insecure-registries":
        value = sorted({_registry(each) for each in value} - _OWN_INSECURE)
    elif key == "runtimes":
        value = sorted(set(value) - _OWN_RUNTIMES)
    elif key == "data-root":
        value = declared_root(str(value)).rstrip("/")
    return canonical(value)


def _registry(text: str) -> str:
    """Name an insecure registry as the daemon does: no scheme, a network by its first address."""
    text = re.sub(r"(?i)^https?://", "", text)
    try:
        return str(ipaddress.ip_network(text, strict=False)) if "/" in text else text
    except ValueError:
        return text


def _unread_keys(
    observed: Observation, service: UnitObserved, document: Document, unit: DockerUnit
) -> Tuple[Dict[str, str], Tuple[str, ...]]:
    """Give the keys the daemon has not read, and those of them that break live-restore."""
    daemon = observed.daemon
    version = parse_version(daemon.server_version if daemon else "")
    after = _digests(document, observed.applied.salt)
    read = keys_read(observed, service)
    changed = set(after) if read is None else _changed(read, after)
    if daemon is not None:
        changed.update(disagreements(document, daemon.settings, unit))
    keys = {
        key: RESTART if read is None else effect_of(key, key not in document, version)
        for key in sorted(changed)
    }
    breaks = [key for key in keys if key in BREAK_LIVE_RESTORE]
    if "live-restore" in keys and not document.get("live-restore"):
        breaks.append("live-restore")
    if daemon is not None:
        breaks = [key for key in breaks if not _is_so_already(key, document, daemon.settings)]
    return keys, tuple(breaks)


def _is_so_already(key: str, document: Document, settings: Mapping[str, Any]) -> bool:
    """Whether a change only says what the daemon does by itself, such as its storage driver."""
    value = document.get(key)
    return value is not None and key in settings and _told(key, settings[key]) == _told(key, value)


def _changed(read: Mapping[str, str], after: Mapping[str, str]) -> Set[str]:
    return {key for key in set(read) | set(after) if read.get(key) != after.get(key)}


def keys_read(observed: Observation, service: UnitObserved) -> Optional[Dict[str, str]]:
    """Give digests of the keys the daemon has read; None where nobody can tell."""
    record = observed.applied.activation
    if record is not None and record.invocation and record.invocation == service.invocation:
        return record.keys
    live, file = _live_keys(observed), observed.files.get(PATH, FileObserved())
    if record is not None and record.identity and record.identity == file.identity:
        # Nobody has written it since, so whoever was started has read the same.
        return record.keys
    if live is None or _began_after(service, file):
        return live
    if record is None or record.keys == live:
        # Written since the start, if only with what it held before: nobody knows what was between.
        return None
    # An edit since the start; before it the file was as it is recorded.
    return record.keys


def _live_keys(observed: Observation) -> Optional[Dict[str, str]]:
    try:
        document = read_document(observed.files.get(PATH, FileObserved()).text)
    except NotADocument:
        return None
    return _digests(document, observed.applied.salt)


def _digests(document: Document, salt: str) -> Dict[str, str]:
    digests = {key: digest(salt, value) for key, value in document.items()}
    features = document.get("features")
    if isinstance(features, dict) and FEATURE_OF_THE_START in features:
        name = "features." + FEATURE_OF_THE_START
        digests[name] = digest(salt, features[FEATURE_OF_THE_START])
    return digests


def _began_after(service: UnitObserved, file: FileObserved) -> bool:
    """Where no record tells, the clock does."""
    return not service.started or file.modified <= service.started + _CLOCK_SECONDS


def _unit_digests(files: Mapping[str, FileObserved], unit: DockerUnit, salt: str) -> Dict[str, str]:
    """Name what a daemon is started by: what orders or guards its start does nothing to a run."""
    parts = {path: of_the_process(files[path].text) for path in unit.files}
    return {path: digest(salt, text) for path, text in parts.items() if text}


def _unit_reasons(
    observed: Observation,
    service: UnitObserved,
    files: Mapping[str, FileObserved],
    unit: DockerUnit,
) -> List[Reason]:
    reasons: List[Reason] = []
    for path in _unread_unit_files(observed, service, files, unit):
        sentence = "%s is another than when the daemon was started" % path
        reasons.append(Reason(path, sentence, RESTART))
    known = unit.is_plain and service.arguments and unit.arguments
    if not reasons and known and service.arguments != unit.arguments:
        sentence = "the running daemon has another command line than %s says" % unit.source
        reasons.append(Reason(DAEMON, sentence, RESTART))
    if service.needs_daemon_reload:
        sentence = "systemd has not read the files of %s as they are" % DAEMON
        reasons.append(Reason(DAEMON, sentence, DAEMON_RELOAD))
    return reasons


def _unread_unit_files(
    observed: Observation,
    service: UnitObserved,
    files: Mapping[str, FileObserved],
    unit: DockerUnit,
) -> List[str]:
    """Name the files of the unit that the running daemon was not started by."""
    salt, record = observed.applied.salt, observed.applied.activation
    now = _unit_digests(files, unit, salt)
    if record is not None and record.invocation and record.invocation == service.invocation:
        return sorted(_changed(record.unit_files, now))
    live = _unit_digests(observed.files, read_unit(observed.files), salt)
    # At best it was started by what is live: what is staged it has not read, nor what goes.
    unread = _changed(live, now)
    if record is None or record.unit_files != live:
        unread.update(path for path in live if not _began_after(service, observed.files[path]))
    return sorted(unread)


def _key_reason(keys: Mapping[str, str]) -> Reason:
    action = RESTART if RESTART in keys.values() else RELOAD
    return Reason(PATH, "the running daemon does not go by %s of %s" % (_list(keys), PATH), action)


def _list(keys: Mapping[str, str]) -> str:
    return ", ".join(sorted(keys))
