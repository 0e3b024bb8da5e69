#!/usr/bin/python
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at a host once and say what differs from what is declared."""

DOCUMENTATION = r"""
module: docker_plan
short_description: Say what on a host differs from what is declared
version_added: 0.1.0
description:
  - Looks at a host once, read-only, and plans all roles. Of the declarations only an upgrade needs
    the network.
  - It never changes the host. In check mode it reports C(changed) where something differs, with
    the differences as its diff, since it is then the answer and no role follows.
  - A host that must not be touched - an unsupported system, a step that needs consent - fails here,
    before anything on it changes, and the message says what was found and what to do.
extends_documentation_fragment:
  - dockwright.host.variables.docker_plan
  - dockwright.host.variables.plan
author:
  - Dockwright contributors (@dockwright)
attributes:
  check_mode:
    description: Changes nothing in any mode.
    support: full
  diff_mode:
    description: Shows each difference between the host and what is declared.
    support: full
"""

EXAMPLES = r"""
- name: Say what differs
  dockwright.host.docker_plan:
    docker_engine:
      version: 28.5.2
  register: plan

- name: Fail on drift
  ansible.builtin.assert:
    that: plan.verdict == 'clean'
"""

RETURN = r"""
verdict:
  description: V(clean), V(drifted) or V(failed).
  returned: always
  type: str
  sample: clean
run_at_work:
  description: Which other run of Dockwright was changing the host meanwhile; empty where none was.
  returned: always
  type: str
  sample: ""
activates:
  description:
    - Whether a run of these roles ends with the activation. It does not where Docker is not
      installed, and none of them installs it.
  returned: always
  type: bool
  sample: true
partial:
  description: Whether some role was left out of the plan.
  returned: always
  type: bool
  sample: false
told:
  description:
    - The plan as a person reads it, a line each - the totals, what is refused, what a run changes
      and what that disturbs, what no run mends, and warnings. Empty where nothing differs.
  returned: always
  type: list
  elements: str
  sample: []
differences:
  description: What is not as declared, in the plan's words.
  returned: always
  type: list
  elements: dict
  contains:
    resource:
      description: Stable id of the kind of thing that differs.
      type: str
    role:
      description: The role that mends it.
      type: str
    path:
      description: What differs of it - a file, a package, a unit.
      type: str
    expected:
      description: What is declared.
      type: str
    actual:
      description: What was found; empty where nothing was.
      type: str
    cause:
      description:
        - V(drift) if the host changed, V(pending) if the declaration did, V(unknown) where
          nothing was applied before.
      type: str
    impact:
      description: What the cure disturbs - V(none), V(reload), V(restart), V(reboot) or V(data).
      type: str
    sensitive:
      description: Whether the values are withheld.
      type: bool
    sentence:
      description: The difference as a person would say it.
      type: str
    refusal:
      description: Why it is not acted on, what to do, and the variable that consents, if one does.
      type: dict
    only_reported:
      description: Whether every look tells it and no run mends it; the sentence says what would.
      type: bool
  sample: []
unverifiable:
  description: What could not be judged, each with the reason; the verdict is then V(failed).
  returned: always
  type: list
  elements: dict
  sample: []
notes:
  description: What is no difference and may be worth knowing, such as the keys others have set.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.doors import (
    activation_runs,
    declare_together,
    look,
    put_off,
    show_no_secret,
    tell,
)
from ..module_utils.words.arguments import arguments_of, in_one


def main():
    """Plan a host."""
    arguments = arguments_of("docker_plan")
    every_role = tuple(arguments["roles"]["choices"])
    for role in every_role:
        arguments[role] = in_one(arguments_of(role), default={}, apply_defaults=True)
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    show_no_secret(module, **{role: module.params[role] for role in every_role})
    declaration = declare_together(module)
    roles = tuple(role for role in every_role if role in module.params["roles"])
    observed, plan = look(module, declaration, roles)
    beside = {
        "activates": activation_runs(declaration, observed, roles),
        "partial": roles != every_role,
        "run_at_work": observed.run_at_work,
    }
    if observed.run_at_work and not module.check_mode:
        # The roles wait for the other run, and judge then what it may be changing now.
        put_off(module, plan, **beside)
    tell(module, plan, **beside)


if __name__ == "__main__":
    main()
