#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stage daemon.json as it is declared."""

DOCUMENTATION = r"""
module: docker_daemon_config
short_description: Stage Docker's daemon.json, merged with what is there
version_added: 0.1.0
description:
  - Merges what is declared into /etc/docker/daemon.json and stages the result for
    M(dockwright.host.docker_activation) to commit. It changes nothing that is live.
  - Maps merge leaf by leaf; a list is one value; null takes a key out. What was declared before and
    is no longer, goes. What somebody else has set stays, and is told in RV(notes).
  - The document is checked before it is staged - unknown and misplaced keys, kinds of values, what
    this engine's version and these packages take, flags of the command line that say the same,
    TCP without client certificates, networks that the host is on, data that would be left behind -
    and then by the installed C(dockerd --validate), where it can.
  - A file with a secret in it is made readable for root alone, and secrets are not shown.
  - Where C(firewall-backend) is nftables it installs the package nftables, without whose program
    nft dockerd does not start.
extends_documentation_fragment:
  - dockwright.host.variables.docker_daemon
  - dockwright.host.variables.mount_point
  - dockwright.host.variables.package_proxy
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
- name: Pull through the accelerator, and keep images on another disk
  dockwright.host.docker_daemon_config:
    registry_mirrors:
      - https://cbnwh58y.mirror.aliyuncs.com
    config:
      data-root: /data0/store/soft/docker
      storage-driver: overlay2

- name: Keep Docker off the networks of a VPC
  dockwright.host.docker_daemon_config:
    reserved_networks:
      - 172.16.0.0/12
    bip: 192.168.200.1/24
    address_pools:
      - base: 192.168.208.0/20
        size: 24

- name: Have no limit to a container's log
  dockwright.host.docker_daemon_config:
    config:
      log-opts: null
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
    - resource: daemon_json
      role: docker_daemon
      path: /registry-mirrors
      expected: '["https://cbnwh58y.mirror.aliyuncs.com"]'
      actual: ""
      impact: reload
      sentence: set registry-mirrors to ["https://cbnwh58y.mirror.aliyuncs.com"]
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
  description: What is no difference and may be worth knowing, such as the keys others have set.
  returned: success, and with -v where it fails
  type: list
  elements: str
  sample:
    - "/etc/docker/daemon.json also holds what nobody has declared, and it stays: icc."
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.appliers.daemon.daemon import apply_daemon
from ..module_utils.doors import carry_out, declare, show_no_secret
from ..module_utils.words.arguments import module_arguments, package_proxy
from ..module_utils.words.declarations.activation import declare_activation
from ..module_utils.words.declarations.coming import STORAGE_GIVEN
from ..module_utils.words.declarations.daemon import declare_daemon
from ..module_utils.words.declarations.engine import EngineDeclaration, by_proxy
from ..module_utils.words.declarations.host import Declaration
from ..module_utils.words.declarations.proxy import declare_proxy


def main():
    """Stage daemon.json."""
    beside = dict(STORAGE_GIVEN, **package_proxy())
    module = AnsibleModule(
        argument_spec=module_arguments("docker_daemon", **beside), supports_check_mode=True
    )
    show_no_secret(module, docker_daemon=module.params, docker_proxy=module.params["proxy"])
    declaration = declare(
        module,
        lambda given: Declaration(
            engine=by_proxy(EngineDeclaration(()), declare_proxy(given["proxy"])),
            daemon=declare_daemon(given),
            activation=declare_activation(given),
        ),
    )
    carry_out(module, "docker_daemon", declaration, apply_daemon, stages=True)


if __name__ == "__main__":
    main()
