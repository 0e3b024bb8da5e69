# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the activation's plan: commit what is staged, start, reload or restart, and record."""

from typing import Tuple

from ...planners.activation.effect import activation_record, effect_on_daemon
from ...planners.containers.stop import has_live_restore, running_containers, stop_refusal
from ...planners.units.drop_in import leftovers
from ...planners.upgrade.breaking_changes import IMAGE_STORE
from ...planners.upgrade.runtime_restart import kills_containers, tie_of_daemon
from ...words import resources
from ...words.declarations.host import Declaration
from ...words.difference import Plan
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import Observation, StagedSet
from ...words.tables.daemon_options import FORGET_CONTAINERS, RELOAD, RESTART
from ..daemon.listening import make_listen
from ..engine.programs import record_programs
from ..host.applied import record_activation
from ..host.command import ApplyFailed
from ..host.files import remove
from ..trust.trusted_paths import mend_trusted_paths
from ..units import units
from ..units.jobs import bring_up
from .commit import carry_out_commit, keep_served, prepare
from .containers import look_before, tell_stopped
from .health import Patient
from .one_commit import Commit, clear, look_again, reload_daemon
from .other_daemons import stop_others
from .settling import settle


def apply_activation(
    plan: Plan, declaration: Declaration, observed: Observation
) -> Tuple[str, ...]:
    """Carry out what differs; give the notes that a person should read afterwards.

    :raises ApplyFailed: with the journal's own words where the daemon does not come up.
    """
    if observed.units[DOCKER_SERVICE].load_state == "not-found":
        raise ApplyFailed(
            "There is no %s on this host: run the role docker_engine, which installs it."
            % DOCKER_SERVICE
        )
    mend_trusted_paths(plan)
    plan, observed = settle(plan, declaration, observed)
    effect = effect_on_daemon(observed, observed.staged)
    restarts = _is_replaced(plan) or _is_taken_along(plan, observed)
    stops = (
        (restarts and not has_live_restore(observed))
        or (effect.action == RESTART and not effect.containers_live)
        or (_restarts_runtime(plan) and kills_containers(observed))
    )
    forgotten = (FORGET_CONTAINERS | {IMAGE_STORE}).intersection(effect.breaks)
    before = look_before(observed, stops, bool(forgotten))
    commit = prepare(observed, Patient(before, declaration.activation))
    carry_out_commit(commit, lambda: _act(commit, plan, declaration, observed))
    try:
        _conclude(commit, plan, observed)
    except ApplyFailed as failed:
        raise ApplyFailed(
            "%s runs with the new configuration, and keeps it. After that this failed, and the "
            "next run does what is left: %s" % (DOCKER_SERVICE, failed)
        )
    return commit.notes + tell_stopped(running_containers(observed) or ())


def _conclude(commit: Commit, plan: Plan, observed: Observation) -> None:
    """Do what is left once the daemon is well and the state before the commit is forgotten."""
    if plan.of_resource(resources.SERVICE_ENABLED):
        units.systemctl("enable", "--quiet", DOCKER_SERVICE)
    committed = look_again(observed)
    record_activation(commit.staged.declared, activation_record(committed), observed.applied)
    keep_served(committed)
    record_programs(observed)
    # This comes last: as long as a set is staged, another run comes by and clears away the rest.
    clear(commit)
    _clear_away(committed)


def _is_replaced(plan: Plan) -> bool:
    """Whether the running daemon must be replaced by a new process, whatever it has read."""
    programs = {each.path for each in plan.of_resource(resources.SERVICE_BINARY)}
    return DOCKER_SERVICE in programs or bool(plan.of_resource(resources.SERVICE_SOCKET))


def _restarts_runtime(plan: Plan) -> bool:
    return CONTAINERD_SERVICE in {each.path for each in plan.of_resource(resources.SERVICE_BINARY)}


def _is_taken_along(plan: Plan, observed: Observation) -> bool:
    """Whether containerd is restarted, and systemd restarts the daemon with it."""
    return _restarts_runtime(plan) and bool(tie_of_daemon(observed))


def _clear_away(committed: Observation) -> None:
    """Remove the credential files that only the configuration before this one named."""
    held = committed._replace(applied=committed.applied._replace(failed=None))
    for path in leftovers(held, StagedSet()):
        remove(path)


def _act(commit: Commit, plan: Plan, declaration: Declaration, observed: Observation) -> None:
    """Bring the units to the wanted state, after systemd has read their changed files."""
    units.systemctl("daemon-reload")
    stop_others(plan, observed)
    starts = {each.path for each in plan.of_resource(resources.SERVICE_RUNNING)}
    longest = commit.patient.limits.start_timeout
    if _restarts_runtime(plan):
        bring_up("restart", CONTAINERD_SERVICE, longest)
    elif CONTAINERD_SERVICE in starts:
        bring_up("start", CONTAINERD_SERVICE, longest)
    if observed.units[DOCKER_SERVICE].active_state != "active" or _is_taken_along(plan, observed):
        # A daemon that was restarted with containerd has read what is live, and may still be
        # starting.
        make_listen(observed, longest)
        bring_up("start", DOCKER_SERVICE, longest)
    elif _is_replaced(plan) or commit.effect.action == RESTART:
        bring_up("start" if make_listen(observed, longest) else "restart", DOCKER_SERVICE, longest)
    elif commit.effect.action == RELOAD:
        complaint = reload_daemon(commit)
        if complaint:
            _restart_instead(commit, complaint, declaration, observed)


def _restart_instead(
    commit: Commit, complaint: str, declaration: Declaration, observed: Observation
) -> None:
    """Restart the daemon after a failed reload, which dockerd only logs and leaves half done."""
    deed = "A reload did not bring it into effect (%s); a restart would, but it" % complaint
    live = commit.effect.containers_live
    refusal = stop_refusal(deed, declaration.activation, observed, live, commit.effect.breaks)
    if refusal is not None:
        raise ApplyFailed(refusal.sentence())
    longest = commit.patient.limits.start_timeout
    bring_up("start" if make_listen(observed, longest) else "restart", DOCKER_SERVICE, longest)
