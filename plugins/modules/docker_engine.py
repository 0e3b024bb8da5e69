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
extends_documentation_fragment:
  - dockwright.host.variables.docker_engine
  - dockwright.host.variables.package_proxy
  - dockwright.host.variables.daemon_to_come
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

from ..module_utils.appliers.engine.engine import apply_engine
from ..module_utils.doors import carry_out, declare, show_no_secret
from ..module_utils.words.arguments import module_arguments, package_proxy
from ..module_utils.words.declarations.activation import declare_activation
from ..module_utils.words.declarations.coming import daemon_given, declare_coming_daemon
from ..module_utils.words.declarations.engine import by_proxy, declare_engine
from ..module_utils.words.declarations.host import Declaration
from ..module_utils.words.declarations.proxy import declare_proxy


def main():
    """Bring the engine's packages to what is declared."""
    beside = dict(package_proxy(), daemon=daemon_given())
    module = AnsibleModule(
        argument_spec=module_arguments("docker_engine", **beside), supports_check_mode=True
    )
    given = module.params
    show_no_secret(module, docker_daemon=given["daemon"], docker_proxy=given["proxy"])
    declaration = declare(module, _declaration)
    carry_out(module, "docker_engine", declaration, apply_engine)


def _declaration(given):
    proxy = declare_proxy(given["proxy"])
    engine = by_proxy(declare_engine(given), proxy)
    return Declaration(
        engine=engine._replace(before_daemon=given["daemon"] is not None),
        daemon=declare_coming_daemon(given),
        activation=declare_activation(given),
        proxy=proxy,
    )


if __name__ == "__main__":
    main()
