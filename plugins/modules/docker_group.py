#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep the docker group, its members, and the socket it opens."""

DOCUMENTATION = r"""
module: docker_group
short_description: Keep the docker group, its members, and the socket it opens
version_added: 0.1.0
description:
  - Keeps the group docker at its GID, and its members. A member by primary group counts as one.
  - A member that is not declared is reported, for the group is root, and taken out where
    O(exclusive) says so, or where a run has recorded it as declared. Users that do not exist are
    refused, unless O(ignore_missing_users) passes over them.
  - Administrators of the group, members that /etc/gshadow alone lists, and a password of it are
    treated like members that are not declared.
  - Keeps the owner, group, mode and access control list of the socket that the group opens.
  - Says which running sessions have not got the group, and need a new login.
extends_documentation_fragment:
  - dockwright.host.variables.docker_group
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows each difference, before and after.
    support: full
"""

EXAMPLES = r"""
- name: Let two users use Docker without sudo
  dockwright.host.docker_group:
    members: [alice, bob]

- name: Let nobody else do so, with the same GID on every host
  dockwright.host.docker_group:
    members: [alice, bob]
    exclusive: true
    gid: 990
"""

RETURN = r"""
verdict:
  description: V(clean), V(drifted) or V(failed), as found before anything was done.
  returned: always
  type: str
  sample: drifted
differences:
  description: What was not as declared.
  returned: success, and with -v where it fails
  type: list
  elements: dict
  sample:
    - resource: group.member
      role: docker_group
      path: alice
      expected: a member
      actual: no member
      impact: none
      sentence: put alice into the group docker, which is root
      cause: pending
      sensitive: false
      refusal: null
      only_reported: false
unverifiable:
  description: What could not be judged, each with the reason.
  returned: success, and with -v where it fails
  type: list
  elements: dict
  sample: []
notes:
  description: What is no difference and may be worth knowing, in sentences.
  returned: success, and with -v where it fails
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.appliers.group.group import apply_group
from ..module_utils.doors import carry_out, declare
from ..module_utils.words.arguments import module_arguments
from ..module_utils.words.declarations.activation import declare_activation
from ..module_utils.words.declarations.group import declare_group
from ..module_utils.words.declarations.host import Declaration


def main():
    """Bring the group to what is declared."""
    arguments = module_arguments("docker_group")
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    declaration = declare(
        module,
        lambda given: Declaration(activation=declare_activation(given), group=declare_group(given)),
    )
    carry_out(module, "docker_group", declaration, apply_group)


if __name__ == "__main__":
    main()
