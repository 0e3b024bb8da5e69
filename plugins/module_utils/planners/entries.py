# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find entries for Docker's packages that others have left, in any file and format.

Two entries of one repository with different keys stop apt altogether; two of one id make dnf take
either. So what others wrote is taken over: the entry goes, all else in its file stays, and the
repository file of ours is the only one.
"""

import re
from typing import Callable, Iterator, List, NamedTuple, Sequence, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.declaration import EngineDeclaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import (
    Declared,
    Difference,
    digest,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation
from ansible_collections.dockwright.host.plugins.module_utils.planners.comparison import (
    ANY,
    Comparison,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.repository import (
    ROLE,
    repository_path,
    without_credentials,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)

RESOURCE = "engine.repository_entry"
# sources.list(5), dnf.conf(5): every file in which a repository may be named.
ENTRY_FILES = {
    "deb": (
        "/etc/apt/sources.list",
        "/etc/apt/sources.list.d/*.list",
        "/etc/apt/sources.list.d/*.sources",
    ),
    "rpm": ("/etc/yum.repos.d/*.repo",),
}

_DISTRIBUTIONS = "(?:ubuntu|debian|raspbian|centos|rhel|fedora)"
# The download site and what came before it, and every mirror that keeps the site's name.
_DOCKERS_OWN = re.compile(
    r"^[a-z+]+://(?:[^/@\s]*@)?(?:download\.docker\.com|(?:apt|yum)\.dockerproject\.org)(?:[:/]|$)"
    r"|/docker-ce/linux/%s(?:/|$)" % _DISTRIBUTIONS
)
# What the download site's own file calls its sections.
_DOCKERS_SECTION = re.compile(r"^docker-ce-(?:stable|edge|test|nightly)(?:-debuginfo|-source)?$")
_ONE_LINE = re.compile(r"^\s*(?:deb|deb-src)\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s")
_SECTION = re.compile(r"^\s*\[(?P<id>[^\]]+)\]")
_ADDRESS_KEY = re.compile(r"^\s*(?:baseurl|mirrorlist|metalink)\s*[=:]", re.IGNORECASE)

IsDockers = Callable[[str], bool]


class Parted(NamedTuple):
    """A file's text without the entries that are taken over, and those entries."""

    remaining: str
    taken: Tuple[str, ...]


def compare_entries(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Iterator[Comparison]:
    """Compare every other repository file: it names none of Docker's repositories."""
    declared = Declared(RESOURCE, ROLE, ANY, digest("no entry"))
    yield Comparison(declared)
    for path in foreign_files(system, observed):
        parted = part_entries(engine, path, observed.files[path].text)
        if not parted.taken:
            continue
        found = without_credentials("".join(parted.taken))
        yield Comparison(
            declared,
            Difference(
                RESOURCE,
                ROLE,
                path,
                "no entry for Docker's packages but the one in %s" % repository_path(system),
                found,
                "none",
                "take over the entry for Docker's packages in %s" % path,
            ),
        )


def foreign_files(system: SupportedSystem, observed: Observation) -> List[str]:
    """Name the repository files of the host that are not ours."""
    folders = ("/etc/apt/sources.list", "/etc/yum.repos.d/")
    return [
        path
        for path, file in observed.files.items()
        if path.startswith(folders) and path != repository_path(system) and file.text
    ]


def part_entries(engine: EngineDeclaration, path: str, text: str) -> Parted:
    """Part the entries for Docker's packages from the rest of a repository file."""
    is_dockers = recogniser(engine.repo_urls)
    if path.endswith(".repo"):
        return _part_sections(text, is_dockers)
    if path.endswith(".sources"):
        return _part_stanzas(text, is_dockers)
    return _part_lines(text, is_dockers)


def says_something(text: str) -> bool:
    """Whether more than comments is left in a repository file."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def sections(text: str) -> Iterator[Tuple[str, List[str]]]:
    """Part a .repo file into sections: the id, empty for what stands before the first; lines."""
    name, lines = "", []  # type: Tuple[str, List[str]]
    for line in text.splitlines(True):
        header = _SECTION.match(line)
        if header:
            yield name, lines
            name, lines = header.group("id").strip(), []
        lines.append(line)
    yield name, lines


def recogniser(sites: Sequence[str]) -> IsDockers:
    """Give what tells whether an address is one whose entries are taken over."""
    places = "|".join(re.escape(site) for site in sites)
    listed = re.compile(r"^(?:%s)/linux/%s(?:/|$)" % (places, _DISTRIBUTIONS))

    def is_dockers(address: str) -> bool:
        return bool(listed.search(address) or _DOCKERS_OWN.search(address))

    return is_dockers


def _part_lines(text: str, is_dockers: IsDockers) -> Parted:
    remaining, taken = [], []  # type: Tuple[List[str], List[str]]
    for line in text.splitlines(True):
        entry = _ONE_LINE.match(line)
        (taken if entry and is_dockers(entry.group("uri")) else remaining).append(line)
    return Parted("".join(remaining), tuple(taken))


def _part_stanzas(text: str, is_dockers: IsDockers) -> Parted:
    remaining, taken = [], []  # type: Tuple[List[str], List[str]]
    for stanza in _stanzas(text):
        addresses = _field(stanza, "uris").split()
        dockers = [address for address in addresses if is_dockers(address)]
        if not dockers or _field(stanza, "enabled").strip().lower() in ("no", "false", "0"):
            remaining.append(stanza)
            continue
        taken.append(stanza)
        others = [address for address in addresses if address not in dockers]
        if others:
            remaining.append(_with_addresses(stanza, others))
    return Parted("".join(remaining).lstrip("\n"), tuple(taken))


def _stanzas(text: str) -> Iterator[str]:
    """Part a file at its empty lines (deb822(5)), each of which stays before what follows it."""
    lines: List[str] = []
    for line in text.splitlines(True):
        if not line.strip() and any(each.strip() for each in lines):
            yield "".join(lines)
            lines = []
        lines.append(line)
    yield "".join(lines)


def _field(stanza: str, name: str) -> str:
    """Give a field's value, lines that go on included; names are in any case."""
    lines = [line for line in stanza.splitlines() if not line.startswith("#")]
    value, inside = [], False  # type: Tuple[List[str], bool]
    for line in lines:
        if inside and line[:1] in (" ", "\t"):
            value.append(line.strip())
            continue
        key, colon, rest = line.partition(":")
        inside = bool(colon) and key.strip().lower() == name
        if inside:
            value = [rest.strip()]
    return " ".join(value)


def _with_addresses(stanza: str, addresses: List[str]) -> str:
    lines, skipping = [], False  # type: Tuple[List[str], bool]
    for line in stanza.splitlines(True):
        if skipping and line[:1] in (" ", "\t"):
            continue
        skipping = line.partition(":")[0].strip().lower() == "uris"
        lines.append("URIs: %s\n" % " ".join(addresses) if skipping else line)
    return "".join(lines)


def _part_sections(text: str, is_dockers: IsDockers) -> Parted:
    remaining, taken = [], []  # type: Tuple[List[str], List[str]]
    for name, lines in sections(text):
        if name and (_DOCKERS_SECTION.match(name) or _has_address(lines, is_dockers)):
            taken.extend(lines)
        else:
            remaining.extend(lines)
    return Parted("".join(remaining), tuple(taken))


def _has_address(lines: List[str], is_dockers: IsDockers) -> bool:
    inside = False
    for line in lines:
        if not (inside and line[:1] in (" ", "\t")):
            inside = bool(_ADDRESS_KEY.match(line))
        if inside and any(is_dockers(word) for word in re.split(r"[\s,=]+", line) if word):
            return True
    return False
