# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Record what was applied, so that the next plan can tell drift from a changed declaration."""

import json

from ansible_collections.dockwright.host.plugins.module_utils.appliers.files import write
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.observation import Applied
from ansible_collections.dockwright.host.plugins.module_utils.observers.applied import (
    RECORD,
    SCHEMA_VERSION,
    machine_id,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.comparison import (
    record_key,
)


def record_applied(plan: Plan, applied: Applied) -> bool:
    """Record that a host is as this plan declares; tell whether the record changed."""
    digests = dict(applied.digests) if applied.trusted else {}
    digests.update({record_key(each.resource, each.path): each.digest for each in plan.declared})
    if applied.trusted and digests == applied.digests:
        return False
    contents = {"schema_version": SCHEMA_VERSION, "machine_id": machine_id(), "applied": digests}
    text = json.dumps(contents, indent=2, sort_keys=True) + "\n"
    write(RECORD, text, mode=0o600, folder_mode=0o700)
    return True
