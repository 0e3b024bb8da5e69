# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the variables of Dockwright's roles."""

DOCUMENTATION = r"""
name: mistakes
author: Dockwright contributors (@dockwright)
short_description: What is wrong with the variables of Dockwright's roles
description:
  - Gives a sentence for each variable of any role that is not what it may be - its name, its value
    where that is no secret, and what it wants. Warns of names that are nearly ones of theirs.
options: {}
"""

EXAMPLES = r"""
- name: Refuse variables that are not what they may be
  ansible.builtin.assert:
    that: query('dockwright.host.mistakes') | length == 0
    fail_msg: "{{ query('dockwright.host.mistakes') | join(' ') }}"
"""

RETURN = r"""
_raw:
  description: The sentences; none where all is well.
  type: list
  elements: str
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible_collections.dockwright.host.plugins.plugin_utils.declared import declared_value
from ansible_collections.dockwright.host.plugins.plugin_utils.names import warn_of_misspelt
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import (
    Mistake,
)
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import (
    variables as known,
)

# A name that is nearly ours begins with our letter, unless the slip is in that letter.
_OURS = ("d", "D")


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(
        self,
        terms: Sequence[str],  # noqa: ARG002
        variables: Mapping[str, Any] | None = None,
        **_options: Any,
    ) -> list[str]:
        """Give a sentence for each mistake."""
        given = variables or {}
        # A role's own variables belong to no host, so site.yml does not see them.
        warn_of_misspelt(name for name in given if name.startswith(_OURS))
        return list(self._mistakes(given))

    def _mistakes(self, given: Mapping[str, Any]) -> Iterator[str]:
        for name in known():
            if name in given:
                try:
                    declared_value(self, name, given)
                except Mistake as mistake:
                    yield str(mistake)
