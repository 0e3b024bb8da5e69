# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every module does at its door: look, plan, refuse or carry out, and answer Ansible."""

import os
from typing import Any, Callable, Container, Dict, Iterable, Iterator, Mapping, Tuple

from ansible.module_utils import distro
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.sys_info import (
    get_distribution_codename,
    get_distribution_version,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.applied import (
    record_applied,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.appliers.lock import run_lock
from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.declaration_error import (
    DeclarationError,
)
from ansible_collections.dockwright.host.plugins.module_utils.difference import (
    Declared,
    Difference,
    Plan,
    as_diff,
    as_result,
    complaint,
    join,
    shown,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    Observation,
    System,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import (
    observe_answers,
    observe_host,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.comparison import record_key
from ansible_collections.dockwright.host.plugins.module_utils.planners.host import (
    as_committed,
    ask_host,
    look_at_host,
    plan_host,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    distribution_word,
)

Apply = Callable[[Plan, Declaration, Observation], Tuple[str, ...]]
Declare = Callable[[Mapping[str, Any]], Declaration]


def declare(module: AnsibleModule, read: Declare) -> Declaration:
    """Read the module's arguments, or fail with what is wrong with them."""
    try:
        return read(module.params)
    except DeclarationError as error:
        module.fail_json(msg=str(error))
        raise AssertionError("fail_json does not return")


def show_no_secret(module: AnsibleModule, secrets: Iterable[str]) -> None:
    """Have Ansible take these texts, and nothing else, out of all that it tells.

    A whole argument that is not for the log has each of its values taken for a secret, among them
    ordinary words, which no message could then hold.
    """
    module.no_log_values = set(secrets)


def look(
    module: AnsibleModule, declaration: Declaration, roles: Tuple[str, ...]
) -> Tuple[Observation, Plan]:
    """Look at the host once and plan these roles."""
    if os.geteuid() != 0:
        module.fail_json(
            msg="Not all of a Docker host can be read as user %d, only as root: "
            "set `become: true` on the play." % os.geteuid()
        )
    # Ansible's facts say the same, and take longer to load than this does to look.
    system = System(
        distribution_word(distro.name()),
        get_distribution_version() or "",
        get_distribution_codename() or "",
    )
    observed = observe_host(system, look_at_host(system, declaration, roles))
    while True:
        questions = ask_host(declaration, observed, roles)
        if not questions:
            break
        observed = observe_answers(observed, questions)
    return observed, plan_host(declaration, observed, roles)


def report(module: AnsibleModule, plan: Plan, changed: bool, **more: Any) -> None:
    """Answer with a plan; one that cannot be carried out fails, in check mode as well."""
    answer = dict(as_result(plan), **more)
    for warning in plan.warnings:
        module.warn(warning)
    if complaint(plan):
        module.fail_json(msg=complaint(plan), **answer)
    module.exit_json(changed=changed, diff=as_diff(plan), **answer)


def carry_out(
    module: AnsibleModule,
    role: str,
    declaration: Declaration,
    apply: Apply,
    stages: bool = False,
    tell: Callable[[Plan], Dict[str, Any]] = lambda _left: {},
) -> None:
    """Plan one role, carry the plan out, and answer only once the host is as declared.

    What a role ``stages`` is as declared once it waits to be committed; the commit records it.
    What is only reported stays, with a warning. ``tell`` gives what else to answer with, from the
    plan of what is left, which in check mode is all of it.
    """
    observed, plan = look(module, declaration, (role,))
    if module.check_mode or complaint(plan):
        _warn_of_reported(module, plan)
        report(module, plan, bool(mended_here(plan)), **tell(plan))
    left = plan
    try:
        if mended_here(plan):
            with run_lock(role):
                # Another run may have been at work between the first look and the lock.
                observed, plan = look(module, declaration, (role,))
                if complaint(plan):
                    report(module, plan, False)
                for warning in apply(plan, declaration, observed):
                    module.warn(warning)
                observed, left = look(module, declaration, (role,))
                if stages:
                    left = plan_host(declaration, as_committed(observed), (role,))
                _require_done(module, left)
        done = join([plan, left])
        waiting = observed.staged.declared if stages else {}
        record_applied(
            done._replace(declared=tuple(_but(done.declared, waiting))), observed.applied
        )
    except ApplyFailed as failed:
        module.fail_json(msg=str(failed), **as_result(plan))
    _warn_of_reported(module, left)
    report(module, plan, bool(mended_here(plan)), **tell(left))


def _warn_of_reported(module: AnsibleModule, plan: Plan) -> None:
    """Say what nobody mends: a diff shows only what a run changes."""
    for each in plan.differences:
        if each.only_reported:
            module.warn(each.sentence)


def mended_here(plan: Plan) -> Tuple[Difference, ...]:
    """The differences that a module mends: a reboot is a role's own deed, not a module's."""
    return tuple(each for each in plan.mended if each.impact != "reboot")


def _but(declared: Iterable[Declared], waiting: Container[str]) -> Iterator[Declared]:
    """Leave out what is declared by a staged set: the commit records that."""
    return (each for each in declared if record_key(each.resource, each.path) not in waiting)


def _require_done(module: AnsibleModule, left: Plan) -> None:
    undone_here = mended_here(left)
    if undone_here or left.unverifiable:
        undone = "; ".join(
            "%s is still %s" % (each.path, shown(each, each.actual) or "absent")
            for each in undone_here
        )
        module.fail_json(
            msg="Everything was carried out, and the host is still not as declared: %s"
            % (undone or complaint(left)),
            **as_result(left),
        )
