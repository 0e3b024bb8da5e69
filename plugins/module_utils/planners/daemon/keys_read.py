# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find which keys of daemon.json the running daemon has read, by the record or by the clock."""

from typing import Dict, Optional

from ...words.declared import digest
from ...words.observations.host import ActivationRecord, FileObserved, Observation, UnitObserved
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_defaults import DAEMON_DEFAULTS
from ..activation.start_features import key_digests
from .document import Document, NotADocument, read_document

# The start of a process is known to within this many seconds.
_CLOCK_SECONDS = 2.0


def keys_read(observed: Observation, service: UnitObserved) -> Optional[Dict[str, str]]:
    """Give digests of the keys that the daemon has read; None where nobody can tell."""
    record = observed.applied.activation
    recorded = _recorded_keys(record, observed)
    if record is not None and record.invocation and record.invocation == service.invocation:
        return recorded
    live, file = live_keys(observed), observed.files.get(DAEMON_JSON, FileObserved())
    if record is not None and record.identity and record.identity == file.identity:
        # Nobody has written the file since, so any later start has read the same.
        return recorded
    if live is None or began_after(service, file):
        return live
    if record is None:
        return None
    # The file was written after the start. If its contents changed, it was an edit of what is on
    # record. If they did not, either this file was touched, or another one took its place, and
    # nobody knows what that held in between.
    spelt_anew = record.text not in ("", digest(observed.applied.salt, file.text))
    is_edit = recorded != live or spelt_anew
    return recorded if is_edit or _is_same_file(record, file) else None


def _recorded_keys(record: Optional[ActivationRecord], observed: Observation) -> Dict[str, str]:
    """Give what is on record as read; a value recorded as it is spelt is replaced by its meaning.

    An earlier Dockwright recorded values as they are spelt, and also those that change nothing.
    """
    if record is None:
        return {}
    salt, live = observed.applied.salt, _live_document(observed) or {}
    spelt = {key: digest(salt, value) for key, value in live.items()}
    meant = key_digests(live, salt)
    keys: Dict[str, str] = {}
    for key, said in record.keys.items():
        if said == spelt.get(key):
            keys.update({key: meant[key]} if key in meant else {})
        elif key not in DAEMON_DEFAULTS or said != digest(salt, DAEMON_DEFAULTS[key]):
            keys[key] = said
    return keys


def _is_same_file(record: ActivationRecord, file: FileObserved) -> bool:
    """Whether a file was at most written in place since it was recorded, by its inode's number."""
    number = file.identity.partition(":")[0]
    return bool(number) and number == record.identity.partition(":")[0]


def _live_document(observed: Observation) -> Optional[Document]:
    try:
        return read_document(observed.files.get(DAEMON_JSON, FileObserved()).text)
    except NotADocument:
        return None


def live_keys(observed: Observation) -> Optional[Dict[str, str]]:
    """Give digests of the keys of the live daemon.json; None where it cannot be read."""
    document = _live_document(observed)
    return None if document is None else key_digests(document, observed.applied.salt)


def began_after(service: UnitObserved, file: FileObserved) -> bool:
    """Whether the service began after the file's last change, for want of a record."""
    return not service.started or file.modified <= service.started + _CLOCK_SECONDS
