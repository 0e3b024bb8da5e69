#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep a filesystem mounted under Docker's data-root, in a backing file or on a device."""

DOCUMENTATION = r"""
module: loop_filesystem
short_description: Keep a filesystem under Docker's data-root, in a backing file or on a disk
version_added: 0.1.0
description:
  - Makes a filesystem in a backing file or on a device, has a systemd mount unit mount it, and
    stages a guard without whose mount docker.service does not start, for
    M(dockwright.host.docker_activation) to commit.
  - A backing file takes its name once there is a whole filesystem in it. A run that is cut off
    anywhere is finished by the next one.
  - It grows in use - the file, the capacity of its loop device, the filesystem - and changes
    options by a remount. The mount unit is never restarted, which would stop Docker.
  - What others have set up, such as an attached loop device and a line of fstab for the same file
    and mount point, is adopted as it is - the line is replaced by the unit.
  - Nothing is formatted over a signature, nothing shrinks, nothing is hidden under a mount, and
    nothing that somebody else uses is touched. Each such refusal says what was found, and which
    option consents, if one does.
extends_documentation_fragment:
  - dockwright.host.variables.docker_storage
  - dockwright.host.variables.package_proxy
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows each step that it takes, in words.
    support: full
"""

EXAMPLES = r"""
- name: Keep images in a file on the data disk
  dockwright.host.loop_filesystem:
    file: /data0/store/soft/myDocker.btrfs
    size: 10G
    mount_point: /data0/store/soft/docker

- name: Give it twice the size, with containers running
  dockwright.host.loop_filesystem:
    file: /data0/store/soft/myDocker.btrfs
    size: 20G
    mount_point: /data0/store/soft/docker

- name: Take a whole data disk
  dockwright.host.loop_filesystem:
    device: /dev/disk/by-id/virtio-d-bp1example
    filesystem: xfs
    mount_point: /var/lib/docker
"""

RETURN = r"""
verdict:
  description: V(clean), V(drifted) or V(failed), as found before anything was done.
  returned: always
  type: str
  sample: drifted
differences:
  description: What was not as declared, each a step, in the order they are taken.
  returned: success, and with -v where it fails
  type: list
  elements: dict
  sample:
    - resource: storage.file
      role: docker_storage
      path: /data0/store/soft/myDocker.btrfs
      expected: 10 GiB, all of it allocated
      actual: absent
      impact: none
      sentence: "create /data0/store/soft/myDocker.btrfs: 10 GiB, all of it allocated"
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

from ..module_utils.appliers.storage.storage import apply_storage
from ..module_utils.doors import carry_out, declare, show_no_secret
from ..module_utils.words.arguments import module_arguments, package_proxy
from ..module_utils.words.declarations.activation import declare_activation
from ..module_utils.words.declarations.engine import EngineDeclaration, by_proxy
from ..module_utils.words.declarations.host import Declaration
from ..module_utils.words.declarations.proxy import declare_proxy
from ..module_utils.words.declarations.storage import declare_storage


def main():
    """Bring the filesystem to what is declared."""
    module = AnsibleModule(
        argument_spec=module_arguments("docker_storage", **package_proxy()),
        supports_check_mode=True,
    )
    show_no_secret(module, docker_proxy=module.params["proxy"])
    declaration = declare(module, _declaration)
    carry_out(module, "docker_storage", declaration, apply_storage, stages=True)


def _declaration(given):
    proxy = declare_proxy(given["proxy"])
    engine = by_proxy(EngineDeclaration(()), proxy)
    activation, storage = declare_activation(given), declare_storage(given)
    return Declaration(engine, activation=activation, storage=storage, proxy=proxy)


if __name__ == "__main__":
    main()
