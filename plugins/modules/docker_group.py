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
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows each difference, before and after.
    support: full
options:
  members:
    description:
      - Users, by exact name, who may use Docker without sudo, which makes them root.
    type: list
    elements: str
    default: []
  exclusive:
    description:
      - Takes members out that are not declared. Without it they are reported.
    type: bool
    default: false
  gid:
    description:
      - The GID of the group, made before the packages would make it with another. 0 leaves it to
        the system.
    type: int
    default: 0
  ignore_missing_users:
    description:
      - Passes over members that do not exist on this host.
    type: bool
    default: false
  run_timeout:
    description:
      - How many seconds to wait for another run of Dockwright on the same host to end.
    type: int
    default: 300
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
from ..module_utils.words.declarations.group import GROUP_ARGUMENTS, declare_group
from ..module_utils.words.declarations.host import WAITING, Declaration, declare_activation


def main():
    """Bring the group to what is declared."""
    module = AnsibleModule(argument_spec=dict(GROUP_ARGUMENTS, **WAITING), supports_check_mode=True)
    declaration = declare(
        module,
        lambda given: Declaration(activation=declare_activation(given), group=declare_group(given)),
    )
    carry_out(module, "docker_group", declaration, apply_group)


if __name__ == "__main__":
    main()
