# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until a daemon is well: it answers, uses its files, stays up, and its containers run."""

import time
from typing import NamedTuple, Optional

from ...observers.daemon.daemon import DaemonSilent, observe_reload, ping_daemon
from ...observers.host.files import observe_files
from ...observers.host.look import observe_spelt_daemon
from ...planners.daemon.document import NotADocument, read_document
from ...planners.daemon.word import disagreements
from ...planners.units.docker_unit import DROP_IN_GLOBS, UNIT_FILES, read_unit
from ...planners.units.start import ENDED, UP, judge_run
from ...words.declarations.activation import ActivationDeclaration
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.units.run import UnitRun
from ...words.paths import DAEMON_JSON
from ..units.jobs import BLIND_SECONDS, DidNotComeUp, Unfinished, await_settled, look_at
from .containers import Before, ask_after

_PAUSE = 0.2
# A daemon reloads within a moment or not at all.
_RELOAD_SECONDS = 10
# The daemon tells its final values right after its start: a mismatch is not waited for longer.
_AGREE_SECONDS = 5


class Unhealthy(DidNotComeUp):
    """The daemon is up but not well; ``said_no`` tells that its configuration is the reason."""


class Unseen(Unfinished):
    """The daemon says that it is well, but systemd does not tell the state of its unit."""


class Patient(NamedTuple):
    """What a commit expects of the daemon: the containers of before, and the time it may take."""

    before: Before
    limits: ActivationDeclaration


class _Complaint(NamedTuple):
    """What is wrong; ``is_word`` means that the daemon itself says so: time will not mend it."""

    sentence: str
    said_no: bool = False
    is_word: bool = False


def await_health(patient: Patient) -> None:
    """Wait until a daemon that is up is well, and stays so.

    Only evidence counts: the daemon's run has ended, or a complaint lasts. A failed look and a slow
    answer are no evidence.

    :raises Unhealthy: where it ends, or does not become well in time.
    :raises Unseen: where the daemon says that it is well and systemd says nothing.
    :raises Unfinished: where it is starting again.
    """
    first: Optional[UnitRun] = None
    well: Optional[float] = None
    since = agreed = seen = time.monotonic()
    complaints = 0
    while True:
        run = look_at(DOCKER_SERVICE)
        if run is not None and not _is_same_run(first, run):
            await_settled(DOCKER_SERVICE, patient.limits.start_timeout)
            first, well = None, None
            since = agreed = time.monotonic()
            continue
        first = first or run
        complaint, now = _complaint(patient), time.monotonic()
        seen = now if run is not None else seen
        complaints = complaints + 1 if complaint is not None else 0
        if complaint is None:
            since, well = now, (now if well is None else well)
            if run is not None and now - well >= patient.limits.stable_seconds:
                return
            if now - seen > BLIND_SECONDS:
                raise Unseen("%s answers, and systemd does not say how it is" % DOCKER_SERVICE)
        agreed = agreed if complaint is not None and complaint.is_word else now
        unwell = now - since > patient.limits.health_timeout or now - agreed > _AGREE_SECONDS
        if complaint is not None and complaints > 1 and unwell:
            raise Unhealthy(complaint.sentence, complaint.said_no)
        time.sleep(_PAUSE)


def _is_same_run(first: Optional[UnitRun], now: UnitRun) -> bool:
    """Whether the run that was up still is; a run that somebody else began is watched anew."""
    verdict = judge_run(DOCKER_SERVICE, first or now, now)
    if verdict.kind == ENDED:
        raise Unhealthy(verdict.sentence, verdict.said_no)
    return verdict.kind == UP and (first is None or first.invocation == now.invocation)


def await_reload(since: float) -> str:
    """Wait until the daemon reports a reload and uses its files; give what is wrong if not."""
    deadline = time.monotonic() + _RELOAD_SECONDS
    while True:
        try:
            # The daemon's clock is the host's clock.
            told = observe_reload(since, time.time())
            complaint = _disagreement() if told else "it told of no reload"
        except DaemonSilent as silent:
            complaint = str(silent)
        if not complaint or time.monotonic() > deadline:
            return complaint
        time.sleep(_PAUSE)


def _complaint(patient: Patient) -> Optional[_Complaint]:
    """Say what is wrong with the daemon's present answer; None where nothing is."""
    try:
        ping_daemon()
        disagreement = _disagreement()
        if disagreement:
            return _Complaint(disagreement, True, True)
        verdict = ask_after(patient.before)
    except DaemonSilent as silent:
        return _Complaint("it runs and does not answer: %s" % silent)
    if verdict is None:
        return None
    return _Complaint(verdict.sentence, True, verdict.is_lost)


def _disagreement() -> str:
    """Say for which keys the daemon tells another value than its file."""
    files = observe_files((DAEMON_JSON,) + UNIT_FILES, DROP_IN_GLOBS)
    try:
        document = read_document(files[DAEMON_JSON].text)
    except NotADocument as problem:
        return "%s: %s" % (DAEMON_JSON, problem)
    keys = disagreements(document, observe_spelt_daemon(files).settings, read_unit(files))
    told = "the running daemon does not go by %s of %s"
    return told % (", ".join(keys), DAEMON_JSON) if keys else ""
