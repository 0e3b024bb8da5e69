# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have the installed dockerd validate a configuration that no daemon has read yet.

Only this file decides whether a configuration was validated and, if not, why.
"""

from typing import Dict, Optional

from ...words.declarations.engine import upstream_version
from ...words.difference import Refusal
from ...words.observations.host import (
    VIEW,
    Answer,
    FileObserved,
    Observation,
    PackageObserved,
    Question,
    StagedSet,
)
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import FIRST_WITH_VALIDATION, parse_version
from ..activation.effect import with_staged
from ..trust.programs import DAEMON_PROGRAM, is_named, why_not_own
from ..units.docker_unit import read_unit
from .document import NotADocument, read_document, secrets_of, withhold
from .validation_flags import stray_word

VALIDATION = "dockerd"
_NAME = "daemon.json"
_IN_VIEW = "%s/%s" % (VIEW, _NAME)
# It takes a tenth of a second.
_SECONDS = 60.0
_CONTENT = "configuration OK"
# The beginnings of the line in which dockerd says what is wrong (moby, cmd/dockerd), the best
# first. dockerd's whole usage may follow it.
_COMPLAINTS = ("unable to configure", "merged configuration", "failed to", "Status: ")


def ask_validation(observed: Observation, staged: StagedSet) -> Dict[str, Question]:
    """Ask the package's own dockerd, with the flags of its unit, if that can be done.

    The file lies in a view that nobody else sees, since it may hold secrets.
    """
    files = with_staged(observed.files, staged)
    file = files.get(DAEMON_JSON, FileObserved())
    if file.kind != "file" or not _engine(observed) or _why_unasked(observed, staged):
        return {}
    flags = read_unit(files).arguments[1:]
    argv = (DAEMON_PROGRAM.path, "--validate", "--config-file", _IN_VIEW) + flags
    return {
        VALIDATION: Question(
            commands=(argv,),
            files={_NAME: file.text},
            environment={},
            seconds=_SECONDS,
            offline=True,
        )
    }


def validation_refusal(answer: Optional[Answer], text: str) -> Optional[Refusal]:
    """Read dockerd's objection to the file; None where it has none, or has not answered."""
    if answer is None or _why_unanswered(answer) or answer.statuses[0] == 0:
        return None
    said = _complaint(answer)
    try:
        said = withhold(said, secrets_of(read_document(text)))
    except NotADocument:
        said = "the file is no JSON"
    said = said.replace(_IN_VIEW, DAEMON_JSON)
    told = "dockerd --validate says of %s: %s." % (DAEMON_JSON, said.rstrip("."))
    return Refusal(found=told, remedy="Correct that in docker_daemon_config, or in the file.")


def validation_note(
    observed: Observation, staged: StagedSet, answer: Optional[Answer]
) -> Optional[str]:
    """Say why nothing was validated; None where it was, or is still to be asked."""
    if DAEMON_JSON not in staged.files or staged.files[DAEMON_JSON].text is None:
        return None
    why = observed.unobserved.get("packages", "")
    if not why and not _engine(observed):
        return None
    why = why or _why_unasked(observed, staged)
    if not why and answer is not None:
        why = _why_unanswered(answer)
    return "dockerd has not validated %s: %s." % (DAEMON_JSON, why.rstrip(".")) if why else None


def _engine(observed: Observation) -> str:
    return observed.packages.get(DAEMON_PROGRAM.package, PackageObserved()).version


def _why_unasked(observed: Observation, staged: StagedSet) -> str:
    engine = upstream_version(_engine(observed))
    if parse_version(engine) < FIRST_WITH_VALIDATION:
        return "engine %s cannot, only 23.0 and later can" % engine
    wrong = why_not_own(DAEMON_PROGRAM, observed)
    if wrong:
        return wrong
    unit = read_unit(with_staged(observed.files, staged))
    if not unit.arguments:
        return "no file says how docker.service is started"
    if not is_named(DAEMON_PROGRAM, unit.arguments[0]):
        return "%s has docker.service started by %s, not by %s" % (
            unit.source,
            unit.arguments[0],
            DAEMON_PROGRAM.path,
        )
    if not unit.is_plain:
        return "the command line in %s holds variables, which only systemd can fill in" % (
            unit.source
        )
    stray = stray_word(unit.arguments[1:])
    if stray:
        return "the command line in %s holds %s, and only known flags go into a validation" % (
            unit.source,
            stray,
        )
    return ""


def _why_unanswered(answer: Answer) -> str:
    if answer.unasked:
        return answer.unasked
    if not answer.statuses or not answer.outputs:
        return "it gave no answer"
    status, said = answer.statuses[0], answer.outputs[0]
    if "unknown flag: --validate" in said:
        return "this engine cannot, only 23.0 and later can"
    if status < 0:
        return "it was ended by signal %d" % -status
    if "goroutine " in said:
        return "it crashed"
    if not said.strip():
        return "it ended with %d and said nothing" % status
    if status == 0 and _CONTENT not in said:
        return "it ended with 0 and did not say that the configuration is well"
    return ""


def _complaint(answer: Answer) -> str:
    lines = [line.strip() for line in answer.outputs[0].split("\n") if line.strip()]
    found = [line for start in _COMPLAINTS for line in lines if line.startswith(start)]
    return (found or lines[-1:])[0]
