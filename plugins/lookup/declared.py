# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the variables of Dockwright's roles declare."""

DOCUMENTATION = r"""
name: declared
author: Dockwright contributors (@dockwright)
short_description: What the variables of Dockwright's roles declare
description:
  - Gives the value of a variable, or the arguments that a role's variables make for its module.
  - A variable that is null, or that nobody has set, is its default. docker_engine_repo_key is the
    key that it names.
options:
  _terms:
    description: Names of variables or of roles.
    required: true
"""

EXAMPLES = r"""
- name: Show the members that are declared
  ansible.builtin.debug:
    msg: "{{ lookup('dockwright.host.declared', 'docker_group_members') }}"
"""

RETURN = r"""
_raw:
  description: For each variable its value, and for each role a map of them without its prefix.
  type: list
  elements: raw
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.dockwright.host.plugins.plugin_utils.declared import declared_value
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import (
    Mistake,
    arguments_of,
)
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import (
    variables as known,
)


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(
        self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **_options: Any
    ) -> list[Any]:
        """Give the value of each."""
        given = variables or {}
        try:
            return [self._value(term, given) for term in terms]
        except Mistake as mistake:
            raise AnsibleError(str(mistake)) from None

    def _value(self, term: str, given: Mapping[str, Any]) -> Any:
        if term in known():
            return declared_value(self, term, given)
        return {
            argument: declared_value(self, name, given)
            for argument, name in arguments_of(term).items()
        }
