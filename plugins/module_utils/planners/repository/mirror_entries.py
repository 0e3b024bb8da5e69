# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find an entry for Docker's packages that stays: a private mirror's, if nobody declared another.

If docker_engine_repo_urls has its default, an entry for another site expresses the will of whoever
set up the host. An entry for a listed site that says how to reach it (by a proxy, a password or
certificates) stays too, since our own entry would not say that.
"""

import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from ...words.arguments import defaults_of
from ...words.declarations.engine import EngineDeclaration
from ...words.observations.host import FileObserved, Observation
from ...words.tables.supported_systems import SupportedSystem
from .dnf_exclusions import DNF_CONFIG, read_options
from .plan import has_our_head, repository_path, without_credentials
from .text import field, parse_line, sections, stanzas

OFFICIAL = re.compile(
    r"^[a-z+]+://(?:[^/@\s]*@)?(?:download\.docker\.com|(?:apt|yum)\.dockerproject\.org)(?:[:/]|$)"
)
# Options that a host needs to reach a site (dnf.conf(5)).
_CONNECTION = re.compile(
    r"^(?:proxy|proxy_username|proxy_password|proxy_auth_method|username|password"
    r"|sslcacert|sslclientcert|sslclientkey|ip_resolve)$"
)
_NO = ("no", "false", "0", "off", "disable")
_YES = ("yes", "true", "1", "on", "enable")


class Entry(NamedTuple):
    """One entry: its file, its text there, its address, and dnf's name for it.

    ``is_usable`` tells whether it offers packages of this release and channel, verified by a key.
    """

    path: str
    text: str
    address: str
    section: str = ""
    is_usable: bool = False
    has_connection: bool = False


def is_default(engine: EngineDeclaration) -> bool:
    """Whether nobody has declared other sites than the default ones."""
    default: List[str] = defaults_of("docker_engine")["repo_urls"]
    return list(engine.repo_urls) == default


def stays(engine: EngineDeclaration, entry: Entry) -> bool:
    """Whether an entry is left as it is."""
    if not entry.is_usable:
        return False
    if leads_to(engine, entry.address):
        return entry.has_connection
    return is_default(engine) and not OFFICIAL.match(entry.address)


def leads_to(engine: EngineDeclaration, address: str) -> str:
    """Give the listed site to which an address belongs; empty where it is none."""
    plain = re.sub(r"://[^/@\s]*@", "://", address)
    return next((url for url in engine.repo_urls if plain.startswith(url + "/linux/")), "")


def entry_that_stays(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Optional[Entry]:
    """Give the entry from which the host has its engine, if it is not ours to replace."""
    own = repository_path(system)
    if has_our_head(observed.files.get(own, FileObserved()).text):
        return None
    found = [each for each in read_entries(engine, system, observed) if _is_of_docker(each, own)]
    return next((each for each in found if stays(engine, each)), None)


def listed_first(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Tuple[str, ...]:
    """Give the listed sites, first those that entries of others name already."""
    named = [leads_to(engine, each.address) for each in read_entries(engine, system, observed)]
    return tuple(dict.fromkeys([url for url in named if url] + list(engine.repo_urls)))


def read_entries(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Iterator[Entry]:
    """Read every entry that somebody else has written, those of the repository file first."""
    own = repository_path(system)
    paths = [path for path in observed.files if path.startswith(_FOLDERS[system.family])]
    for path in sorted(paths, key=lambda each: (each != own, each)):
        file = observed.files[path]
        if file.kind == "absent" or not file.text or has_our_head(file.text):
            continue
        if path.endswith(".repo"):
            checks = _checks_by_default(observed)
            yield from _sections(path, file.text, engine, checks)
        elif path.endswith(".sources"):
            yield from _stanzas(path, file.text, engine, system, observed.architecture)
        else:
            yield from _lines(path, file.text, engine, system, observed.architecture)


def note_of(engine: EngineDeclaration, entry: Entry) -> str:
    """Tell of an entry that stays, and how to replace it."""
    why = "docker_engine_repo_urls is at its default"
    if leads_to(engine, entry.address):
        why = "it says how to reach a listed site"
    return "Docker's packages come from %s by the entry in %s, which stays: %s." % (
        without_credentials(entry.address),
        entry.path,
        why,
    )


def without_entry(text: str, entry: Entry) -> str:
    """Give a file's text without an entry."""
    return text.replace(entry.text, "", 1)


_FOLDERS = {"deb": "/etc/apt/sources.list", "rpm": "/etc/yum.repos.d/"}


def _is_of_docker(entry: Entry, own: str) -> bool:
    """Whether an entry is for Docker's packages, by its file, its section or its address."""
    told = "%s %s %s" % (entry.path.rpartition("/")[2], entry.section, entry.address)
    return entry.path == own or "docker" in told.lower()


def _stanzas(
    path: str, text: str, engine: EngineDeclaration, system: SupportedSystem, architecture: str
) -> Iterator[Entry]:
    for stanza in stanzas(text):
        options = {
            "arch": field(stanza, "architectures"),
            "signed-by": field(stanza, "signed-by"),
            "trusted": field(stanza, "trusted"),
            "allow-insecure": field(stanza, "allow-insecure"),
        }
        usable = (
            "deb" in field(stanza, "types").split()
            and field(stanza, "enabled").strip().lower() not in _NO
            and _serves(
                field(stanza, "suites").split(),
                field(stanza, "components").split(),
                options,
                engine,
                system,
                architecture,
            )
        )
        for address in field(stanza, "uris").split()[:1]:
            yield Entry(
                path=path,
                text=stanza,
                address=address,
                section="",
                is_usable=usable,
                has_connection=_has_user(address),
            )


def _lines(
    path: str, text: str, engine: EngineDeclaration, system: SupportedSystem, architecture: str
) -> Iterator[Entry]:
    for line in text.splitlines(True):
        parsed = parse_line(line)
        if parsed is None:
            continue
        kind, options, address, words = parsed
        usable = kind == "deb" and _serves(
            words[:1], words[1:], options, engine, system, architecture
        )
        yield Entry(
            path=path,
            text=line,
            address=address,
            section="",
            is_usable=usable,
            has_connection=_has_user(address),
        )


def _serves(
    suites: List[str],
    components: List[str],
    options: Dict[str, str],
    engine: EngineDeclaration,
    system: SupportedSystem,
    architecture: str,
) -> bool:
    """Whether apt gets this release's packages from it, and verifies them by a key."""
    architectures = re.split(r"[,\s]+", options.get("arch", "").strip())
    is_flat = any(suite.endswith("/") for suite in suites)
    return (
        (is_flat or (system.suite in suites and engine.channel in components))
        and (architectures == [""] or architecture in architectures)
        and options.get("trusted", "").lower() not in _YES
        and options.get("allow-insecure", "").lower() not in _YES
    )


def _sections(path: str, text: str, engine: EngineDeclaration, checks: bool) -> Iterator[Entry]:
    options: Dict[str, Dict[str, str]] = {}
    for each in read_options(path, FileObserved(kind="file", text=text)):
        options.setdefault(each.section, {})[each.name] = each.value
    for name, lines in sections(text):
        said = options.get(name, {})
        address = (
            said.get("baseurl") or said.get("mirrorlist") or said.get("metalink") or ""
        ).split()
        if not name or not address:
            continue
        believed = said.get("gpgcheck", "").lower()
        usable = (
            said.get("enabled", "1").lower() not in _NO
            and (believed in _YES if believed else checks)
            and not re.search(r"[/-](?:test|nightly|edge|source|debuginfo)\b", address[0])
            and (engine.channel == "stable" or engine.channel in address[0])
            and not name.endswith(("-source", "-debuginfo", "-test", "-nightly", "-edge"))
        )
        connection = any(_CONNECTION.match(key) and value for key, value in said.items())
        yield Entry(
            path=path,
            text="".join(lines),
            address=address[0],
            section=name,
            is_usable=usable,
            has_connection=connection or _has_user(address[0]),
        )


def _has_user(address: str) -> bool:
    return re.match(r"^[a-z+]+://[^/@\s]+@", address) is not None


def _checks_by_default(observed: Observation) -> bool:
    """Whether dnf checks signatures if a section has no option for it (dnf.conf(5), gpgcheck)."""
    file = observed.files.get(DNF_CONFIG, FileObserved())
    said = [each.value.lower() for each in read_options(DNF_CONFIG, file)]
    names = [each.name for each in read_options(DNF_CONFIG, file)]
    return any(name == "gpgcheck" and value in _YES for name, value in zip(names, said))
