#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commit staged configuration, and have the engine's units run and go by it."""

DOCUMENTATION = r"""
module: docker_activation
short_description: Commit Docker's staged configuration and have the daemon go by it
version_added: 0.1.0
description:
  - Compares docker.service and containerd.service with what is wanted of them - enabled, running
    the program that is installed, going by the configuration that is live - and carries out what
    differs.
  - Commits what other roles have staged as one transaction. dockerd validates it, what is live is
    saved, the staged files are installed, and the daemon is started, reloaded or restarted,
    whichever it takes. A set with which the daemon does not become well is taken back, the daemon
    started with the one before, and the journal's last words are the error. On a first start,
    where nothing is to go back to, the daemon is stopped together with its socket.
  - A daemon is well when it answers, tells the values that are declared, stays up for some
    seconds, and runs the containers that ran before.
  - What a running daemon has read is known by the invocation of its unit, and checked against its
    own word, so a correct file under a daemon that never read it is a difference.
  - A set that was taken back is not tried again until it changes or O(retry) is set.
  - A restart that would stop running containers is refused unless it is consented to.
extends_documentation_fragment:
  - dockwright.host.variables.docker_activation
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows each difference between the host and what is declared.
    support: full
"""

EXAMPLES = r"""
- name: Have the installed engine run
  dockwright.host.docker_activation:

- name: Try once more what failed because a port was in use
  dockwright.host.docker_activation:
    retry: true

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
  returned: success, and with -v where it fails
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

from ..module_utils.appliers.activation.activation import apply_activation
from ..module_utils.appliers.activation.commit import keep_served
from ..module_utils.appliers.host.applied import serving_record
from ..module_utils.doors import carry_out, declare
from ..module_utils.words.arguments import module_arguments
from ..module_utils.words.declarations.activation import declare_activation
from ..module_utils.words.declarations.host import Declaration


def main():
    """Bring the engine's units to what is declared."""
    arguments = module_arguments("docker_activation")
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    declaration = declare(module, lambda given: Declaration(activation=declare_activation(given)))
    carry_out(
        module,
        "docker_activation",
        declaration,
        apply_activation,
        serving=serving_record,
        keep=keep_served,
    )


if __name__ == "__main__":
    main()
