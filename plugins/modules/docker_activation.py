#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Start and enable the engine's units."""

DOCUMENTATION = r"""
module: docker_activation
short_description: Enable the Docker daemon and have it run what is installed
version_added: 0.1.0
description:
  - Compares docker.service and containerd.service with what is wanted of them - enabled, running,
    and running the program that is installed - and carries out what differs.
  - After a start it waits until the daemon answers. One that does not come up is stopped together
    with its socket, and the journal's last words are the error.
  - A restart that would stop running containers is refused unless it is consented to.
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows each difference between the host and what is declared.
    support: full
options:
  allow_container_stop:
    description:
      - Consents to a restart of the daemon that stops running containers.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have the installed engine run
  dockwright.host.docker_activation:

- name: Have it run, even if containers must stop for it
  dockwright.host.docker_activation:
    allow_container_stop: true
"""

RETURN = r"""
verdict:
  description: V(clean), V(drifted) or V(failed), as found before anything was done.
  returned: always
  type: str
  sample: drifted
differences:
  description: What was not as declared, in the plan's words.
  returned: always
  type: list
  elements: dict
  sample:
    - resource: service.running
      role: docker_activation
      path: docker.service
      expected: active
      actual: inactive
      impact: none
      sentence: start docker.service
      cause: drift
      sensitive: false
      refusal: null
unverifiable:
  description: What could not be judged, each with the reason.
  returned: always
  type: list
  elements: dict
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockwright.host.plugins.module_utils.appliers.activation import (
    apply_activation,
)
from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    ACTIVATION_ARGUMENTS,
    Declaration,
    declare_activation,
)
from ansible_collections.dockwright.host.plugins.module_utils.doors import carry_out, declare


def main():
    """Bring the engine's units to what is declared."""
    module = AnsibleModule(argument_spec=dict(ACTIVATION_ARGUMENTS), supports_check_mode=True)
    declaration = declare(module, lambda given: Declaration(activation=declare_activation(given)))
    carry_out(module, "docker_activation", declaration, apply_activation)


if __name__ == "__main__":
    main()
