# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Split the text of a repository file into its entries, in each of the formats.

sources.list(5) has lines and stanzas, dnf.conf(5) has sections.
"""

import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

_ONE_LINE = re.compile(
    r"^\s*(?P<kind>deb|deb-src)\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<rest>\S.*)$"
)
_SECTION = re.compile(r"^\s*\[(?P<id>[^\]]+)\]")


class OneLine(NamedTuple):
    """An entry on one line: deb or deb-src, options by name, and the words after the address."""

    kind: str
    options: Dict[str, str]
    address: str
    words: List[str]


def says_something(text: str) -> bool:
    """Whether a repository file has more left than comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def sections(text: str) -> Iterator[Tuple[str, List[str]]]:
    """Split a .repo file into sections: id (empty before the first one) and lines."""
    name, lines = "", []  # type: Tuple[str, List[str]]
    for line in text.splitlines(True):
        header = _SECTION.match(line)
        if header:
            yield name, lines
            name, lines = header.group("id").strip(), []
        lines.append(line)
    yield name, lines


def stanzas(text: str) -> Iterator[str]:
    """Split a file at its empty lines (deb822(5)); each stays with the text before it."""
    lines: List[str] = []
    for line in text.splitlines(True):
        if not line.strip() and any(each.strip() for each in lines):
            yield "".join(lines)
            lines = []
        lines.append(line)
    yield "".join(lines)


def field(stanza: str, name: str) -> str:
    """Give a field's value with continued lines; names are in any case."""
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


def parse_line(line: str) -> Optional[OneLine]:
    """Read a line of a .list file; None where it is no entry."""
    found = _ONE_LINE.match(line.split("#")[0].rstrip())
    if not found:
        return None
    options = dict(each.partition("=")[::2] for each in (found.group("options") or "").split())
    words = found.group("rest").split()
    return OneLine(kind=found.group("kind"), options=options, address=words[0], words=words[1:])


def with_field(stanza: str, name: str, values: List[str]) -> str:
    """Give a stanza with other values of one field."""
    lines, skipping = [], False  # type: Tuple[List[str], bool]
    for line in stanza.splitlines(True):
        if skipping and line[:1] in (" ", "\t"):
            continue
        skipping = line.partition(":")[0].strip().lower() == name.lower()
        lines.append("%s: %s\n" % (name, " ".join(values)) if skipping else line)
    return "".join(lines)
