# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find entries for Docker's packages that others have left, in any file and format.

Two entries of one repository with different keys stop apt altogether; of two with one id dnf takes
either. So entries of others are taken over: the entry goes, all else in its file stays, and our
repository file is the only one.
"""

import re
from typing import Callable, Collection, Iterator, List, NamedTuple, Tuple

from ...words import impacts, resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declared import declare_anywhere
from ...words.difference import Difference
from ...words.observations.host import Observation
from ...words.tables.supported_systems import SupportedSystem
from ..host.comparison import Comparison
from .mirror_entries import OFFICIAL, is_default, read_entries, stays
from .plan import ROLE, repository_path, without_credentials
from .text import field, parse_line, sections, stanzas, with_field

# Every file in which a repository may be named (sources.list(5), dnf.conf(5)).
ENTRY_FILES = {
    "deb": (
        "/etc/apt/sources.list",
        "/etc/apt/sources.list.d/*.list",
        "/etc/apt/sources.list.d/*.sources",
    ),
    "rpm": ("/etc/yum.repos.d/*.repo",),
}

_DISTRIBUTIONS = "(?:ubuntu|debian|raspbian|centos|rhel|fedora)"
# A mirror that keeps the site's name.
_A_MIRROR = re.compile(r"/docker-ce/linux/%s(?:/|$)" % _DISTRIBUTIONS)
_NO = ("no", "false", "0")
# The download site's own file names its sections like this.
_DOCKERS_SECTION = re.compile(r"^docker-ce-(?:stable|edge|test|nightly)(?:-debuginfo|-source)?$")
_ADDRESS_KEY = re.compile(r"^\s*(?:baseurl|mirrorlist|metalink)\s*[=:]", re.IGNORECASE)

IsDockers = Callable[[str], bool]


class Parted(NamedTuple):
    """A file's text without the entries that are taken over, and those entries."""

    remaining: str
    taken: Tuple[str, ...]


def compare_entries(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Iterator[Comparison]:
    """Compare every other repository file, which should name none of Docker's repositories."""
    declared = declare_anywhere(
        resource=resources.ENGINE_REPOSITORY_ENTRY, role=ROLE, wanted="no entry"
    )
    yield Comparison(declared)
    for path in foreign_files(system, observed):
        parted = part_file(engine, system, observed, path)
        if not parted.taken:
            continue
        found = without_credentials("".join(parted.taken))
        yield Comparison(
            declared,
            Difference(
                resource=resources.ENGINE_REPOSITORY_ENTRY,
                role=ROLE,
                path=path,
                expected="no entry for Docker's packages but the one in %s"
                % repository_path(system),
                actual=found,
                impact=impacts.NONE,
                sentence="take over the entry for Docker's packages in %s" % path,
            ),
        )


def foreign_files(system: SupportedSystem, observed: Observation) -> List[str]:
    """Name the host's repository files that are not ours."""
    folders = ("/etc/apt/sources.list", "/etc/yum.repos.d/")
    return [
        path
        for path, file in observed.files.items()
        if path.startswith(folders) and path != repository_path(system) and file.text
    ]


def part_file(
    engine: EngineDeclaration, system: SupportedSystem, observed: Observation, path: str
) -> Parted:
    """Split a host's repository file, and leave the entries that stay."""
    spared = [
        each.text
        for each in read_entries(engine, system, observed)
        if each.path == path and stays(engine, each)
    ]
    return part_entries(engine, path, observed.files[path].text, spared, system.suite)


def part_entries(
    engine: EngineDeclaration,
    path: str,
    text: str,
    spared: Collection[str] = (),
    suite: str = "",
) -> Parted:
    """Split a repository file into entries for Docker's packages and the rest.

    The ``spared`` ones stay; a stanza for more suites than the host's ``suite`` stays for those.
    """
    is_dockers = recogniser(engine)
    if path.endswith(".repo"):
        return _part_sections(text, is_dockers, spared)
    if path.endswith(".sources"):
        return _part_stanzas(text, is_dockers, spared, suite)
    return _part_lines(text, is_dockers, spared)


def recogniser(engine: EngineDeclaration) -> IsDockers:
    """Give a function that tells whether an address's entries are taken over.

    Mirrors that keep the site's name are included if somebody has declared other sites.
    """
    places = "|".join(re.escape(site) for site in engine.repo_urls)
    listed = re.compile(
        r"^(?:%s)/linux/%s(?:/|$)" % (places, _DISTRIBUTIONS),
    )

    def is_dockers(address: str) -> bool:
        plain = re.sub(r"://[^/@\s]*@", "://", address)
        if listed.search(plain) or OFFICIAL.search(plain):
            return True
        return not is_default(engine) and _A_MIRROR.search(address) is not None

    return is_dockers


def _part_lines(text: str, is_dockers: IsDockers, spared: Collection[str]) -> Parted:
    remaining, taken = [], []  # type: Tuple[List[str], List[str]]
    for line in text.splitlines(True):
        entry = parse_line(line)
        is_taken = entry is not None and line not in spared and is_dockers(entry.address)
        (taken if is_taken else remaining).append(line)
    return Parted("".join(remaining), tuple(taken))


def _part_stanzas(text: str, is_dockers: IsDockers, spared: Collection[str], suite: str) -> Parted:
    remaining, taken = [], []  # type: Tuple[List[str], List[str]]
    for stanza in stanzas(text):
        addresses = field(stanza, "uris").split()
        dockers = [address for address in addresses if is_dockers(address)]
        if not dockers or stanza in spared or field(stanza, "enabled").strip().lower() in _NO:
            remaining.append(stanza)
            continue
        taken.append(stanza)
        others = [address for address in addresses if address not in dockers]
        suites = field(stanza, "suites").split()
        if others:
            remaining.append(with_field(stanza, "URIs", others))
        if suite in suites and len(suites) > 1:
            rest = with_field(stanza, "URIs", dockers)
            remaining.append(with_field(rest, "Suites", [each for each in suites if each != suite]))
    return Parted("".join(remaining).lstrip("\n"), tuple(taken))


def _part_sections(text: str, is_dockers: IsDockers, spared: Collection[str]) -> Parted:
    remaining, taken = [], []  # type: Tuple[List[str], List[str]]
    for name, lines in sections(text):
        is_named = name and (_DOCKERS_SECTION.match(name) or _has_address(lines, is_dockers))
        if is_named and "".join(lines) not in spared:
            taken.append("".join(lines))
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
