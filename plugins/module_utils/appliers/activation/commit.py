# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commit staged configuration as a transaction: save, install, act, and take back on failure."""

import contextlib
from typing import Callable, Dict, Optional

from ...observers.host.staged import COMMITTED, observe_staged
from ...observers.packages.private_view import ask
from ...planners.activation.commit import to_install
from ...planners.activation.effect import effect_on_daemon
from ...planners.daemon.document import NotADocument, read_document, secrets_of, write_document
from ...planners.daemon.validation import (
    VALIDATION,
    ask_validation,
    validation_note,
    validation_refusal,
)
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, Observation, StagedFile, StagedSet
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import RESTART
from ..host.command import ApplyFailed
from ..host.files import remove, write
from ..host.staging import stage
from ..units import units
from ..units.jobs import Unfinished
from . import restore
from .health import Patient, await_health
from .one_commit import Commit, forget, reload_daemon
from .way_back import EDITED, take_back, tell_unfinished


def prepare(observed: Observation, patient: Patient) -> Commit:
    """Look at what is staged, and have dockerd validate it.

    :raises ApplyFailed: where dockerd refuses it; nothing has changed then.
    """
    staged = observed.staged
    commit = Commit(
        observed=observed,
        staged=staged,
        installs=to_install(staged, observed),
        effect=effect_on_daemon(observed, staged),
        patient=patient,
        first_start=observed.applied.activation is None
        and observed.units[DOCKER_SERVICE].active_state not in ("active", "deactivating"),
        cursor=units.journal_cursor(DOCKER_SERVICE),
        served=_served(observed),
    )
    file = staged.files.get(DAEMON_JSON)
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
        _save_or_forget(commit)
    reached = bool(_transitions(commit))
    try:
        _switch_live_restore(commit)
        for path, file in commit.installs:
            _install(path, file)
        reached = True
        act()
        await_health(commit.patient)
    except Unfinished as unfinished:
        raise ApplyFailed(tell_unfinished(commit, unfinished))
    except ApplyFailed as failure:
        raise ApplyFailed(take_back(commit, failure, reached))
    forget(commit)


def _save_or_forget(commit: Commit) -> None:
    try:
        _save(commit)
    except (ApplyFailed, OSError) as failed:
        if not commit.observed.commit_cut_off:
            with contextlib.suppress(ApplyFailed):
                forget(commit)
        raise ApplyFailed(
            "What is live could not be saved: %s. Nothing of it was changed; the next run tries it "
            "again." % str(failed).rstrip(".")
        )


def _save(commit: Commit) -> None:
    installs, files = list(commit.installs), dict(commit.observed.files)
    if commit.served is not None:
        live = files[DAEMON_JSON]
        if not any(path == DAEMON_JSON for path, _file in installs):
            installs.append((DAEMON_JSON, StagedFile(live.text, live.mode)))
        write(EDITED, live.text, 0o600)
        files[DAEMON_JSON] = FileObserved(
            kind="file", text=commit.served.text or "", mode=commit.served.mode
        )
        # A boot would find the edited file too, so the saved set covers it as well.
        restore.begin_commit(installs, files, {DAEMON_JSON: live.text})
    restore.begin_commit(installs, files, _transitions(commit))


def _served(observed: Observation) -> Optional[StagedFile]:
    """Give the daemon.json that the daemon uses, if the live file is an edit it has not read."""
    live = observed.files.get(DAEMON_JSON, FileObserved())
    file = observe_staged(COMMITTED).files.get(DAEMON_JSON)
    record = observed.applied.activation
    if observed.commit_cut_off:
        # The live files may be half of that commit, and that commit has saved what was before it.
        return None
    if file is None or file.text is None or live.kind != "file" or file.text == live.text:
        return None
    service = observed.units[DOCKER_SERVICE]
    if service.active_state != "active":
        return file if record is not None else None
    if record is None or record.invocation != service.invocation:
        return None
    unread = effect_on_daemon(observed, StagedSet()).reasons
    return file if DAEMON_JSON in [reason.path for reason in unread] else None


def keep_served(observed: Observation) -> None:
    """Keep a copy of daemon.json now that the daemon serves with it, unless it holds a secret."""
    live = observed.files.get(DAEMON_JSON, FileObserved())
    try:
        secret = bool(secrets_of(read_document(live.text)))
    except NotADocument:
        secret = True
    kept = live.kind == "file" and not secret
    files = {DAEMON_JSON: StagedFile(live.text, live.mode)} if kept else {}
    stage(StagedSet(files), COMMITTED)


def _install(path: str, file: StagedFile) -> None:
    if file.text is None:
        remove(path)
    else:
        write(path, file.text, file.mode)


def _transitions(commit: Commit) -> Dict[str, str]:
    """Give what a file holds on the way: the old configuration with live-restore switched."""
    daemon = commit.observed.daemon
    if not (
        commit.effect.live_restore_first is not None
        and commit.effect.action == RESTART
        and daemon is not None
        and daemon.containers_running
    ):
        return {}
    live = commit.observed.files.get(DAEMON_JSON, FileObserved())
    try:
        document = read_document(live.text)
    except NotADocument:
        return {}
    document["live-restore"] = commit.effect.live_restore_first
    return {DAEMON_JSON: write_document(document, live.text)}


def _switch_live_restore(commit: Commit) -> None:
    """Switch live-restore by a reload: containers live through the restart, or end with it."""
    text = _transitions(commit).get(DAEMON_JSON)
    if text is None:
        return
    staged = commit.staged.files.get(DAEMON_JSON)
    write(DAEMON_JSON, text, staged.mode if staged is not None else 0o600)
    complaint = reload_daemon(commit)
    if complaint:
        raise ApplyFailed("live-restore could not be switched before the restart: " + complaint)
