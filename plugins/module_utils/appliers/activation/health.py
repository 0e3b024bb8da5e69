# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until a daemon is well: it answers, goes by its files, stays up, and its containers run."""

import time
from typing import NamedTuple, Optional

from ...observers.daemon.daemon import DaemonSilent, observe_reload, ping_daemon
from ...observers.host.files import observe_files
from ...observers.host.look import observe_spelt_daemon
from ...planners.activation.effect import DAEMON
from ...planners.daemon.document import PATH, NotADocument, read_document
from ...planners.daemon.word import disagreements
from ...planners.units.docker_unit import DROP_IN_GLOBS, UNIT_FILES, read_unit
from ...planners.units.start import ENDED, UP, judge_run
from ...words.declarations.activation import ActivationDeclaration
from ...words.observations.units.run import UnitRun
from ..units.jobs import BLIND_SECONDS, DidNotComeUp, Unfinished, await_settled, look_at
from .containers import Before, ask_after

_PAUSE = 0.2
# A daemon reloads within a moment or not at all.
_RELOAD_SECONDS = 10
# What the daemon tells right after its start is what it goes by.
_AGREE_SECONDS = 5


class Unhealthy(DidNotComeUp):
    """The daemon is up and not well; ``said_no`` tells that it is its configuration's doing."""


class Unseen(Unfinished):
    """The daemon is well by its own word, and systemd does not say how its unit is."""


class Patient(NamedTuple):
    """What is expected of the daemon: what was there before, and the seconds it may take."""

    before: Before
    limits: ActivationDeclaration


class _Complaint(NamedTuple):
    """What is wrong; ``is_word`` that the daemon says so itself, which no time will mend."""

    sentence: str
    said_no: bool = False
    is_word: bool = False


def await_health(patient: Patient) -> None:
    """Wait until a daemon that is up is well, and stays so.

    What counts is evidence: that its run has ended, or a complaint that lasts. A look that fails
    and a slow answer are none.

    :raises Unhealthy: where it ends, or does not become well in time.
    :raises Unseen: where only the daemon itself says so.
    :raises Unfinished: where it is starting again.
    """
    first: Optional[UnitRun] = None
    well: Optional[float] = None
    since = agreed = seen = time.monotonic()
    complaints = 0
    while True:
        run = look_at(DAEMON)
        if run is not None and not _is_same_run(first, run):
            await_settled(DAEMON, patient.limits.start_timeout)
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
                raise Unseen("%s answers, and systemd does not say how it is" % DAEMON)
        agreed = agreed if complaint is not None and complaint.is_word else now
        unwell = now - since > patient.limits.health_timeout or now - agreed > _AGREE_SECONDS
        if complaint is not None and complaints > 1 and unwell:
            raise Unhealthy(complaint.sentence, complaint.said_no)
        time.sleep(_PAUSE)


def _is_same_run(first: Optional[UnitRun], now: UnitRun) -> bool:
    """Whether the run that was up still is; another that somebody else began is watched anew."""
    verdict = judge_run(DAEMON, first or now, now)
    if verdict.kind == ENDED:
        raise Unhealthy(verdict.sentence, verdict.said_no)
    return verdict.kind == UP and (first is None or first.invocation == now.invocation)


def await_reload(since: float) -> str:
    """Wait until the daemon tells of a reload and goes by its files; give what is wrong if not."""
    deadline = time.monotonic() + _RELOAD_SECONDS
    while True:
        try:
            # The daemon's clock is this host's.
            told = observe_reload(since, time.time())
            complaint = _disagreement() if told else "it told of no reload"
        except DaemonSilent as silent:
            complaint = str(silent)
        if not complaint or time.monotonic() > deadline:
            return complaint
        time.sleep(_PAUSE)


def _complaint(patient: Patient) -> Optional[_Complaint]:
    """Say what is wrong with what the daemon answers now; None where nothing is."""
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
    """Say for which keys the daemon's own word is another than the file's."""
    files = observe_files((PATH,) + UNIT_FILES, DROP_IN_GLOBS)
    try:
        document = read_document(files[PATH].text)
    except NotADocument as problem:
        return "%s: %s" % (PATH, problem)
    keys = disagreements(document, observe_spelt_daemon(files).settings, read_unit(files))
    told = "the running daemon does not go by %s of %s"
    return told % (", ".join(keys), PATH) if keys else ""
