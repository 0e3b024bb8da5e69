# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the record of what Dockwright last applied to this machine."""

import binascii
import json
import os
from typing import Any, Dict, Optional

from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    ActivationRecord,
    Applied,
    FailedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.files import (
    is_roots_own,
    observe_file,
)

RECORD = "/var/lib/dockwright/applied.json"
SCHEMA_VERSION = 1


def machine_id() -> str:
    """Give the id systemd made for this machine (machine-id(5)), empty without one."""
    return observe_file("/etc/machine-id").text.strip()


def observe_applied() -> Applied:
    """Read the record; one that is lost or damaged is empty, another machine's is not trusted.

    What another machine's record names is still ours: the machine is a clone. What it says of a
    running daemon means nothing here.
    """
    record = observe_file(RECORD)
    nothing = Applied({}, salt=_new_salt())
    # Whoever could write it could have us take away what is somebody else's.
    if not is_roots_own(record):
        return nothing
    try:
        contents = json.loads(record.text)
        if contents["schema_version"] != SCHEMA_VERSION:
            return nothing
        digests = _texts(contents["applied"])
        salt = str(contents.get("salt") or nothing.salt)
        if not contents["machine_id"] or contents["machine_id"] != machine_id():
            return Applied(digests, False, salt)
        return Applied(
            digests, True, salt, _activation(contents.get("activation")), _failed(contents)
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return nothing


def _activation(values: Any) -> Optional[ActivationRecord]:
    if not values:
        return None
    return ActivationRecord(
        str(values["invocation"]),
        _texts(values["keys"]),
        _texts(values["unit_files"]),
        str(values.get("identity", "")),
    )


def _failed(contents: Dict[str, Any]) -> Optional[FailedSet]:
    values = contents.get("failed")
    if not values:
        return None
    return FailedSet(str(values["digest"]), str(values["at"]), str(values["reason"]))


def _texts(values: Any) -> Dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}


def _new_salt() -> str:
    return binascii.hexlify(os.urandom(16)).decode("ascii")
