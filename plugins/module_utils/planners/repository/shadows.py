# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find a foreign repository that the package manager would prefer for Docker's packages.

Only configuration that sets a priority can cause this; without any, nothing is asked. With some,
the package manager itself is asked for the result.
"""

import fnmatch
import re
from typing import Dict, Iterable, Iterator, List, NamedTuple, Tuple

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declared import declare_anywhere
from ...words.difference import Difference, Refusal, Unverifiable
from ...words.observations.host import Answer, Observation, Question
from ...words.tables.supported_systems import PACKAGES, SupportedSystem
from ..engine import apt, dnf
from ..host.comparison import Comparison
from .entries import foreign_files, part_file, recogniser
from .mirror_entries import entry_that_stays
from .plan import ROLE, without_credentials
from .text import sections

QUESTION = "priorities"
# A source's priority without a pin (apt_preferences(5)); apt reads files without an extension or
# with this one.
PREFERENCES = (
    "/etc/apt/preferences",
    "/etc/apt/preferences.d/*",
)
_APT_DEFAULT = 500
# The lower number is preferred, and 99 is the default (dnf.conf(5)).
_DNF_DEFAULT = 99


class Shadow(NamedTuple):
    """A source that is preferred to the declared sites for one or more packages."""

    source: str
    priority: int
    packages: Tuple[str, ...]


def ask_priorities(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Dict[str, Question]:
    """Give the question for a host on which some configuration prefers another source."""
    if system.family == "deb":
        asked = apt.ask_priorities(PACKAGES) if _has_pin(observed) else ()
    else:
        preferred = _preferred_sections(engine, system, observed)
        asked = dnf.ask_sources(tuple(preferred), PACKAGES) if preferred else ()
    return {QUESTION: Question(asked)} if asked else {}


def compare_priorities(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Iterator[Comparison]:
    """Compare the package manager's preferences with the declared sites."""
    declared = declare_anywhere(
        resource=resources.ENGINE_REPOSITORY_PRIORITY, role=ROLE, wanted="not preferred"
    )
    yield Comparison(declared)
    for shadow in _shadows(engine, system, observed):
        names = ", ".join(shadow.packages)
        yield Comparison(
            declared,
            Difference(
                resource=resources.ENGINE_REPOSITORY_PRIORITY,
                role=ROLE,
                path=shadow.source,
                expected="Docker's packages from a listed site",
                actual="%s with priority %d" % (names, shadow.priority),
                impact=impacts.RESTART,
                sentence="%s would give the host another engine" % shadow.source,
                refusal=Refusal(
                    found="%s offers %s with priority %d, which the package manager prefers to the "
                    "listed sites." % (shadow.source, names, shadow.priority),
                    remedy="Take Docker's packages out of it (%s), or list it in "
                    "docker_engine_repo_urls." % _REMEDY[system.family],
                ),
            ),
        )


def unasked_priorities(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Iterator[Unverifiable]:
    """Say where the package manager could not be asked, or did not know."""
    answer = observed.answers.get(QUESTION)
    if answer is None or _is_known(answer):
        return
    # Entries with different keys stop apt itself: it is asked again after they are taken over.
    if answer.unasked or system.family == "rpm" or not _has_entries(engine, system, observed):
        yield Unverifiable(
            resource=resources.ENGINE_REPOSITORY_PRIORITY,
            role=ROLE,
            path="",
            reason=_reason(answer),
        )


_REMEDY = {
    "deb": "a pin of its own with a priority below 500, in /etc/apt/preferences.d",
    "rpm": "`excludepkgs=docker-ce* containerd.io docker-*-plugin` in its section",
}


def _shadows(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> List[Shadow]:
    answer = observed.answers.get(QUESTION)
    if answer is None or not _is_known(answer):
        return []
    if system.family == "deb":
        sites = tuple("%s/%s" % (url, system.repository) for url in engine.repo_urls)
        stays = entry_that_stays(engine, system, observed)
        if stays is not None:
            sites += (without_credentials(stays.address).rstrip("/"),)
        is_taken_over = recogniser(engine)
        return _joined(
            found
            for found in _apt_shadows(answer.outputs[-1], sites)
            if not is_taken_over(found[0])
        )
    preferred = _preferred_sections(engine, system, observed)
    offered = dnf.parse_sources(answer.outputs[-1])
    return _joined(
        (repository, preferred[repository], name)
        for name, repositories in offered.items()
        for repository in repositories
        if repository in preferred
    )


def _is_known(answer: Answer) -> bool:
    """Whether the last command, whose output is read, answered all that it was asked."""
    return not answer.unasked and not answer.statuses[-1]


def _reason(answer: Answer) -> str:
    if answer.unasked:
        return answer.unasked
    said = without_credentials(answer.outputs[-1]).strip()[-500:]
    return "the package manager ended with %d: %s" % (answer.statuses[-1], said)


def _has_entries(engine: EngineDeclaration, system: SupportedSystem, observed: Observation) -> bool:
    return any(
        part_file(engine, system, observed, path).taken for path in foreign_files(system, observed)
    )


def _joined(found: Iterable[Tuple[str, int, str]]) -> List[Shadow]:
    by_source: Dict[Tuple[str, int], List[str]] = {}
    for source, priority, name in found:
        by_source.setdefault((source, priority), []).append(name)
    return [
        Shadow(source, priority, tuple(names)) for (source, priority), names in by_source.items()
    ]


def _apt_shadows(text: str, sites: Tuple[str, ...]) -> Iterator[Tuple[str, int, str]]:
    for name, versions in apt.parse_priorities(text).items():
        ours = [each.priority for each in versions if each.comes_from(sites)]
        best = max(ours) if ours else _APT_DEFAULT
        for version in versions:
            if version.priority > best and not version.comes_from(sites):
                for source in version.sources:
                    yield without_credentials(source), version.priority, name


def _has_pin(observed: Observation) -> bool:
    """Whether a pin raises a source's priority, or names Docker's packages."""
    for path, file in observed.files.items():
        if not path.startswith("/etc/apt/preferences"):
            continue
        for record in re.split(r"\n[ \t]*\n", file.text):
            fields = {
                key.strip().lower(): value.strip()
                for key, colon, value in (line.partition(":") for line in record.splitlines())
                if colon and not key.startswith("#")
            }
            patterns = fields.get("package", "").split()
            named = any(
                fnmatch.fnmatch(name, each) for name in PACKAGES for each in patterns if each != "*"
            )
            raised = "*" in patterns and _number(fields.get("pin-priority", "")) > _APT_DEFAULT
            if named or raised or any(each.startswith("/") for each in patterns):
                return True
    return False


def _preferred_sections(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Dict[str, int]:
    """Give others' enabled sections with a better priority than ours."""
    found = {}
    stays = entry_that_stays(engine, system, observed)
    for path in foreign_files(system, observed):
        text = part_file(engine, system, observed, path).remaining
        for name, lines in sections(text):
            keys = _keys(lines)
            priority = _number(keys.get("priority", ""), _DNF_DEFAULT)
            off = keys.get("enabled", "1").lower() in ("0", "no", "false", "off")
            is_ours = stays is not None and (path, name) == (stays.path, stays.section)
            if name and not is_ours and name != "main" and priority < _DNF_DEFAULT and not off:
                found[name] = priority
    return found


def _keys(lines: List[str]) -> Dict[str, str]:
    pairs = (re.match(r"^\s*([a-z_]+)\s*[=:]\s*(.*?)\s*$", line) for line in lines)
    return {pair.group(1): pair.group(2) for pair in pairs if pair}


def _number(text: str, otherwise: int = 0) -> int:
    return int(text) if re.match(r"^-?\d+$", text) else otherwise
