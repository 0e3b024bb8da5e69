# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have systemd start, restart, reload or stop a unit, and watch how that goes.

A unit has the time that its own time-outs give it and, where it has none, the declared time. A look
that fails says nothing about the unit.
"""

import functools
import os
import time
from typing import Callable, NamedTuple, Optional, Sequence

from ...observers.host.command import CommandFailed
from ...observers.units.runs import observe_jobs, observe_listen_paths, observe_runs
from ...planners.units.start import (
    DOWN,
    ENDED,
    QUEUED,
    UP,
    Verdict,
    judge_settled,
    judge_start,
    judge_stop,
)
from ...words.docker_names import DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.units.run import UnitRun
from ..host.command import ApplyFailed
from . import units

_PAUSE = 0.2
# A wait gives up once systemd has not answered for this many seconds.
BLIND_SECONDS = 10
# A time-out holds for each command of a start or stop; no unit has more commands than this.
_COMMANDS = 10


class DidNotComeUp(ApplyFailed):
    """A unit did not come up.

    ``said_no`` tells whether its own main process ran and then ended by itself; None where nobody
    saw that.
    """

    def __init__(self, sentence: str, said_no: Optional[bool] = False) -> None:
        super().__init__(sentence)
        self.said_no = said_no


class Unfinished(ApplyFailed):
    """The outcome is not known yet, so there is nothing to take back."""


class _Wait(NamedTuple):
    """One phase of a wait: when it began, and whether systemd ends it by a time-out."""

    phase: str
    since: float


def look_at(name: str) -> Optional[UnitRun]:
    """Look at a unit; None where systemd does not answer."""
    try:
        return observe_runs([name])[name]
    except CommandFailed:
        return None


def bring_up(verb: str, name: str, longest: int) -> None:
    """Start or restart a unit, and wait until it is up.

    :raises DidNotComeUp: with how it ended.
    :raises Unfinished: where it is still starting after ``longest`` seconds and has no time-out.
    :raises ApplyFailed: where systemd does not begin at all.
    """
    # A unit that failed too often must be reset before it is started again (systemd.unit(5)).
    units.reset_failed(*([SOCKET_UNIT, name] if name == DOCKER_SERVICE else [name]))
    before = look_at(name)
    if before is not None and before.sub_state.startswith("auto-restart"):
        # A start would wait until systemd restarts it by itself (systemd.service(5), RestartSec=).
        verb = "restart"
    units.systemctl("--no-block", verb, name)
    anew = verb == "restart"
    _watch(name, longest, lambda now: judge_start(name, before or UnitRun(), now, anew))


def bring_down(names: Sequence[str], longest: int) -> None:
    """Stop units, and wait until they are down.

    :raises Unfinished: where one is still stopping.
    """
    units.systemctl("--no-block", "stop", *names)
    for name in names:
        _watch(name, longest, functools.partial(judge_stop, name))


def reload_unit(name: str, longest: int) -> None:
    """Have a unit reload, and wait for the end; only the daemon can say what came of it."""
    units.systemctl("--no-block", "reload", name)
    await_settled(name, longest)


def await_settled(name: str, longest: int) -> None:
    """Wait until a unit no longer starts, stops or reloads, whatever came of it.

    :raises Unfinished: where it still does.
    """

    _watch(name, longest, judge_settled)


def _watch(name: str, longest: int, judge: Callable[[UnitRun], Verdict]) -> None:
    wait: Optional[_Wait] = None
    seen = time.monotonic()
    while True:
        run, now = look_at(name), time.monotonic()
        if run is None:
            if now - seen > BLIND_SECONDS:
                raise Unfinished("systemd does not say what becomes of %s" % name)
            time.sleep(_PAUSE)
            continue
        seen = now
        verdict = judge(run)
        if verdict.kind in (UP, DOWN):
            return
        if verdict.kind == ENDED:
            needs = _of_needs(verdict.needs)
            told = "systemd did not start %s: %s" % (name, needs) if needs else verdict.sentence
            raise DidNotComeUp(told, verdict.said_no)
        if wait is None or wait.phase != verdict.phase:
            wait = _Wait(verdict.phase, now)
        if now - wait.since > max(longest, (verdict.limit or 0) * _COMMANDS):
            raise Unfinished(
                "%s is still %s after %d s (%s)%s. docker_activation_start_timeout says how long a "
                "run waits for it"
                % (name, wait.phase, now - wait.since, run.sub_state, _at_work(name, wait.phase))
            )
        time.sleep(_PAUSE)


def _at_work(name: str, phase: str) -> str:
    """Name what a unit still waits for before its turn."""
    if phase != QUEUED:
        return ""
    try:
        jobs = [each for each in observe_jobs() if each != name]
    except CommandFailed:
        return ""
    return ", since systemd is at work on %s" % ", ".join(jobs) if jobs else ""


def _of_needs(names: Sequence[str]) -> str:
    """Tell which units that another one needs are not up and, as far as one can see, why."""
    try:
        runs = observe_runs(names) if names else {}
        told = []
        for name, run in runs.items():
            if run.active_state != "failed" and run.load_state == "loaded":
                continue
            why = run.result if run.load_state == "loaded" else run.load_state
            told.append("%s, which it needs, is not up (%s)" % (name, why))
            told.extend(_in_the_way(name))
    except CommandFailed:
        return ""
    return "; ".join(told)


def _in_the_way(name: str) -> Sequence[str]:
    """Name folders in a socket's place: a mount of a missing socket makes such a folder."""
    if not name.endswith(".socket"):
        return ()
    paths = [path for path in observe_listen_paths(name) if os.path.isdir(path)]
    told = "%s is a directory, so no socket can be made there: remove it (`rmdir %s`)"
    return [told % (path, path) for path in paths]
