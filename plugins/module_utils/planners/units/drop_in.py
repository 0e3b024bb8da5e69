# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan one drop-in, and the file with the secret part of its environment.

That file is never staged, so that there is no copy of it elsewhere. Each contents has a file name
of its own, which the drop-in names. It is written beside the live file and takes effect with the
drop-in; the live file goes once the commit has held.
"""

import re
from typing import Iterator, List, NamedTuple, Optional, Tuple

from ...words import impacts, resources
from ...words.declarations.activation import ActivationDeclaration
from ...words.declarations.drop_in import DropInDeclaration
from ...words.declared import (
    BEGUN,
    UNKNOWN,
    Declared,
    anywhere_of,
    declare_anywhere,
    declare_by_digest,
    digest,
    record_key,
)
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import (
    FileObserved,
    Look,
    Observation,
    StagedFile,
    StagedSet,
    UnitObserved,
)
from ...words.paths import UNIT_FOLDER
from ...words.unit_lines import environment_files
from ..activation.commit import effect_refusal, failed_refusal
from ..activation.effect import differs, effect_on_daemon
from ..host.comparison import stale_staged
from . import text as unit_text
from .docker_unit import of_the_process, says_a_secret
from .environment_file import render_environment_file

# The files of credentials, and every drop-in that may name them.
CREDENTIALS_GLOBS = tuple(
    "%s/%s.d/*.%s" % (UNIT_FOLDER, unit, end)
    for unit in (DOCKER_SERVICE, CONTAINERD_SERVICE)
    for end in ("conf", "env")
)
_NONE = digest("none")
_IS_OURS = re.compile(r"^# Written by Dockwright \(")
_SECRET_MODE = 0o600


class Stage(NamedTuple):
    """What is to be staged, and the file of credentials that the drop-in names."""

    staged: StagedSet
    path: str = ""
    file: Optional[StagedFile] = None


def look_at_drop_in(declaration: DropInDeclaration) -> Look:
    """Say what to look at for a drop-in's plan."""
    return Look(files=(path_of(declaration),), globs=CREDENTIALS_GLOBS)


def path_of(declaration: DropInDeclaration) -> str:
    """Give the path of the drop-in."""
    return unit_text.drop_in_path(declaration.unit, declaration.name)


def plan_drop_in(
    wanted: DropInDeclaration,
    activation: ActivationDeclaration,
    observed: Observation,
    pending: Optional[StagedSet] = None,
) -> Plan:
    """Compare a drop-in with what is declared; ``pending`` is all that will be staged."""
    stage = stage_drop_in(wanted, observed)
    refusal = None
    if stage.staged.files:
        together = pending or stage.staged
        refusal = failed_refusal(activation, observed, together)
        effect = effect_on_daemon(observed, together)
        refusal = refusal or effect_refusal(effect, activation, observed)
    differences = list(_compare(wanted, observed, stage, refusal))
    resource, answered_for = resources.staged_of(wanted.subject), path_of(wanted).__eq__
    differences.extend(
        stale_staged(resource, wanted.role, answered_for, observed, stage.staged.files)
    )
    return Plan(
        differences=tuple(differences), unverifiable=(), declared=tuple(_declared(wanted, observed))
    )


def stage_drop_in(declaration: DropInDeclaration, observed: Observation) -> Stage:
    """Give the drop-in to be staged, if it changes, and its credentials' file."""
    path = path_of(declaration)
    live = observed.files.get(path, FileObserved())
    digests = {each.key: each.digest for each in _declared_by_salt(declaration, observed)}
    if not declaration.is_declared:
        gone = live.kind != "absent" and _is_answered_for(declaration, observed, live)
        return Stage(StagedSet({path: StagedFile(None)}, digests) if gone else StagedSet())
    secret_path, secret = "", None
    if declaration.credentials:
        secret = StagedFile(_credentials(declaration), _SECRET_MODE)
        secret_path = _credentials_path(declaration, observed)
    wanted = StagedFile(_text(declaration, secret_path))
    staged = StagedSet({path: wanted}, digests) if differs(wanted, live) else StagedSet()
    return Stage(staged, secret_path, secret)


def leftovers(observed: Observation, staged: StagedSet) -> Tuple[str, ...]:
    """Name files of credentials that no drop-in names any more, nor a set that failed.

    Whoever declares that set again gets the same name for the same contents.
    """
    texts = [file.text or "" for file in staged.files.values()]
    texts.extend(file.text for path, file in observed.files.items() if path.endswith(".conf"))
    named = {path for text in texts for path in environment_files(text)}
    return tuple(
        path
        for path, file in sorted(observed.files.items())
        if _number(path) and is_ours(file) and path not in named
    )


def is_as_recorded(path: str, observed: Observation) -> bool:
    """Whether a drop-in is what a run wrote, as far as can be seen without its secrets.

    For one with credentials it is only known that a run has written it.
    """
    file = observed.files[path]
    end = record_key(resources.END_OF_DROP_IN, path)
    found = [told for key, told in observed.applied.digests.items() if key.endswith(end)]
    has_secrets = any(_number(each) for each in environment_files(file.text))
    is_told = has_secrets or digest(observed.applied.salt, file.text, "") in found
    return is_ours(file) and bool(found) and is_told


def _compare(
    declaration: DropInDeclaration,
    observed: Observation,
    stage: Stage,
    refusal: Optional[Refusal],
) -> Iterator[Difference]:
    role = declaration.role
    unit = observed.units.get(declaration.unit, UnitObserved())
    live = observed.files.get(stage.path, FileObserved())
    if stage.file is not None and differs(stage.file, live):
        same = live.kind == "file" and live.text == stage.file.text
        yield Difference(
            resource=resources.credentials_of(declaration.subject),
            role=role,
            path=stage.path,
            expected="mode 0600, owner 0:0" if same else stage.file.text or "",
            actual="mode %04o, owner %d:%d" % (live.mode, live.owner, live.group)
            if same
            else live.text,
            impact=impacts.NONE,
            sentence="have root alone read %s" % stage.path
            if same
            else "write %s, which root alone can read" % stage.path,
            sensitive=not same,
            refusal=refusal,
        )
    for path, file in stage.staged.files.items():
        before = observed.files.get(path, FileObserved())
        restarts = declaration.unit == DOCKER_SERVICE and (
            of_the_process(before.text) != of_the_process(file.text or "")
        )
        yield Difference(
            resource=resources.drop_in_of(declaration.subject),
            role=role,
            path=path,
            expected=file.text or "",
            actual=before.text,
            impact=impacts.RESTART if restarts and unit.active_state == "active" else impacts.NONE,
            sentence=_sentence(declaration, before) if file.text else "take %s away" % path,
            sensitive=_may_hold_secrets(before) or says_a_secret(file.text or ""),
            refusal=_in_the_way(path, before) or refusal,
        )


def _in_the_way(path: str, before: FileObserved) -> Optional[Refusal]:
    if before.kind in ("absent", "file", "link"):
        return None
    found = "%s is there and is no file, and the drop-in is to lie in its place." % path
    return Refusal(found=found, remedy="Move it away.")


def _sentence(declaration: DropInDeclaration, before: FileObserved) -> str:
    names = sorted(set(declaration.environment) | set(declaration.credentials))
    deed = "give %s %s" % (declaration.unit, ", ".join(names) if names else declaration.name)
    if before.kind == "absent" or is_ours(before):
        return deed
    return "%s, in place of what somebody else has written there" % deed


def _declared(declaration: DropInDeclaration, observed: Observation) -> Iterator[Declared]:
    yield from _declared_by_salt(declaration, observed)
    yield declare_anywhere(
        resource=resources.staged_of(declaration.subject), role=declaration.role, wanted="declared"
    )


def _declared_by_salt(declaration: DropInDeclaration, observed: Observation) -> Iterator[Declared]:
    """Give digests of what is declared, whatever the credentials file's number is."""
    salt, secret = observed.applied.salt, _credentials(declaration)
    path = path_of(declaration)
    yield declare_by_digest(
        resource=resources.drop_in_of(declaration.subject),
        role=declaration.role,
        path=path,
        digest=digest(salt, _text(declaration, ""), secret) if declaration.is_declared else _NONE,
    )
    yield declare_by_digest(
        resource=resources.credentials_of(declaration.subject),
        role=declaration.role,
        # Drop-ins of the same name for two units are different.
        path=anywhere_of(path),
        digest=digest(salt, secret),
    )


def _is_answered_for(
    declaration: DropInDeclaration, observed: Observation, live: FileObserved
) -> bool:
    """Whether we have made an existing drop-in, even if somebody has edited it."""
    key = record_key(resources.drop_in_of(declaration.subject), path_of(declaration))
    # An entry that was begun and never committed, or another machine's, says nothing of this file.
    return is_ours(live) or observed.applied.digests.get(key, BEGUN) not in (BEGUN, UNKNOWN, _NONE)


def _text(declaration: DropInDeclaration, secret_path: str) -> str:
    variables = [
        ("Environment", unit_text.environment_word(name, value))
        for name, value in declaration.environment.items()
    ]
    if secret_path:
        variables.append(("EnvironmentFile", unit_text.literal(secret_path)))
    sections: List[Tuple[str, Tuple[Tuple[str, str], ...]]] = list(declaration.sections)
    if variables:
        sections.append(("Service", tuple(variables)))
    return unit_text.render_drop_in(_header(declaration), sections)


def _credentials(declaration: DropInDeclaration) -> str:
    if not declaration.credentials:
        return ""
    return render_environment_file(_header(declaration), declaration.credentials)


def _header(declaration: DropInDeclaration) -> str:
    kind = "role" if declaration.role.startswith("docker_") else "module"
    return "# Written by Dockwright (%s %s)." % (kind, declaration.role)


def _credentials_path(declaration: DropInDeclaration, observed: Observation) -> str:
    """Name the file that has these contents already, or one that nothing has named yet."""
    path, text = path_of(declaration), _credentials(declaration)
    stem = path[: -len(".conf")]
    live, staged = observed.files.get(path), observed.staged.files.get(path)
    said = [(live.text if live else ""), ((staged.text or "") if staged else "")]
    named = [each for part in said for each in environment_files(part)]
    there = sorted((each for each in observed.files if _stem(each) == stem), key=_number)
    for candidate in [each for each in named if each in there] + there:
        file = observed.files[candidate]
        if file.kind == "file" and file.text == text:
            return candidate
    taken = [_number(each) for each in there + named if _stem(each) == stem]
    return "%s-%d.env" % (stem, max(taken) + 1 if taken else 1)


def _stem(path: str) -> str:
    return re.sub(r"-\d+\.env$", "", path)


def _number(path: str) -> int:
    """Give the number in a credentials file's name; 0 in any other name."""
    found = re.search(r"-([1-9]\d*)\.env$", path)
    return int(found.group(1)) if found else 0


def _may_hold_secrets(file: FileObserved) -> bool:
    """Whether a person may have written a secret into a drop-in."""
    names = list(unit_text.environment_names(file.text))
    return "@" in file.text or says_a_secret(file.text) or bool(names and not is_ours(file))


def is_ours(file: FileObserved) -> bool:
    """Whether a file says that it was written here."""
    return bool(_IS_OURS.match(file.text))
