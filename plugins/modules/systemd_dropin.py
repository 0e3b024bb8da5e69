#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stage a drop-in of Docker's units, with its credentials apart."""

DOCUMENTATION = r"""
module: systemd_dropin
short_description: Stage a drop-in of Docker's units, with its credentials apart
version_added: 0.1.0
description:
  - Stages a drop-in of docker.service or containerd.service, for
    M(dockwright.host.docker_activation) to commit. It touches nothing that is live.
  - Variables are quoted and escaped so that a process gets what was declared. Those that nobody may
    see go into a file that root alone can read, beside the drop-in, and nowhere else.
  - A drop-in that is declared with nothing in it is taken away, if it was written here.
extends_documentation_fragment:
  - dockwright.host.variables.proxy
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Can predict what would change without changing anything.
    support: full
  diff_mode:
    description: Shows the drop-in before and after, without what is secret.
    support: full
options:
  unit:
    description:
      - The unit. A drop-in of docker.service that changes what dockerd is started by has
        M(dockwright.host.docker_activation) restart it; one of containerd.service takes effect when
        that starts the next time.
    type: str
    choices:
      - docker.service
      - containerd.service
    default: docker.service
  name:
    description:
      - The drop-in's name without its end, such as limits for limits.conf. Needed without O(proxy).
    type: str
    default: ""
  sections:
    description:
      - Sections by name, each with its directives. A list assigns one after the other. Values are
        written as they are, so a per cent sign begins a specifier.
    type: dict
    default: {}
  environment:
    description:
      - Variables for the unit's processes, quoted and escaped as systemd wants it. Every user of
        the host can read them.
    type: dict
    default: {}
  credentials:
    description:
      - Variables that nobody may see, which go into an EnvironmentFile that root alone can read.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Have dockerd go through a proxy
  dockwright.host.systemd_dropin:
    proxy:
      https: http://proxy.example.com:3128
      no_proxy: [registry.example.com]

- name: Give dockerd more open files
  dockwright.host.systemd_dropin:
    name: limits
    sections:
      Service:
        LimitNOFILE: 1048576

- name: Give containerd a variable that nobody may see
  dockwright.host.systemd_dropin:
    unit: containerd.service
    name: registry
    credentials:
      REGISTRY_TOKEN: "{{ registry_token }}"
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
    - resource: proxy.drop_in
      role: docker_proxy
      path: /etc/systemd/system/docker.service.d/http-proxy.conf
      expected: |
        # Written by Dockwright (role docker_proxy).
        [Service]
        Environment="HTTPS_PROXY=http://proxy.example.com:3128"
      actual: ""
      impact: restart
      sentence: give docker.service HTTPS_PROXY
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

from ..module_utils.appliers.units.drop_in import apply_drop_in
from ..module_utils.doors import carry_out, declare, show_no_secret
from ..module_utils.words.arguments import arguments_of, followed_by, in_one
from ..module_utils.words.declarations.activation import declare_activation
from ..module_utils.words.declarations.drop_in import DROP_IN_ARGUMENTS, declare_drop_in, texts_of
from ..module_utils.words.declarations.host import Declaration
from ..module_utils.words.declarations.proxy import PROXY_GIVEN, declare_proxy


def main():
    """Stage a drop-in."""
    proxy = in_one(dict(arguments_of("docker_proxy"), **PROXY_GIVEN))
    module = AnsibleModule(
        argument_spec=dict(DROP_IN_ARGUMENTS, proxy=proxy, **followed_by("docker_proxy")),
        mutually_exclusive=[("proxy", name) for name in DROP_IN_ARGUMENTS],
        supports_check_mode=True,
    )
    given = dict(module.params)
    show_no_secret(module, texts_of(given["credentials"]), docker_proxy=given["proxy"])
    # At -vvv Ansible tells a module's arguments. Secrets that are too short to be found in a text
    # must not be among them.
    module.params["credentials"] = dict.fromkeys(given["credentials"], "not shown")
    declaration = declare(module, lambda _params: _declaration(given))
    role = "systemd_dropin" if declaration.drop_in else "docker_proxy"
    carry_out(module, role, declaration, apply_drop_in, stages=True)


def _declaration(given):
    activation = declare_activation(given)
    if given["proxy"] is None:
        return Declaration(activation=activation, drop_in=declare_drop_in(given))
    return Declaration(activation=activation, proxy=declare_proxy(given["proxy"]))


if __name__ == "__main__":
    main()
