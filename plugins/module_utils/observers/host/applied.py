# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the record of what Dockwright last applied to this machine."""

import binascii
import glob
import json
import os
from typing import Any, Dict, Optional

from ...words.observations.host import (
    RECORD_VERSION,
    ActivationRecord,
    Applied,
    FailedSet,
    FileObserved,
)
from ...words.paths import APPLIED_RECORD, MACHINE_ID
from .files import is_roots_own, observe_file

RECORD = APPLIED_RECORD
# Files whose first line says that a run has written them. Each run writes a record before them.
WRITTEN_BY_US = "# Written by Dockwright"
_WRITTEN_HERE = (
    "/etc/modules-load.d/dockwright.conf",
    "/etc/sysctl.d/*dockwright*.conf",
    "/etc/default/grub.d/*dockwright*.cfg",
    "/etc/systemd/system/*.mount",
    "/etc/systemd/system/docker.service.d/*.conf",
    "/etc/systemd/system/containerd.service.d/*.conf",
    "/etc/apt/sources.list.d/docker*",
    "/etc/yum.repos.d/docker*.repo",
)
# systemd writes this in the place of an id before a first boot (machine-id(5)).
_NO_ID = ("", "uninitialized")


class _Damaged(Exception):
    """The record's contents are not what a record holds; the message says what is wrong."""


def machine_id() -> str:
    """Give the id that systemd made for this machine (machine-id(5)); empty without one."""
    name = observe_file(MACHINE_ID).text.strip()
    return "" if name in _NO_ID else name


def observe_applied() -> Applied:
    """Read the record; give what can be read of a lost or damaged one, and what became of it.

    What another machine's record names is still ours, since the machine is a clone. What it says of
    a running daemon means nothing here.
    """
    nothing = Applied({}, salt=_new_salt())
    file = observe_file(RECORD)
    if file.kind == "absent":
        return nothing._replace(lost=_what_was_lost())
    unread = _unread(file)
    if unread:
        return nothing._replace(lost=unread)
    try:
        contents = _contents(file.text)
        version = contents.get("schema_version")
        # JSON's true is an int too, and no version.
        if not isinstance(version, int) or isinstance(version, bool):
            raise _Damaged("it does not say its version")
        if version > RECORD_VERSION:
            return nothing._replace(newer=version)
        if version != RECORD_VERSION:
            raise _Damaged("it does not say its version")
    except _Damaged as damage:
        return nothing._replace(lost=str(damage))
    return _read(contents, nothing.salt)


def _unread(file: FileObserved) -> str:
    """Say why a record cannot be read; empty where it can."""
    if file.unreadable:
        return "it cannot be read: %s" % file.unreadable
    if file.kind != "file":
        kinds = {"directory": "a directory", "link": "a link"}
        return "%s is in its place" % kinds.get(file.kind, "something that is no file")
    if not is_roots_own(file):
        # Whoever could write it could have us remove somebody else's things.
        told = "others than root could have written it (mode %04o, owner %d)"
        return told % (file.mode, file.owner)
    return "" if file.text.strip() else "it is empty"


def _contents(text: str) -> Dict[str, Any]:
    try:
        text.encode("utf-8")
        contents = json.loads(text)
    except (ValueError, RecursionError):
        raise _Damaged("it is damaged")
    if not isinstance(contents, dict):
        raise _Damaged("it is damaged")
    return contents


def _read(contents: Dict[str, Any], new_salt: str) -> Applied:
    """Read each part by itself: what is ours is known even if another part is damaged."""
    salt, lost = contents.get("salt") or new_salt, ""
    if not isinstance(salt, str):
        # Without the salt nothing on record can be compared with what is declared.
        return Applied({}, salt=new_salt, lost="it is damaged")
    try:
        digests = _texts(contents.get("applied"))
    except _Damaged as damage:
        return Applied({}, salt=salt, lost=str(damage))
    of_machine, here = contents.get("machine_id"), machine_id()
    if here and (not isinstance(of_machine, str) or of_machine in _NO_ID):
        lost = "it does not say which machine it is of"
    try:
        activation, failed = _activation(contents.get("activation")), _failed(contents)
    except _Damaged as damage:
        lost = str(damage)
    if lost or of_machine != here or not here:
        return Applied(digests=digests, trusted=False, salt=salt, lost=lost, nameless=not here)
    return Applied(digests=digests, trusted=True, salt=salt, activation=activation, failed=failed)


def _what_was_lost() -> str:
    """Say why a missing record should be there; empty on a host that never had one."""
    folder = os.path.dirname(RECORD)
    if os.path.isdir(folder):
        return "it is gone"
    if os.path.lexists(folder):
        return "it is gone, and %s is no folder" % folder
    path = written_here()
    return "it is gone, though Dockwright has written %s" % path if path else ""


def written_here() -> str:
    """Give a file that Dockwright has written; empty where there is none."""
    for pattern in _WRITTEN_HERE:
        for path in sorted(glob.glob(pattern)):
            if observe_file(path).text.startswith(WRITTEN_BY_US):
                return path
    return ""


def _activation(values: Any) -> Optional[ActivationRecord]:
    if not values:
        return None
    if not isinstance(values, dict):
        raise _Damaged("it is damaged")
    return ActivationRecord(
        invocation=_text(values.get("invocation")),
        keys=_texts(values.get("keys")),
        unit_files=_texts(values.get("unit_files")),
        identity=_text(values.get("identity", "")),
        text=_text(values.get("text", "")),
    )


def _failed(contents: Dict[str, Any]) -> Optional[FailedSet]:
    values = contents.get("failed")
    if not values:
        return None
    if not isinstance(values, dict):
        raise _Damaged("it is damaged")
    return FailedSet(*[_text(values.get(name)) for name in FailedSet._fields])


def _texts(values: Any) -> Dict[str, str]:
    if not isinstance(values, dict):
        raise _Damaged("it is damaged")
    return {_text(key): _text(value) for key, value in values.items()}


def _text(value: Any) -> str:
    """Require a text that can be shown again."""
    try:
        if isinstance(value, str) and value.encode("utf-8") is not None:
            return value
    except UnicodeEncodeError:
        pass
    raise _Damaged("it is damaged")


def _new_salt() -> str:
    return binascii.hexlify(os.urandom(16)).decode("ascii")
