# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One commit, and the parts that its way forward and its way back share."""

import time
from typing import List, NamedTuple, Optional, Tuple

from ...observers.host.files import observe_files
from ...planners.activation.effect import Effect
from ...planners.activation.plan import look_at_activation
from ...planners.daemon.document import NotADocument, read_document, secrets_of, withhold
from ...planners.daemon.plan import look_at_daemon
from ...words.declarations.daemon import DaemonDeclaration
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, Observation, StagedFile, StagedSet
from ...words.paths import DAEMON_JSON
from ..host.command import ApplyFailed
from ..host.staging import stage
from ..units.jobs import reload_unit
from ..units.units import seen_units
from . import restore
from .health import Patient, await_reload


class Commit(NamedTuple):
    """One commit: what it installs, what it takes, and what was before it.

    ``served`` is the daemon.json that the running daemon uses, if the live file is an edit that
    nobody has tried: one does not go back to such an edit. ``notes`` are what a person should know
    of the state before.
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


def forget(commit: Commit) -> None:
    """Delete the saved set of a commit, so that no boot brings it back any more.

    :raises ApplyFailed: with the system's reason.
    """
    if commit.is_transaction:
        restore.end_commit()


def clear(commit: Commit) -> None:
    """Delete what was staged; call this once the outcome is on record."""
    if commit.staged.files or commit.staged.unreadable:
        stage(StagedSet())


def look_again(observed: Observation) -> Observation:
    """See the files and units as they are now.

    :raises ApplyFailed: where systemd does not answer.
    """
    look = look_at_daemon(DaemonDeclaration())
    return observed._replace(
        files=observe_files(tuple(observed.files) + look.files, look.globs),
        units=seen_units(look_at_activation().units),
    )


def reload_daemon(commit: Commit) -> str:
    """Reload the daemon; give what is wrong with it if it does not use its files afterwards."""
    since = time.time()
    try:
        reload_unit(DOCKER_SERVICE, commit.patient.limits.start_timeout)
    except ApplyFailed as failed:
        return str(failed)
    return await_reload(since)


def withheld(commit: Commit, text: str) -> str:
    """Take every secret out of a text: dockerd's log repeats its whole configuration."""
    texts: List[Optional[str]] = [file.text for file in commit.staged.files.values()]
    texts.append(commit.observed.files.get(DAEMON_JSON, FileObserved()).text)
    for each in texts:
        try:
            text = withhold(text, secrets_of(read_document(each or "")))
        except NotADocument:
            continue
    return text
