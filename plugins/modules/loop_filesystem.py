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
author:
  - Dockwright contributors (@dockwright)
extends_documentation_fragment:
  - dockwright.host.package_proxy
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows each step that it takes, in words.
    support: full
options:
  file:
    description:
      - The backing file that carries the filesystem, by an absolute path without links. With
        neither it nor O(device), nothing is managed.
    type: str
    default: ""
  device:
    description:
      - The disk or partition that carries the filesystem, by a name that stays, such as
        /dev/disk/by-id/virtio-d-1.
    type: str
    default: ""
  size:
    description:
      - The size of the backing file, in powers of 1024 (10G, 512M) or of 1000 (10GB). It only ever
        grows, in use.
    type: str
    default: 10G
  filesystem:
    description:
      - The filesystem. V(auto) is what is there already, or else btrfs on Ubuntu and Debian and xfs
        elsewhere.
    type: str
    choices:
      - auto
      - btrfs
      - xfs
      - ext4
    default: auto
  mount_point:
    description:
      - Where it is mounted. It is, or carries, Docker's data-root.
    type: str
    default: /var/lib/docker
  mount_options:
    description:
      - Options of mount(8) beyond those it takes, such as noatime. They are changed by a remount,
        in use.
    type: list
    elements: str
    default: []
  label:
    description:
      - The filesystem's label. Empty leaves it as it is.
    type: str
    default: ""
  allocation:
    description:
      - V(full) has every byte of the backing file allocated, and nothing discarded; V(sparse) lets
        it fill, and writes fail when the host's filesystem is full.
    type: str
    choices:
      - full
      - sparse
    default: full
  direct_io:
    description:
      - Has the loop device read and write past the host's cache, after every boot as well; best
        effort.
    type: bool
    default: true
  file_owner:
    description:
      - The backing file's owner, by name or number.
    type: str
    default: root
  file_group:
    description:
      - The backing file's group, by name or number.
    type: str
    default: root
  file_mode:
    description:
      - The backing file's mode, in quotes.
    type: str
    default: "0600"
  host_reserve:
    description:
      - What must stay free on the filesystem that the backing file lies on. Empty is 1 GiB or five
        per cent of it, the larger.
    type: str
    default: ""
  state:
    description:
      - V(mounted), or V(absent), which unmounts it and deletes the backing file; what is on a
        device stays on it.
    type: str
    choices:
      - mounted
      - absent
    default: mounted
  adopt_existing:
    description:
      - What becomes of the contents of a mount point that is not empty. V(refuse), or V(move),
        which moves them into the new filesystem while Docker is stopped.
    type: str
    choices:
      - refuse
      - move
    default: refuse
  adopt_filesystem:
    description:
      - Consents to using, with what is in it, a filesystem that somebody else has made.
    type: bool
    default: false
  recreate:
    description:
      - Consents to an empty filesystem in the place of one that was here and is gone.
    type: bool
    default: false
  allow_data_removal:
    description:
      - Consents to deleting, with V(absent), a filesystem that has data in it.
    type: bool
    default: false
  lock_timeout:
    description:
      - How many seconds to wait for a locked package manager.
    type: int
    default: 120
  retry:
    description:
      - Stages a set of configuration again that was tried before and taken back.
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
from ..module_utils.words.declarations.host import (
    PACKAGE_PROXY,
    STORAGE_CONSENTS,
    Declaration,
    EngineDeclaration,
    by_proxy,
    declare_activation,
)
from ..module_utils.words.declarations.proxy import declare_proxy, secrets_of
from ..module_utils.words.declarations.storage import STORAGE_ARGUMENTS, declare_storage


def main():
    """Bring the filesystem to what is declared."""
    module = AnsibleModule(
        argument_spec=dict(dict(STORAGE_ARGUMENTS, **PACKAGE_PROXY), **STORAGE_CONSENTS),
        supports_check_mode=True,
    )
    show_no_secret(module, secrets_of(module.params["proxy"]))
    declaration = declare(module, _declaration)
    carry_out(module, "docker_storage", declaration, apply_storage, stages=True)


def _declaration(given):
    proxy = declare_proxy(given["proxy"])
    engine = by_proxy(EngineDeclaration(()), proxy)
    activation, storage = declare_activation(given), declare_storage(given)
    return Declaration(engine, activation=activation, storage=storage, proxy=proxy)


if __name__ == "__main__":
    main()
