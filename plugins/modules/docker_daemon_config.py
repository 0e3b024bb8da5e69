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
  - dockwright.host.package_proxy
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
  config:
    description:
      - What is merged into daemon.json, under dockerd's own keys.
    type: dict
    default: {}
  defaults:
    description:
      - Adds what a person would expect where O(config) says nothing - the log driver json-file with
        C(max-size) 50m and C(max-file) 5, and C(live-restore) unless the host is in a swarm.
    type: bool
    default: true
  registry_mirrors:
    description:
      - Mirrors of Docker Hub, in order; short for C(registry-mirrors).
    type: list
    elements: str
    default: []
  address_pools:
    description:
      - Where Docker takes its networks from; short for C(default-address-pools).
    type: list
    elements: dict
    default: []
    suboptions:
      base:
        description: A network, such as 10.200.0.0/16.
        type: str
        required: true
      size:
        description: The prefix length of the networks that are cut from it.
        type: int
        required: true
  bip:
    description:
      - The address of the bridge docker0 with its prefix, such as 192.168.200.1/24.
    type: str
    default: ""
  reserved_networks:
    description:
      - Networks in use that no route of the host shows, such as the whole of a VPC.
    type: list
    elements: str
    default: []
  exclusive:
    description:
      - Takes every key out of daemon.json that is not declared.
    type: bool
    default: false
  hosts_drop_in:
    description:
      - Where O(config) says C(hosts), has a drop-in take C(-H) out of the command line of
        docker.service, and keep every other flag. The daemon does not start with both.
    type: bool
    default: false
  allow_network_overlap:
    description:
      - Consents to networks that overlap those of the host or O(reserved_networks), or hold an
        address that the host reaches.
    type: bool
    default: false
  allow_data_left_behind:
    description:
      - Consents to another data-root, storage driver, image store or engine that would not see the
        images, containers or volumes of the present one, which stay where they are.
    type: bool
    default: false
  allow_container_stop:
    description:
      - Consents to a change that brings about a restart of the daemon that stops containers.
    type: bool
    default: false
  storage_mount_point:
    description:
      - Where M(dockwright.host.loop_filesystem) mounts the filesystem that is to carry data-root.
        Where O(config) says nothing, C(data-root) and C(storage-driver) follow it. Empty without
        one.
    type: str
    default: ""
  storage_filesystem:
    description:
      - Which filesystem that is.
    type: str
    choices:
      - auto
      - btrfs
      - xfs
      - ext4
    default: auto
  retry:
    description:
      - Stages a set again that was tried before and taken back.
    type: bool
    default: false
  deferred:
    description:
      - Says that M(dockwright.host.docker_activation) comes later in the play, after other modules,
        and judges then all that is staged, such as whether a restart would stop containers.
    type: bool
    default: false
  run_timeout:
    description:
      - How many seconds to wait for another run of Dockwright on the same host to end.
    type: int
    default: 300
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

from ..module_utils.appliers.daemon.daemon import apply_daemon, declared_secrets
from ..module_utils.doors import carry_out, declare, show_no_secret
from ..module_utils.words.declarations.host import (
    DAEMON_ARGUMENTS,
    DAEMON_CONSENTS,
    PACKAGE_PROXY,
    STORAGE_GIVEN,
    Declaration,
    EngineDeclaration,
    by_proxy,
    declare_activation,
    declare_daemon,
)
from ..module_utils.words.declarations.proxy import declare_proxy, secrets_of


def main():
    """Stage daemon.json."""
    module = AnsibleModule(
        argument_spec=dict(
            DAEMON_ARGUMENTS, **dict(DAEMON_CONSENTS, **dict(STORAGE_GIVEN, **PACKAGE_PROXY))
        ),
        supports_check_mode=True,
    )
    declaration = declare(
        module,
        lambda given: Declaration(
            by_proxy(EngineDeclaration(()), declare_proxy(given["proxy"])),
            declare_daemon(given),
            declare_activation(given),
        ),
    )
    secrets = declared_secrets([declaration.daemon.config])
    show_no_secret(module, secrets + secrets_of(module.params["proxy"]))
    carry_out(module, "docker_daemon", declaration, apply_daemon, stages=True)


if __name__ == "__main__":
    main()
