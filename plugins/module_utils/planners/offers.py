# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the listed sites for their versions: the one declaration that needs it is an upgrade.

The sites are asked in order, the next only where the one before could not be used.
"""

from typing import Dict, Iterator, List, Mapping, Optional

from ansible_collections.dockwright.host.plugins.module_utils.declaration import EngineDeclaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Unverifiable
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    VIEW,
    Answer,
    Observation,
    Question,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners import apt, dnf
from ansible_collections.dockwright.host.plugins.module_utils.planners.repository import (
    ROLE,
    key_path,
    render_repository,
    repository_id,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.trust import (
    expected_fingerprint,
    key_complaint,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    COMPANION_PACKAGES,
    PACKAGES,
    SupportedSystem,
)

_KEY = "docker.asc"
_NAMES = PACKAGES + COMPANION_PACKAGES

Offered = Dict[str, List[str]]


def ask_offers(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Dict[str, Question]:
    """The next question to ask: none where no upgrade is declared, or a site has answered.

    Without a key to believe the sites by nothing is asked: that is a difference of its own.
    """
    key = _believed_key(engine, system, observed)
    if not engine.upgrade or engine.is_exact or not key:
        return {}
    if not observed.packages["docker-ce"].version or _usable(engine, observed) is not None:
        return {}
    unasked = [site for site in engine.repo_urls if _name(site) not in observed.answers]
    if not unasked:
        return {}
    return {_name(unasked[0]): _question(engine, system, observed, unasked[0], key)}


def read_offers(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Offered:
    """Package to its versions, newest first, of the first site that could be used; or nothing."""
    answer = _usable(engine, observed)
    if answer is None:
        return {}
    parse = apt.parse_offered if system.family == "deb" else dnf.parse_offered
    return parse(answer.outputs[-1])


def unusable_sites(engine: EngineDeclaration, observed: Observation) -> Iterator[Unverifiable]:
    """Say what each site answered, where all were asked and none could be used."""
    asked = [observed.answers.get(_name(site)) for site in engine.repo_urls]
    if not all(asked) or _usable(engine, observed) is not None:
        return
    said = "; ".join(
        "%s (%s)" % (site, _complaint(answer))
        for site, answer in zip(engine.repo_urls, asked)
        if answer is not None
    )
    reason = "docker_engine_upgrade is declared and no listed site could be used: %s" % said
    yield Unverifiable("engine.package", ROLE, "docker-ce", reason)


def _name(site: str) -> str:
    return "offers of %s" % site


def _usable(engine: EngineDeclaration, observed: Observation) -> Optional[Answer]:
    answers: Mapping[str, Answer] = observed.answers
    for site in engine.repo_urls:
        answer = answers.get(_name(site))
        if answer is not None and not answer.unasked and not any(answer.statuses):
            return answer
    return None


def _complaint(answer: Answer) -> str:
    if answer.unasked:
        return answer.unasked
    said = [text for status, text in zip(answer.statuses, answer.outputs) if status]
    return said[0].strip()[-500:]


def _believed_key(engine: EngineDeclaration, system: SupportedSystem, observed: Observation) -> str:
    key = engine.repo_key or observed.files[key_path(system)].text
    return "" if key_complaint(key, expected_fingerprint(engine, system)) else key


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
    return Question(tuple(tuple(argv) for argv in commands), files)
