# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge whether a staged set may be committed, and in which order its files are installed."""

from typing import List, Optional, Tuple

from ...words.declarations.activation import ActivationDeclaration
from ...words.declared import digest
from ...words.difference import Refusal
from ...words.observations.host import FileObserved, Observation, StagedFile, StagedSet
from ...words.tables.daemon_options import RESTART
from ...words.unit_lines import Assignment, assignments
from ..containers.stop import stop_refusal
from ..units.docker_unit import NOT_OF_THE_PROCESS, OUR_DROP_INS
from .effect import Effect, differs, without_parents

RETRY = "docker_activation_retry"
# Environment variables keep no process from being started (systemd.exec(5), "Environment").
_OF_ENVIRONMENT = ("Environment", "EnvironmentFile", "PassEnvironment", "UnsetEnvironment")
_UNIT_FOLDERS = ("/etc/systemd/", "/run/systemd/")


def set_digest(staged: StagedSet, observed: Observation) -> str:
    """Give a set's digest on this engine: what failed with one version may start with another."""
    engine = observed.packages.get("docker-ce")
    files = sorted((path, file.text, file.mode) for path, file in staged.files.items())
    return digest(observed.applied.salt, engine.version if engine else "", files)


def failed_refusal(
    activation: ActivationDeclaration, observed: Observation, staged: StagedSet
) -> Optional[Refusal]:
    """Refuse a set that was tried and taken back, until it changes or a retry is asked for.

    With ``deferred`` the set is not complete yet, and is not judged.
    """
    failed = observed.applied.failed
    if (
        activation.deferred
        or activation.retry
        or failed is None
        or failed.digest != set_digest(staged, observed)
    ):
        return None
    return Refusal(
        found="this configuration was tried at %s and taken back: %s."
        % (failed.at, failed.reason.rstrip(".")),
        remedy="Change the declaration, or set %s to try it once more." % RETRY,
        consent=RETRY,
    )


def effect_refusal(
    effect: Effect, activation: ActivationDeclaration, observed: Observation
) -> Optional[Refusal]:
    """Refuse a restart that would stop containers; a set that is not complete yet is not judged."""
    if activation.deferred or effect.action != RESTART:
        return None
    deed = "Bringing %s into effect" % ", ".join(
        without_parents(effect.keys) or sorted({reason.path for reason in effect.reasons})
    )
    return stop_refusal(deed, activation, observed, effect.containers_live, effect.breaks)


def to_install(staged: StagedSet, observed: Observation) -> List[Tuple[str, StagedFile]]:
    """Give the staged files that differ from the live ones, in an order in which every step starts.

    A drop-in that takes flags away agrees with any daemon.json. So it is installed before a file
    that sets the same things, and removed after that.
    """
    changing = [
        (path, file)
        for path, file in staged.files.items()
        if differs(file, observed.files.get(path, FileObserved()))
    ]

    def place(entry: Tuple[str, StagedFile]) -> Tuple[int, str]:
        path, file = entry
        if not path.startswith(_UNIT_FOLDERS):
            return 1, path
        return (2 if file.text is None else 0), path

    return sorted(changing, key=place)


def is_unit_file(path: str) -> bool:
    """Whether systemd reads this file."""
    return path.startswith(_UNIT_FOLDERS)


def changes_how_it_runs(staged: StagedSet, observed: Observation) -> bool:
    """Whether a set's unit files change how a process is started, other than by its environment.

    If so, a start that fails before the daemon itself runs is the set's fault. The drop-in that
    takes -H away does not count, since it starts the same program.
    """
    for path, file in staged.files.items():
        if is_unit_file(path) and path not in OUR_DROP_INS:
            live = observed.files.get(path, FileObserved()).text
            if _how_it_runs(file.text or "") != _how_it_runs(live):
                return True
    return False


def _how_it_runs(text: str) -> List[Assignment]:
    return [
        each._replace(line=0)
        for each in assignments(text)
        if each.section not in NOT_OF_THE_PROCESS and each.name not in _OF_ENVIRONMENT
    ]
