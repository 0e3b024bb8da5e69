# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge by systemd's words how a start, restart or stop of a unit goes, and why one has ended.

Slow is not broken: a unit that is starting or stopping, or whose job waits for others, is waited
for. And its configuration is not always at fault when a unit stays down: only a main process that
ran and ended by itself has said no.
"""

from typing import NamedTuple, Optional, Tuple

from ...words.observations.host import UnitObserved
from ...words.observations.units.run import UnitRun

UP = "up"
DOWN = "down"
WAITING = "waiting"
ENDED = "ended"

QUEUED = "waiting for its turn"
STARTING = "starting"
STOPPING = "stopping"
RELOADING = "reloading"

_RUNNING = ("active", "reloading")
_IN_BETWEEN = {"activating": STARTING, "deactivating": STOPPING, "reloading": RELOADING}
# Codes of wait(2) in ExecMainCode: CLD_EXITED, CLD_KILLED, CLD_DUMPED.
_EXITED, _KILLED, _DUMPED = 1, 2, 3
# systemd's own, if it cannot run the program (systemd.exec(5), "Process exit codes").
_OF_SYSTEMD = range(200, 246)
# Signals that a program causes itself: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS.
_OWN_SIGNALS = (4, 5, 6, 7, 8, 11, 31)
_SENTENCES = {
    "timeout": "systemd ended it, since it was not ready within the time-out of its own unit%s",
    "watchdog": "systemd ended it, since it did not show in time that it is alive",
    "oom-kill": "it was ended because the host's memory, or its own share of it, ran out",
    "start-limit-hit": "systemd does not start it, since it was started too often in a short time",
    "resources": "systemd could not get what it needs to start it",
    "exec-condition": "its ExecCondition= says that it is not to be started",
}


class Verdict(NamedTuple):
    """How it goes: up, down, waiting or ended.

    ``phase`` is what is waited for, and ``limit`` the seconds that systemd gives it, None for no
    end. ``sentence`` tells how it ended; ``said_no`` tells whether its main process ran and ended
    by itself, None if nobody saw that. ``needs`` are the units that it needs, if one of them may be
    why it never ran.
    """

    kind: str
    phase: str = ""
    limit: Optional[float] = None
    sentence: str = ""
    said_no: Optional[bool] = False
    needs: Tuple[str, ...] = ()


def phase_of(active_state: str, sub_state: str, job: str = "") -> str:
    """Name the phase that a unit is in; empty where it is up, or down.

    A unit that ended and waits to be restarted counts as down.
    """
    if not sub_state.startswith("auto-restart") and active_state in _IN_BETWEEN:
        return _IN_BETWEEN[active_state]
    return QUEUED if job else ""


def phase_of_unit(unit: UnitObserved) -> str:
    """Name the phase that an observed unit is in, as :func:`phase_of` does."""
    job = "" if unit.active_state == "active" else unit.job
    return phase_of(unit.active_state, unit.sub_state, job)


def judge_start(name: str, before: UnitRun, now: UnitRun, anew: bool = False) -> Verdict:
    """Judge a start, or with ``anew`` a restart, that was asked for after ``before``."""
    if now.load_state not in ("", "loaded"):
        return Verdict(
            ENDED, sentence="systemd does not start %s: it is %s" % (name, now.load_state)
        )
    is_new = now.invocation != before.invocation
    if now.active_state in _RUNNING and not (anew and (now.job or not is_new)):
        return Verdict(UP)
    if now.restarts > before.restarts and not now.sub_state.startswith("auto-restart"):
        return _started_over(name)
    if phase_of(now.active_state, now.sub_state) in (STARTING, STOPPING):
        return _waiting(now)
    over = is_new or now.result != before.result or now.restarts > before.restarts
    if now.sub_state.startswith("auto-restart") and over:
        return _ended(name, before, now)
    if now.job:
        return _waiting(now)
    if now.active_state == "failed" and over:
        return _ended(name, before, now)
    if now.checked != before.checked and not (now.conditions_met and now.assertions_met):
        what = "a condition" if not now.conditions_met else "an assertion"
        return Verdict(
            ENDED, sentence="systemd does not start %s: %s of its unit is not met" % (name, what)
        )
    if is_new:
        return _ended(name, before, now)
    return Verdict(
        ENDED,
        sentence="systemd did not start %s: somebody has taken its job back, or a unit that it "
        "needs did not come up" % name,
        needs=now.needs,
    )


def judge_stop(name: str, now: UnitRun) -> Verdict:
    """Judge a stop."""
    if now.active_state in ("inactive", "failed"):
        return Verdict(DOWN)
    if now.job or phase_of(now.active_state, now.sub_state) == STOPPING:
        return _waiting(now)
    return Verdict(ENDED, sentence="%s was to be stopped and is %s" % (name, now.active_state))


def judge_run(name: str, before: UnitRun, now: UnitRun) -> Verdict:
    """Judge whether a unit that was up still is."""
    if now.restarts > before.restarts and not now.sub_state.startswith("auto-restart"):
        return _started_over(name)
    if now.active_state in _RUNNING:
        return Verdict(UP)
    over = now.sub_state.startswith("auto-restart")
    if not over and phase_of(now.active_state, now.sub_state, now.job):
        return _waiting(now)
    sentence, said_no = _why(before._replace(main_started=-1), now)
    told = "%s came up, and then ended: %s" % (name, sentence)
    return Verdict(ENDED, sentence=told, said_no=said_no)


def judge_settled(now: UnitRun) -> Verdict:
    """Judge whether a unit no longer starts, stops or reloads; up or down makes no difference."""
    return _waiting(now) if phase_of(now.active_state, now.sub_state, now.job) else Verdict(UP)


def _waiting(now: UnitRun) -> Verdict:
    phase = phase_of(now.active_state, now.sub_state, now.job)
    limits = {STARTING: now.start_limit, RELOADING: now.start_limit, STOPPING: now.stop_limit}
    return Verdict(kind=WAITING, phase=phase, limit=limits.get(phase))


def _started_over(name: str) -> Verdict:
    """Tell of a restart by systemd, by which time the earlier end is forgotten."""
    return Verdict(ENDED, sentence="%s ended and was started over" % name, said_no=None)


def _ended(name: str, before: UnitRun, now: UnitRun) -> Verdict:
    sentence, said_no = _why(before, now)
    return Verdict(ENDED, sentence="%s is not up: %s" % (name, sentence), said_no=said_no)


def _why(before: UnitRun, now: UnitRun) -> Tuple[str, bool]:
    """Tell why a run ended, and whether its main process said no."""
    ran = now.main_started not in (0, before.main_started) or _had_begun(before, now)
    if now.result in _SENTENCES:
        told = _SENTENCES[now.result]
        span = now.start_limit
        return (told % (" (%d s)" % span if span else "") if "%s" in told else told), False
    if not ran and now.result != "success":
        return "a command that goes before its main process (ExecStartPre=) failed", False
    if now.main_code == _EXITED and now.main_status in _OF_SYSTEMD:
        return "systemd could not run its program (status %d)" % now.main_status, False
    if now.main_code in (_KILLED, _DUMPED):
        own = now.main_code == _DUMPED or now.main_status in _OWN_SIGNALS
        return "its main process was ended by signal %d" % now.main_status, own
    if now.result == "exit-code" and now.main_status == 0:
        return "a command that goes after its main process (ExecStartPost=) failed", False
    if now.result == "success":
        return "somebody had it stop", False
    return "its main process ended with status %d" % now.main_status, ran


def _had_begun(before: UnitRun, now: UnitRun) -> bool:
    """Whether the main process was already running in this very run of the unit."""
    up = before.active_state in ("activating", "active", "reloading")
    early = before.sub_state in ("condition", "start-pre") or before.sub_state.startswith("auto-")
    return up and not early and now.invocation == before.invocation
