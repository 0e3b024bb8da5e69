#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Install the engine's packages from their repository."""

DOCUMENTATION = r"""
module: docker_engine
short_description: Install docker-ce from its package repository
version_added: 0.1.0
description:
  - Compares the package repository of docker-ce, its signing key and the engine's packages with
    what is declared, and carries out what differs.
  - The signing key is installed only if it is one armoured key with the pinned fingerprint.
  - Entries for the same repository in other files are taken over, old packages are removed, and
    the packages are held at their version (apt-mark, versionlock).
  - No package script starts or restarts the daemon; M(dockwright.host.docker_activation) does.
  - Needs root on the target, and there nothing but Python's standard library; what the packages
    themselves need is installed, and said.
author:
  - Dockwright contributors (@dockwright)
extends_documentation_fragment:
  - dockwright.host.package_proxy
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows each difference between the host and what is declared.
    support: full
options:
  repo_urls:
    description:
      - Base addresses of package sites laid out like https://download.docker.com, in order.
      - When packages must change, the first that answers with valid metadata is used; a site
        that is out of step, wrongly signed or hangs is passed over with a warning.
      - A repository file that names any of them is as declared.
    type: list
    elements: str
    default:
      - https://download.docker.com
      - https://mirrors.aliyun.com/docker-ce
  repo_key:
    description:
      - The armoured signing key itself. Empty fetches it from the site.
    type: str
    default: ""
  repo_key_fingerprint:
    description:
      - Fingerprint (40 hexadecimal digits) of the one primary key that is believed.
      - Empty means the key Docker signs the host's kind of packages with.
    type: str
    default: ""
  channel:
    description:
      - The channel of the site, V(stable), or V(test) for pre-releases.
    type: str
    choices: [stable, test]
    default: stable
  version:
    description:
      - V(present) installs the newest version where none is, and is content with any.
      - A full version such as V(28.5.2) or V(28.5.2-1.el9) is installed exactly.
      - The beginning of one, such as V(28) or V(28.5), takes the newest under it where none is.
    type: str
    default: present
  upgrade:
    description:
      - Takes the newest version under O(version). The only declaration for which a plan asks the
        sites; without it an installed version is never left unasked.
    type: bool
    default: false
  allow_downgrade:
    description:
      - Consents to an older major version than the installed one.
    type: bool
    default: false
  allow_podman_removal:
    description:
      - Consents to a transaction that takes podman away.
    type: bool
    default: false
  lock_timeout:
    description:
      - How many seconds to wait for an apt or dnf that another process has locked.
    type: int
    default: 120
  allow_container_stop:
    description:
      - Consents to replacing the engine while containers run that would not outlive its restart.
    type: bool
    default: false
  allow_data_left_behind:
    description:
      - Consents to an engine that does not see the images and containers that are there, since it
        keeps them in another store.
    type: bool
    default: false
  daemon:
    description:
      - What is declared of daemon.json, where M(dockwright.host.docker_daemon_config) carries it
        out before the engine starts. An engine that could not go by it is not installed.
      - Without it the engine is held against daemon.json as it is.
    type: dict
    suboptions:
      config:
        description:
          - What is merged into daemon.json, under dockerd's own keys.
        type: dict
        default: {}
      defaults:
        description:
          - Adds what a person would expect where O(daemon.config) says nothing.
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
      exclusive:
        description:
          - Takes every key out of daemon.json that is not declared.
        type: bool
        default: false
      hosts_drop_in:
        description:
          - Has a drop-in take C(-H) out of the command line where O(daemon.config) says C(hosts).
        type: bool
        default: false
      storage_mount_point:
        description:
          - Where a filesystem is mounted that is to carry data-root. Empty without one.
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
  run_timeout:
    description:
      - How many seconds to wait for another run of Dockwright on the same host to end.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Install the newest engine
  dockwright.host.docker_engine:

- name: Install one exact version from a mirror
  dockwright.host.docker_engine:
    repo_urls:
      - https://mirrors.aliyun.com/docker-ce
    version: 28.5.2

- name: Take the newest 28 there is, whenever this runs
  dockwright.host.docker_engine:
    version: "28"
    upgrade: true

- name: Install from a private site with a key of its own
  dockwright.host.docker_engine:
    repo_urls:
      - https://packages.example.com/docker
    repo_key: "{{ lookup('ansible.builtin.file', 'private.asc') }}"
    repo_key_fingerprint: 0123456789ABCDEF0123456789ABCDEF01234567
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
    - resource: engine.package
      role: docker_engine
      path: docker-ce
      expected: installed
      actual: not installed
      impact: none
      sentence: install docker-ce, the newest version of the site, resolved at apply
      cause: unknown
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

from ..module_utils.appliers.daemon.daemon import declared_secrets
from ..module_utils.appliers.engine.engine import apply_engine
from ..module_utils.doors import carry_out, declare, show_no_secret
from ..module_utils.words.declarations.coming import DAEMON_GIVEN, declare_coming_daemon
from ..module_utils.words.declarations.host import (
    ENGINE_ARGUMENTS,
    ENGINE_CONSENTS,
    PACKAGE_PROXY,
    Declaration,
    by_proxy,
    declare_activation,
    declare_engine,
)
from ..module_utils.words.declarations.proxy import declare_proxy, secrets_of


def main():
    """Bring the engine's packages to what is declared."""
    module = AnsibleModule(
        argument_spec=dict(
            dict(ENGINE_ARGUMENTS, **PACKAGE_PROXY), **dict(ENGINE_CONSENTS, **DAEMON_GIVEN)
        ),
        supports_check_mode=True,
    )
    given = module.params["daemon"] or {}
    mirrors = {"registry-mirrors": given.get("registry_mirrors", [])}
    secrets = declared_secrets([given.get("config", {}), mirrors])
    show_no_secret(module, secrets + secrets_of(module.params["proxy"]))
    declaration = declare(module, _declaration)
    carry_out(module, "docker_engine", declaration, apply_engine)


def _declaration(given):
    proxy = declare_proxy(given["proxy"])
    engine = by_proxy(declare_engine(given), proxy)
    return Declaration(
        engine._replace(before_daemon=given["daemon"] is not None),
        declare_coming_daemon(given),
        declare_activation(given),
        proxy=proxy,
    )


if __name__ == "__main__":
    main()
