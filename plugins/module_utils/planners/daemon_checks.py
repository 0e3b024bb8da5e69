# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a daemon.json before any daemon meets it.

Each check gives refusals under the pointer of what they are about. dockerd's own validation
comes after these: it sees less, and engines before 23.0 have none.
"""

from itertools import chain

from ansible_collections.dockwright.host.plugins.module_utils.planners.circumstances import (
    Circumstances,
    Found,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_cgroups import (
    check_cgroups,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import Document
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_keys import (
    check_keys,
    check_kinds,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_networks import (
    check_networks,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_paths import (
    check_paths,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_values import (
    check_values,
)


def check_document(document: Document, known: Circumstances) -> Found:
    """Give everything that is wrong with a document."""
    wrong = set()
    for pointer, refusal in chain(check_keys(document, known), check_kinds(document)):
        wrong.add(pointer.split("/")[1])
        yield pointer, refusal
    # The checks below rely on a value being of its kind.
    sound = {
        key: value for key, value in document.items() if key not in wrong and value is not None
    }
    for check in (check_networks, check_paths, check_cgroups, check_values):
        for found in check(sound, known):
            yield found
