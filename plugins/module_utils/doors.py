# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every module does at its door: look, plan, refuse or carry out, and answer Ansible."""

import os
from typing import Any, Callable, Dict, Iterable, Mapping, NamedTuple, Optional, Tuple

from ansible.module_utils import distro
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.sys_info import (
    get_distribution_codename,
    get_distribution_version,
)

from .appliers.host.applied import begin_record, record_applied, withdraw_record
from .appliers.host.command import ApplyFailed
from .appliers.host.lock import run_lock
from .observers.host.applied import observe_applied
from .observers.host.look import observe_answers, observe_host
from .planners import concerns
from .planners.activation.without_docker import activates
from .planners.host import record
from .planners.host.plan import as_committed, ask_host, look_at_host, plan_host
from .words import impacts, resources
from .words.declarations.error import DeclarationError
from .words.declarations.host import Declaration
from .words.difference import (
    Difference,
    Plan,
    as_diff,
    as_result,
    complaint,
    fit_to_tell,
    join,
    shown,
)
from .words.observations.host import ActivationRecord, Observation, System
from .words.tables.supported_systems import distribution_word
from .words.telling import told

BY_HAND = "No run mends what the lines that begin with `By hand` name: they say what would."
Apply = Callable[[Plan, Declaration, Observation], Tuple[str, ...]]
Serving = Callable[[Observation], Optional[ActivationRecord]]
Declare = Callable[[Mapping[str, Any]], Declaration]


def declare(module: AnsibleModule, read: Declare) -> Declaration:
    """Read the module's arguments, or fail and say what is wrong with them."""
    try:
        return read(module.params)
    except DeclarationError as error:
        _fail(module, msg=str(error))
        raise AssertionError("fail_json does not return")


def declare_together(module: AnsibleModule) -> Declaration:
    """Read the arguments of every role of a whole run, or fail and say what is wrong with them."""
    whole = dict(module.params["docker_activation"], whole_run=True)
    given = dict(module.params, docker_activation=whole)
    return declare(module, lambda _params: concerns.declare_together(given))


def show_no_secret(
    module: AnsibleModule, secrets: Iterable[str] = (), **given: Optional[Mapping[str, Any]]
) -> None:
    """Have Ansible remove these texts, and no others, from all that it tells.

    ``given`` are arguments of roles, by role, whose secrets nobody may see. With no_log on a whole
    argument, Ansible takes each of its values for a secret, ordinary words among them, and no
    message could then contain those.
    """
    told = [each.secrets(given[each.role] or {}) for each in concerns.concerns_of(list(given))]
    module.no_log_values = {text for texts in [secrets] + told for text in texts}


def look(
    module: AnsibleModule, declaration: Declaration, roles: Tuple[str, ...]
) -> Tuple[Observation, Plan]:
    """Look at the host once, and plan these roles."""
    if os.geteuid() != 0:
        _fail(
            module,
            msg="Not all of a Docker host can be read as user %d, only as root: "
            "set `become: true` on the play." % os.geteuid(),
        )
    # Ansible's facts tell the same, but loading them takes longer than this whole look.
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


def activation_runs(
    declaration: Declaration, observed: Observation, roles: Tuple[str, ...]
) -> bool:
    """Whether a run of these roles ends with the activation of an engine."""
    return activates(declaration, observed, roles)


def report(module: AnsibleModule, plan: Plan, changed: bool, **more: Any) -> None:
    """Answer with a plan; a plan that cannot be carried out fails, in check mode as well."""
    for warning in plan.warnings:
        _warn(module, warning)
    if complaint(plan):
        _fail(module, msg=complaint(plan), **_on_screen(module, plan, **more))
    _exit(module, changed=changed, diff=as_diff(plan), **dict(as_result(plan), **more))


def tell(module: AnsibleModule, plan: Plan, **more: Any) -> None:
    """Answer with a plan for the role docker_plan to show, warnings and refusals included.

    In check mode ``changed`` tells what a run would change; what no run mends is told in either
    mode.
    """
    lines = told(plan)
    if plan.reported:
        # Ansible shows a warning only once a run, whichever hosts give it, so the lines name each
        # host's.
        _warn(module, BY_HAND)
    if lines and more.get("run_at_work"):
        lines.append(record.at_work_note(more["run_at_work"]))
    answer = dict(as_result(plan), told=lines, diff=as_diff(plan), **more)
    if complaint(plan):
        _fail(module, msg=complaint(plan), **answer)
    _exit(module, changed=module.check_mode and bool(plan.changed), **answer)


def _on_screen(module: AnsibleModule, plan: Plan, **more: Any) -> Dict[str, Any]:
    """Give what goes with a refusal: Ansible prints a failed task's whole answer on one line."""
    if module._verbosity:
        return dict(as_result(plan), **more)
    return {"verdict": plan.verdict}


def put_off(module: AnsibleModule, plan: Plan, **more: Any) -> None:
    """Answer with a plan, and judge nothing of it yet, since another run is at work."""
    _exit(module, changed=False, **dict(as_result(plan), told=[], **more))


def carry_out(
    module: AnsibleModule,
    role: str,
    declaration: Declaration,
    apply: Apply,
    stages: bool = False,
    tell: Callable[[Plan], Dict[str, Any]] = lambda _left: {},
    serving: Serving = lambda _observed: None,
    keep: Callable[[Observation], None] = lambda _observed: None,
) -> None:
    """Plan one role, carry the plan out, and answer only once the host is as declared.

    With ``stages`` the role's part is done once it waits to be committed; the commit records it.
    What is only reported stays, with a warning. ``tell`` gives more to answer with, from the plan
    of what is left (in check mode that is all of it). ``serving`` gives what a daemon is known to
    have read, if that is not on record yet; ``keep`` then keeps a copy of it.
    """
    observed, plan = look(module, declaration, (role,))
    if module.check_mode:
        _warn_of_reported(module, plan)
        report(module, plan, bool(mended_here(plan)), **tell(plan))
    left, work = (
        plan,
        _Work(
            module=module,
            role=role,
            declaration=declaration,
            apply=apply,
            stages=stages,
            serving=serving,
            keep=keep,
        ),
    )
    # What another run is changing is judged once that run has ended.
    if observed.run_at_work or (not complaint(plan) and _is_to_do(work, plan, observed)):
        try:
            seconds = declaration.activation.run_timeout
            with run_lock(role, seconds=seconds, tell=module.log) as waited:
                if waited:
                    _warn(module, waited)
                # Another run may have changed something between the first look and the lock.
                observed, plan = look(module, declaration, (role,))
                left = plan if complaint(plan) else _carry_out_alone(work, plan, observed)
        except ApplyFailed as failed:
            _fail(module, msg=str(failed), **_on_screen(module, plan))
    _warn_of_reported(module, left)
    report(module, plan, bool(mended_here(plan)), **tell(left))


class _Work(NamedTuple):
    """The arguments of :func:`carry_out`."""

    module: AnsibleModule
    role: str
    declaration: Declaration
    apply: Apply
    stages: bool
    serving: Serving
    keep: Callable[[Observation], None]


def _is_to_do(work: _Work, plan: Plan, observed: Observation) -> bool:
    """Whether the host is to be changed, or at least its record."""
    applied = observed.applied
    if mended_here(plan) or not applied.trusted or work.serving(observed) is not None:
        return True
    return record.after(applied.digests, _held(work, plan, observed)) != applied.digests


def _carry_out_alone(work: _Work, plan: Plan, observed: Observation) -> Plan:
    """Carry the plan out under the lock and record it; give what is left.

    :raises ApplyFailed: with the words of what failed.
    """
    begin_record(observed.applied)
    deeds = (each for each in plan.differences if each.resource != resources.RECORD_APPLIED)
    differing = plan._replace(differences=tuple(deeds))
    if mended_here(differing):
        try:
            warnings = work.apply(differing, work.declaration, observed)
        except ApplyFailed:
            withdraw_record(observed.applied)
            raise
        for warning in warnings:
            _warn(work.module, warning)
        observed, left = look(work.module, work.declaration, (work.role,))
        if work.stages:
            left = plan_host(work.declaration, as_committed(observed), (work.role,))
    else:
        recorded = observed._replace(applied=observe_applied())
        left = plan_host(work.declaration, recorded, (work.role,))
    _require_done(work.module, left)
    done = _held(work, join([plan, left]), observed)
    serving = work.serving(observed)
    record_applied(done, observed.applied, serving)
    if serving is not None:
        work.keep(observed)
    return left


def _warn_of_reported(module: AnsibleModule, plan: Plan) -> None:
    """Warn of what no run mends, since a diff shows only what a run changes."""
    for each in plan.differences:
        if each.only_reported:
            _warn(module, each.sentence)


def mended_here(plan: Plan) -> Tuple[Difference, ...]:
    """Give the differences that a module mends; a reboot is the role's own deed."""
    return tuple(each for each in plan.mended if each.impact != impacts.REBOOT)


def _held(work: _Work, plan: Plan, observed: Observation) -> Plan:
    """Leave out what a staged set declares, since the commit records that."""
    waiting = observed.staged.declared if work.stages else {}
    declared = (each for each in plan.declared if each.key not in waiting)
    return plan._replace(declared=tuple(declared))


def _require_done(module: AnsibleModule, left: Plan) -> None:
    undone_here = mended_here(left)
    if undone_here or left.unverifiable:
        undone = "; ".join(
            "%s is still %s" % (each.path, shown(each, each.actual) or "absent")
            for each in undone_here
        )
        _fail(
            module,
            msg="Everything was carried out, and the host is still not as declared: %s"
            % (undone or complaint(left)),
            **_on_screen(module, left),
        )


def _exit(module: AnsibleModule, **answer: Any) -> None:
    module.exit_json(**fit_to_tell(answer))


def _fail(module: AnsibleModule, **answer: Any) -> None:
    module.fail_json(**fit_to_tell(answer))


def _warn(module: AnsibleModule, sentence: str) -> None:
    module.warn(fit_to_tell(sentence))
