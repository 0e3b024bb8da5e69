# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way back from a commit that failed. It goes on to its end, whichever of its steps fails.

A set is remembered as failed only if a daemon has tried it and said no. A fault of the host, or an
interruption, is no reason not to try the set again.
"""

import contextlib
import time
from typing import Any, Callable, List

from ...planners.activation.commit import changes_how_it_runs, is_unit_file, set_digest
from ...planners.activation.effect import activation_record
from ...planners.activation.host_faults import host_fault
from ...planners.containers.stop import stop_refusal
from ...words.docker_names import DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.host import FailedSet
from ...words.paths import SAVED_SET
from ...words.tables.daemon_options import RELOAD
from ..host.applied import record_failure
from ..host.command import ApplyFailed
from ..units import jobs as unit_jobs
from ..units import units
from ..units.jobs import Unfinished
from . import restore
from .health import Unseen, await_health
from .one_commit import Commit, clear, forget, look_again, reload_daemon, withheld

# The operator's edit is kept here if it did not hold.
EDITED = "/var/lib/dockwright/daemon.json.edited"
_PUT_BACK = "The configuration before it was put back"
_NOT_REMEMBERED = "Nothing is remembered against this set: the next run tries it again."
_TOLD_LINES = 12
_TRIES, _PAUSE = 3, 1.0
# How dockerd begins what it says when it cannot start (moby, cmd/dockerd).
_LAST_WORDS = ("failed to start daemon", "unable to configure the Docker daemon", "failed to load")


def take_back(commit: Commit, failure: ApplyFailed, reached: bool) -> str:
    """Put the saved set back and have the daemon use it; tell the whole story.

    ``reached`` tells whether the commit had got as far as the daemon when it failed.
    """
    words = _last_lines(units.journal_tail(DOCKER_SERVICE, 60, commit.cursor)) if reached else ""
    story = ["%s: %s." % (_what(commit, reached), withheld(commit, str(failure)).rstrip("."))]
    if not commit.is_transaction:
        story.append(_leave_or_stop(commit))
    elif _is_put_back(commit, story):
        serves = _serves_again(commit, story) if reached else False
        if not reached:
            story.append("%s, and the daemon was left alone." % _PUT_BACK)
        if _is_remembered(commit, failure, words):
            _remember(commit, failure, words, serves, story)
            story.append("Packages and moved data are not rolled back.")
        else:
            fault = host_fault(_gist(words))
            story.append((fault[:1].upper() + fault[1:] + ". " if fault else "") + _NOT_REMEMBERED)
        _go_on(story, "What was saved of it could not be cleared away", forget, commit)
    else:
        story.append("The next run, or the next boot, tries that again.")
    if reached:
        story.append("The journal of %s said:\n%s" % (DOCKER_SERVICE, withheld(commit, words)))
    return " ".join(story)


def tell_unfinished(commit: Commit, unfinished: Unfinished) -> str:
    """Tell of a commit whose end nobody knows yet."""
    boot = "A boot puts the configuration before it back. " if commit.is_transaction else ""
    return (
        "%s. Nothing was stopped, taken back or remembered against this configuration: the next "
        "run goes on from there. %s" % (withheld(commit, str(unfinished)), boot)
    ).strip()


def _is_remembered(commit: Commit, failure: ApplyFailed, words: str) -> bool:
    """Whether to remember the set as failed: a daemon has tried it, and the host was not at fault.

    A set that changes how the daemon is started is to blame for whatever keeps it from starting.
    """
    if not isinstance(failure, unit_jobs.DidNotComeUp):
        return False
    gist = _gist(words)
    said_no = bool(gist) if failure.said_no is None else failure.said_no
    said_no = said_no or changes_how_it_runs(commit.staged, commit.observed)
    return said_no and not host_fault(gist)


def _remember(
    commit: Commit, failure: ApplyFailed, words: str, serves: bool, story: List[str]
) -> None:
    """Record the set as failed and, as far as it is known, what the daemon has read instead."""
    told = _gist(words) or str(failure).strip().split("\n", 1)[0]
    at = time.strftime("%Y-%m-%d %H:%M:%S %z")
    failed = FailedSet(set_digest(commit.staged, commit.observed), at, withheld(commit, told))
    read = None
    with contextlib.suppress(ApplyFailed):
        read = activation_record(look_again(commit.observed)) if serves else None
    if _go_on(
        story,
        "That it failed could not be recorded",
        record_failure,
        failed,
        read,
        commit.observed.applied,
        commit.staged.declared,
    ):
        _go_on(story, "The staged set could not be cleared away", clear, commit)
        if commit.staged.files:
            story.append(
                "This set is not tried again until the declaration changes or "
                "docker_activation_retry is set."
            )


def _serves_again(commit: Commit, story: List[str]) -> bool:
    """Have the daemon use what was put back; tell what came of it, and whether it serves."""
    if commit.first_start:
        story.append("There is nothing to go back to on a first start. " + _stop(commit))
        return False
    try:
        same_run = _is_same_run(commit)
        complaint = reload_daemon(commit) if same_run else "it was restarted"
        if complaint and same_run and _would_stop_containers(commit):
            told = "%s, and the daemon was left running with its containers, though %s."
            story.append(told % (_PUT_BACK, withheld(commit, complaint)))
            return False
        if complaint:
            _start_over(commit)
        await_health(commit.patient)
    except Unseen:
        pass
    except Unfinished as unfinished:
        story.append("%s, and the daemon is not up with it yet: %s." % (_PUT_BACK, unfinished))
        return False
    except ApplyFailed as failed:
        told = "%s, and the daemon is not well with that either: %s."
        story.append(told % (_PUT_BACK, withheld(commit, str(failed)).rstrip(".")))
        return False
    kept = " The edited file was kept as %s." % EDITED if commit.served else ""
    story.append("%s, and the daemon serves with it again.%s" % (_PUT_BACK, kept))
    return True


def _start_over(commit: Commit) -> None:
    """Stop the daemon and start it; restart it where the stop fails or does not end."""
    longest = commit.patient.limits.start_timeout
    verb = "start"
    try:
        unit_jobs.bring_down((SOCKET_UNIT, DOCKER_SERVICE), longest)
    except ApplyFailed:
        verb = "restart"
    try:
        _insist(unit_jobs.bring_up, verb, DOCKER_SERVICE, longest)
    except Unfinished:
        # The daemon itself may answer where systemd does not.
        if unit_jobs.look_at(DOCKER_SERVICE) is not None:
            raise


def _is_put_back(commit: Commit, story: List[str]) -> bool:
    """Put the saved set back. Where that fails the set is kept, and the story says so."""
    try:
        restore.put_back()
    except ApplyFailed as failed:
        told = "The configuration before it could not be put back (%s); it lies in %s."
        story.append(told % (withheld(commit, str(failed)), SAVED_SET))
        return False
    if any(is_unit_file(path) for path, _file in commit.installs):
        told = "systemd could not be made to read its unit again"
        _go_on(story, told, _insist, units.systemctl, "daemon-reload")
    return True


def _is_same_run(commit: Commit) -> bool:
    """Whether the daemon is up, in the same run as before the commit."""
    run = unit_jobs.look_at(DOCKER_SERVICE) or unit_jobs.look_at(DOCKER_SERVICE)
    if run is None:
        return commit.effect.action == RELOAD
    before = commit.observed.units[DOCKER_SERVICE].invocation
    return run.active_state == "active" and run.invocation == before != ""


def _would_stop_containers(commit: Commit) -> bool:
    """Whether a restart would stop containers without consent."""
    return stop_refusal("Going back", commit.patient.limits, commit.observed) is not None


def _leave_or_stop(commit: Commit) -> str:
    run = unit_jobs.look_at(DOCKER_SERVICE)
    if run is None:
        return "It was left as it is."
    return "It was left running." if run.active_state == "active" else _stop(commit)


def _stop(commit: Commit) -> str:
    """Stop the daemon for good: its socket would wake it, and systemd would start it over."""
    try:
        unit_jobs.bring_down((SOCKET_UNIT, DOCKER_SERVICE), commit.patient.limits.start_timeout)
        units.reset_failed(SOCKET_UNIT, DOCKER_SERVICE)
    except ApplyFailed as failed:
        return "It and docker.socket could not be stopped: %s." % failed
    return "It and docker.socket were stopped."


def _go_on(story: List[str], told: str, deed: Callable[..., None], *arguments: Any) -> bool:
    """Do one more step of the way back. A step that fails is told, and the others follow."""
    try:
        deed(*arguments)
    except (ApplyFailed, OSError) as failed:
        story.append("%s: %s." % (told, str(failed).rstrip(".")))
        return False
    return True


def _insist(deed: Callable[..., None], *arguments: Any) -> None:
    """Do what may fail once without a reason, such as a call over systemd's bus."""
    for _try in range(_TRIES - 1):
        try:
            deed(*arguments)
            return
        except (unit_jobs.DidNotComeUp, Unfinished):
            raise
        except ApplyFailed:
            time.sleep(_PAUSE)
    deed(*arguments)


def _what(commit: Commit, reached: bool) -> str:
    paths = [path for path, _file in commit.installs]
    if commit.observed.commit_cut_off:
        paths = paths or sorted(commit.staged.files)
    if not paths:
        return "%s did not come up" % DOCKER_SERVICE
    held = "did not hold" if reached else "could not be installed"
    return "The new configuration (%s) %s" % (", ".join(paths), held)


def _gist(words: str) -> str:
    """Give the line in which dockerd says why it ends; empty where there is none."""
    said = [line for line in words.split("\n") if line.startswith(_LAST_WORDS)]
    return said[-1] if said else ""


def _last_lines(text: str) -> str:
    return "\n".join(text.split("\n")[-_TOLD_LINES:])
