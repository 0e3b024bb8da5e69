#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep the modules, sysctls and boot arguments of a Docker host."""

DOCUMENTATION = r"""
module: docker_kernel
short_description: Keep the modules, sysctls and boot arguments of a Docker host
version_added: 0.1.0
description:
  - Loads modules and sets sysctls, now and for every boot, each in one file of its own. A later
    file that has the last word is named.
  - Has the kernel account for swap, by arguments that the boot loader gives it, where it does not
    do so by itself. A container has no boot loader, and that is told.
  - It reboots nothing. RV(reboot_required) says that a reboot is needed.
extends_documentation_fragment:
  - dockwright.host.variables.docker_kernel
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
  storage_filesystem:
    description:
      - The filesystem that docker_storage keeps, whose module is needed; V(auto) for the one of
        this system. Empty where it keeps none.
    type: str
    default: ""
  daemon_config:
    description:
      - What docker_daemon declares of C(bridge), C(firewall-backend), C(ip-forward),
        C(ip-forward-no-drop) and C(iptables), which say whether dockerd switches forwarding on.
        Without it daemon.json itself counts.
    type: dict
"""

EXAMPLES = r"""
- name: Keep what a Docker host needs
  dockwright.host.docker_kernel:

- name: Raise limits, and have a kernel account for swap
  dockwright.host.docker_kernel:
    sem: 250 32000 100 1024
    sysctl:
      net.core.somaxconn: 1024
    swap_accounting: present
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
    - resource: kernel.sysctl
      role: docker_kernel
      path: net.ipv4.ip_forward
      expected: "1"
      actual: "0"
      impact: none
      sentence: set net.ipv4.ip_forward to 1
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
reboot_required:
  description: Whether what was declared takes a reboot that is still to come.
  returned: success
  type: bool
  sample: false
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.appliers.kernel.kernel import apply_kernel
from ..module_utils.doors import carry_out, declare
from ..module_utils.words.arguments import module_arguments
from ..module_utils.words.declarations.activation import declare_activation
from ..module_utils.words.declarations.host import Declaration
from ..module_utils.words.declarations.kernel import KERNEL_GIVEN, declare_kernel


def main():
    """Bring the kernel to what is declared."""
    module = AnsibleModule(
        argument_spec=module_arguments("docker_kernel", **KERNEL_GIVEN), supports_check_mode=True
    )
    declaration = declare(
        module,
        lambda given: Declaration(
            activation=declare_activation(given), kernel=declare_kernel(given)
        ),
    )
    carry_out(module, "docker_kernel", declaration, apply_kernel, tell=_reboot_required)


def _reboot_required(left):
    return {"reboot_required": any(each.impact == "reboot" for each in left.differences)}


if __name__ == "__main__":
    main()
