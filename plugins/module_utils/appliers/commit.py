# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commit staged configuration as a transaction: save, install, act, and take back what fails."""

import time
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.appliers import restore, units
from ansible_collections.dockwright.host.plugins.module_utils.appliers.applied import (
    record_failure,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.appliers.files import remove, write
from ansible_collections.dockwright.host.plugins.module_utils.appliers.health import (
    Patient,
    Unhealthy,
    await_health,
    await_reload,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.staging import stage
from ansible_collections.dockwright.host.plugins.module_utils.daemon_options import RESTART
from ansible_collections.dockwright.host.plugins.module_utils.declaration import DaemonDeclaration
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    FailedSet,
    FileObserved,
    Observation,
    StagedFile,
    StagedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.files import observe_files
from ansible_collections.dockwright.host.plugins.module_utils.observers.private_view import ask
from ansible_collections.dockwright.host.plugins.module_utils.observers.staged import (
    COMMITTED,
    SAVED,
    observe_staged,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.units import observe_units
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation import (
    look_at_activation,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.commit import (
    is_unit_file,
    set_digest,
    to_install,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.containers import (
    stop_refusal,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon import look_at_daemon
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    PATH,
    NotADocument,
    read_document,
    secrets_of,
    withhold,
    write_document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.effect import (
    DAEMON,
    Effect,
    activation_record,
    effect_on_daemon,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.validation import (
    VALIDATION,
    ask_validation,
    validation_note,
    validation_refusal,
)

_PUT_BACK = "The configuration before it was put back"
# An edit that did not hold is not lost.
_EDITED = "/var/lib/dockwright/daemon.json.edited"
_TOLD_LINES = 12
# How dockerd begins what it says when it cannot start (moby, cmd/dockerd).
_LAST_WORDS = ("failed to start daemon", "unable to configure the Docker daemon", "failed to load")


class Commit(NamedTuple):
    """One commit: what is installed, what it takes, and what was before it.

    ``served`` is the daemon.json that the running daemon serves with, where the live one is
    another by now: an edit that nobody has tried is nothing to go back to. ``notes`` are what a
    person should know before it.
    """

    observed: Observation
    staged: StagedSet
    installs: List[Tuple[str, StagedFile]]
    effect: Effect
    patient: Patient
    first_start: bool
    cursor: str
    served: Optional[StagedFile] = None
    notes: Tuple[str, ...] = ()

    @property
    def is_transaction(self) -> bool:
        """Whether there is something to take back."""
        return bool(self.installs or self.served) or self.observed.commit_cut_off


def prepare(observed: Observation, patient: Patient) -> Commit:
    """Look at what is staged, and have dockerd validate it.

    :raises ApplyFailed: where it is not content; nothing has changed then.
    """
    staged = observed.staged
    commit = Commit(
        observed,
        staged,
        to_install(staged, observed),
        effect_on_daemon(observed, staged),
        patient,
        observed.applied.activation is None
        and observed.units[DAEMON].active_state not in ("active", "deactivating"),
        units.journal_cursor(DAEMON),
        _served(observed),
    )
    file = staged.files.get(PATH)
    if file is None or file.text is None:
        return commit
    question = ask_validation(observed, staged).get(VALIDATION)
    answer = ask(question) if question else None
    refusal = validation_refusal(answer, file.text)
    if refusal is not None:
        raise ApplyFailed("%s Nothing that is live was changed." % refusal.sentence())
    note = validation_note(observed, staged, answer)
    return commit._replace(notes=(note,) if note else ())


def carry_out_commit(commit: Commit, act: Callable[[], None]) -> None:
    """Install the staged files, bring them into effect, wait for health; take back what fails.

    ``act`` brings the units to what is wanted.

    :raises ApplyFailed: with the journal's own words and what was done about it.
    """
    if commit.is_transaction:
        _save(commit)
    try:
        _switch_live_restore(commit)
        for path, file in commit.installs:
            _install(path, file)
        act()
        await_health(commit.patient)
    except (ApplyFailed, Unhealthy) as failure:
        raise ApplyFailed(_take_back(commit, str(failure)))


def end(commit: Commit) -> None:
    """Clear away what a commit needed; called once its end is on record."""
    if commit.staged.files or commit.staged.unreadable:
        stage(StagedSet())
    if commit.is_transaction:
        restore.end_commit()


def look_again(observed: Observation) -> Observation:
    """See the files and units as they are now."""
    look = look_at_daemon(DaemonDeclaration())
    return observed._replace(
        files=observe_files(tuple(observed.files) + look.files, look.globs),
        units=observe_units(look_at_activation().units),
    )


def reload_daemon(commit: Commit) -> str:
    """Reload the daemon and give what is wrong with it if it does not go by its files then."""
    since = time.time()
    try:
        units.systemctl("reload", DAEMON, seconds=commit.patient.limits.health_timeout)
    except ApplyFailed as failed:
        return str(failed)
    return await_reload(since)


def _save(commit: Commit) -> None:
    installs, files = list(commit.installs), dict(commit.observed.files)
    if commit.served is not None:
        live = files[PATH]
        if not any(path == PATH for path, _file in installs):
            installs.append((PATH, StagedFile(live.text, live.mode)))
        write(_EDITED, live.text, 0o600)
        files[PATH] = FileObserved("file", commit.served.text or "", commit.served.mode)
        # A restart of the host finds the edited file too, so it counts as one of the commit's.
        restore.begin_commit(installs, files, {PATH: live.text})
    restore.begin_commit(installs, files, _transitions(commit))


def _served(observed: Observation) -> Optional[StagedFile]:
    """Give what the running daemon serves with, where the live file is an edit it has not read."""
    live = observed.files.get(PATH, FileObserved())
    file = observe_staged(COMMITTED).files.get(PATH)
    record = observed.applied.activation
    if observed.commit_cut_off:
        # What is live may be half of that commit, and it has saved what was before.
        return None
    if file is None or file.text is None or live.kind != "file" or file.text == live.text:
        return None
    service = observed.units[DAEMON]
    if service.active_state != "active":
        return file if record is not None else None
    if record is None or record.invocation != service.invocation:
        return None
    unread = effect_on_daemon(observed, StagedSet()).reasons
    return file if PATH in [reason.path for reason in unread] else None


def keep_served(observed: Observation) -> None:
    """Keep daemon.json as it is, now that the daemon serves with it; a secret is kept nowhere."""
    live = observed.files.get(PATH, FileObserved())
    try:
        secret = bool(secrets_of(read_document(live.text)))
    except NotADocument:
        secret = True
    kept = live.kind == "file" and not secret
    files = {PATH: StagedFile(live.text, live.mode)} if kept else {}
    stage(StagedSet(files), COMMITTED)


def _install(path: str, file: StagedFile) -> None:
    if file.text is None:
        remove(path)
    else:
        write(path, file.text, file.mode)


def _transitions(commit: Commit) -> Dict[str, str]:
    """The texts that a file holds on the way: the old configuration, live-restore switched."""
    daemon = commit.observed.daemon
    if not (
        commit.effect.live_restore_first is not None
        and commit.effect.action == RESTART
        and daemon is not None
        and daemon.containers_running
    ):
        return {}
    live = commit.observed.files.get(PATH, FileObserved())
    try:
        document = read_document(live.text)
    except NotADocument:
        return {}
    document["live-restore"] = commit.effect.live_restore_first
    return {PATH: write_document(document, live.text)}


def _switch_live_restore(commit: Commit) -> None:
    """Have containers live through the restart that comes, or end with it: a reload does that."""
    text = _transitions(commit).get(PATH)
    if text is None:
        return
    staged = commit.staged.files.get(PATH)
    write(PATH, text, staged.mode if staged is not None else 0o600)
    complaint = reload_daemon(commit)
    if complaint:
        raise ApplyFailed("live-restore could not be switched before the restart: " + complaint)


def _take_back(commit: Commit, failure: str) -> str:
    """Put the saved set back and have the daemon go by it; tell the whole story."""
    words = _withheld(commit, _last_lines(units.journal_tail(DAEMON, 60, commit.cursor)))
    story = ["%s: %s" % (_what(commit), _withheld(commit, failure))]
    if not commit.is_transaction:
        story.append("It was left running." if _run_of_daemon() else _stop())
    elif not _is_put_back(commit, story):
        story.append("The next run, or the next boot, tries that again.")
    else:
        told, serves = _undo(commit)
        story.append(told)
        reason = _gist(words) or _withheld(commit, failure).strip().split("\n")[0]
        at = time.strftime("%Y-%m-%d %H:%M:%S %z")
        failed = FailedSet(set_digest(commit.staged, commit.observed), at, reason)
        read = activation_record(look_again(commit.observed)) if serves else None
        record_failure(failed, read, commit.observed.applied, commit.staged.declared)
        end(commit)
        if commit.installs:
            story.append(
                "This set is not tried again until the declaration changes or "
                "docker_activation_retry is set."
            )
        story.append("Packages and moved data are not rolled back.")
    story.append("The journal of %s said:\n%s" % (DAEMON, words))
    return " ".join(story)


def _undo(commit: Commit) -> Tuple[str, bool]:
    """Have the daemon go by what was put back; tell what came of it, and whether it serves."""
    same_run = _run_of_daemon() == commit.observed.units[DAEMON].invocation != ""
    try:
        if commit.first_start:
            return "There is nothing to go back to on a first start. " + _stop(), False
        complaint = reload_daemon(commit) if same_run else "it was restarted"
        if complaint and same_run and _would_stop_containers(commit):
            told = "%s, and the daemon was left running with its containers, though %s."
            return told % (_PUT_BACK, _withheld(commit, complaint)), False
        if complaint:
            _stop()
            units.systemctl("start", DAEMON, seconds=commit.patient.limits.health_timeout)
        await_health(commit.patient)
    except (ApplyFailed, Unhealthy) as failed:
        told = "%s, and the daemon is not well with that either: %s."
        return told % (_PUT_BACK, _withheld(commit, str(failed))), False
    kept = " The edited file was kept as %s." % _EDITED if commit.served else ""
    return "%s, and the daemon serves with it again.%s" % (_PUT_BACK, kept), True


def _is_put_back(commit: Commit, story: List[str]) -> bool:
    """Put the saved set back; where that fails it stays where it is, and the story says so."""
    try:
        restore.put_back()
        if any(is_unit_file(path) for path, _file in commit.installs):
            units.systemctl("daemon-reload")
    except ApplyFailed as failed:
        told = "The configuration before it could not be put back (%s); it lies in %s."
        story.append(told % (_withheld(commit, str(failed)), SAVED))
        return False
    return True


def _run_of_daemon() -> str:
    """Name the run of the daemon that is up; empty where none is."""
    service = observe_units([DAEMON])[DAEMON]
    return service.invocation if service.active_state == "active" else ""


def _would_stop_containers(commit: Commit) -> bool:
    """Whether a restart would stop containers that nobody has consented to stop."""
    return stop_refusal("Going back", commit.patient.limits, commit.observed) is not None


def _stop() -> str:
    """Stop the daemon for good: its socket would wake it, and systemd start it over."""
    units.systemctl("stop", "docker.socket", DAEMON)
    units.reset_failed("docker.socket", DAEMON)
    return "It and docker.socket were stopped."


def _what(commit: Commit) -> str:
    if commit.installs:
        return "The new configuration (%s) did not hold" % ", ".join(
            path for path, _file in commit.installs
        )
    return "%s did not come up" % DAEMON


def _gist(words: str) -> str:
    """The line in which dockerd says why it ends; empty where it says none."""
    said = [line for line in words.split("\n") if line.startswith(_LAST_WORDS)]
    return said[-1] if said else ""


def _last_lines(text: str) -> str:
    return "\n".join(text.split("\n")[-_TOLD_LINES:])


def _withheld(commit: Commit, text: str) -> str:
    """Take every secret out of what is told: dockerd's log repeats its whole configuration."""
    texts: List[Optional[str]] = [file.text for file in commit.staged.files.values()]
    texts.append(commit.observed.files.get(PATH, FileObserved()).text)
    for each in texts:
        try:
            text = withhold(text, secrets_of(read_document(each or "")))
        except NotADocument:
            continue
    return text
