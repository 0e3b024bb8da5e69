# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at the docker group. Nothing is woken or written."""

from ansible_collections.dockwright.host.plugins.module_utils.group_observation import (
    GroupLook,
    GroupObserved,
)


def observe_group(look: GroupLook) -> GroupObserved:
    """Look at the group docker."""
    del look
    return GroupObserved()
