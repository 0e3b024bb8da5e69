# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the record of what Dockwright last applied to this machine."""

import json

from ansible_collections.dockwright.host.plugins.module_utils.observation import Applied
from ansible_collections.dockwright.host.plugins.module_utils.observers.files import observe_file

RECORD = "/var/lib/dockwright/applied.json"
SCHEMA_VERSION = 1


def machine_id() -> str:
    """Give the id systemd made for this machine (machine-id(5)), empty without one."""
    return observe_file("/etc/machine-id").text.strip()


def observe_applied() -> Applied:
    """Read the record; one that is lost, damaged or another machine's is not trusted."""
    record = observe_file(RECORD)
    if record.kind != "file":
        return Applied({})
    try:
        contents = json.loads(record.text)
        digests = {str(key): str(value) for key, value in contents["applied"].items()}
        same_machine = bool(contents["machine_id"]) and contents["machine_id"] == machine_id()
        known = contents["schema_version"] == SCHEMA_VERSION
    except (ValueError, KeyError, TypeError, AttributeError):
        return Applied({})
    return Applied(digests if known else {}, known and same_machine)
