# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the listed sites for their versions, which only a declared upgrade needs.

The sites are asked in order; the next one only if the one before could not be used.
"""

from typing import Dict, Iterator, List, Mapping, Optional, Tuple

from ...words import resources
from ...words.declarations.engine import EngineDeclaration
from ...words.difference import Unverifiable
from ...words.observations.host import VIEW, Answer, Observation, Question
from ...words.tables.supported_systems import COMPANION_PACKAGES, PACKAGES, SupportedSystem
from ..repository.mirror_entries import Entry, entry_that_stays
from ..repository.plan import ROLE, key_path, render_repository, repository_id, without_credentials
from ..repository.trust import expected_fingerprint, key_complaint
from . import apt, dnf

_KEY = "docker.asc"
_NAMES = PACKAGES + COMPANION_PACKAGES

Offered = Dict[str, List[str]]


def ask_offers(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Dict[str, Question]:
    """Give the next question; None where no upgrade is declared, or a site has answered.

    Without a key to verify the sites nothing is asked: that is a difference of its own.
    """
    if not engine.upgrade or engine.is_exact:
        return {}
    if not observed.packages["docker-ce"].version or _usable(engine, system, observed) is not None:
        return {}
    stays = entry_that_stays(engine, system, observed)
    if stays is not None and _name(stays.path) not in observed.answers:
        return {_name(stays.path): _question_of(stays, system)}
    key = _believed_key(engine, system, observed)
    unasked = [site for site in engine.repo_urls if _name(site) not in observed.answers]
    if not unasked or not key:
        return {}
    return {_name(unasked[0]): _question(engine, system, observed, unasked[0], key)}


def read_offers(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Offered:
    """Give each package's versions, newest first, on the first usable site; None without one."""
    answer = _usable(engine, system, observed)
    if answer is None:
        return {}
    parse = apt.parse_offered if system.family == "deb" else dnf.parse_offered
    return parse(answer.outputs[-1])


def unusable_sites(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Iterator[Unverifiable]:
    """Say what each site answered, if all were asked and none could be used."""
    sites = _sites(engine, system, observed)
    asked = [observed.answers.get(_name(site)) for site in sites]
    if not all(asked) or _usable(engine, system, observed) is not None:
        return
    said = "; ".join(
        "%s (%s)" % (site, _complaint(answer))
        for site, answer in zip(sites, asked)
        if answer is not None
    )
    reason = "docker_engine_upgrade is declared and no listed site could be used: %s" % said
    yield Unverifiable(
        resource=resources.ENGINE_PACKAGE, role=ROLE, path="docker-ce", reason=reason
    )


def _name(site: str) -> str:
    return "offers of %s" % site


def _sites(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Tuple[str, ...]:
    """Give the places to ask: the file of an entry that stays, and the listed sites."""
    stays = entry_that_stays(engine, system, observed)
    return ((stays.path,) if stays is not None else ()) + tuple(engine.repo_urls)


def _usable(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Optional[Answer]:
    answers: Mapping[str, Answer] = observed.answers
    for site in _sites(engine, system, observed):
        answer = answers.get(_name(site))
        if answer is not None and not answer.unasked and not any(answer.statuses):
            return answer
    return None


def _complaint(answer: Answer) -> str:
    if answer.unasked:
        return answer.unasked
    said = [text for status, text in zip(answer.statuses, answer.outputs) if status]
    return without_credentials(said[0]).strip()[-500:]


def _believed_key(engine: EngineDeclaration, system: SupportedSystem, observed: Observation) -> str:
    key = engine.repo_key or observed.files[key_path(system)].text
    return "" if key_complaint(key, expected_fingerprint(engine, system)) else key


def _question_of(stays: Entry, system: SupportedSystem) -> Question:
    """Ask by an entry as it is, with its key."""
    name = stays.path.rpartition("/")[2]
    if system.family == "deb":
        file = "%s/%s" % (VIEW, name)
        commands = [apt.probe(file, apt.LISTS), apt.list_offered(file, apt.LISTS, _NAMES)]
    else:
        commands = [
            dnf.probe(VIEW, stays.section),
            dnf.list_offered(VIEW, stays.section, _NAMES),
        ]
    return _asked({name: stays.text}, commands)


def _question(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation, site: str, key: str
) -> Question:
    signed_by = "%s/%s" % (VIEW, _KEY)
    text = render_repository(system, observed.architecture, engine.channel, site, signed_by)
    if system.family == "deb":
        file = "%s/%s" % (VIEW, "docker.sources")
        commands = [apt.probe(file, apt.LISTS), apt.list_offered(file, apt.LISTS, _NAMES)]
        return _asked({"docker.sources": text, _KEY: key}, commands)
    repository = repository_id(engine.channel)
    commands = [dnf.probe(VIEW, repository), dnf.list_offered(VIEW, repository, _NAMES)]
    return _asked({"docker-ce.repo": text, _KEY: key}, commands)


def _asked(files: Dict[str, str], commands: List[List[str]]) -> Question:
    return Question(commands=tuple(tuple(argv) for argv in commands), files=files)
