# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How text is written into units and environment files, so that systemd reads what was meant.

And how it is read from them, as far as a plan must know what somebody else's files say
(systemd.syntax(7), systemd.exec(5)).
"""

import re
from typing import Dict, Iterator, List, Mapping, Sequence, Tuple

from ...words.observations.host import FileObserved

FOLDER = "/etc/systemd/system"
# Sections by name, each with its assignments, in order; a name may come again.
Sections = Sequence[Tuple[str, Sequence[Tuple[str, str]]]]

# A word with its quotes and escapes.
_WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\\.|[^\s"\'\\])+')
_QUOTING = re.compile(r'"((?:\\.|[^"\\])*)"|\'((?:\\.|[^\'\\])*)\'|\\(.)')
# What takes a backslash between double quotes in an environment file, as in a shell (systemd,
# basic/env-file.c).
_OF_THE_SHELL = re.compile(r'(["\\`$])')
_ASSIGNED = re.compile(r"^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=", re.MULTILINE)


def drop_in_path(unit: str, name: str) -> str:
    """Say where a drop-in of ours lies."""
    return "%s/%s.d/%s.conf" % (FOLDER, unit, name)


def render_drop_in(header: str, sections: Sections) -> str:
    """Write a drop-in; ``header`` is a comment of one line, values stand as systemd reads them."""
    lines = [header]
    for section, assignments in sections:
        lines.append("[%s]" % section)
        lines.extend("%s=%s" % assignment for assignment in assignments)
    return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    """Keep systemd from taking a per cent sign for a specifier (systemd.unit(5))."""
    return text.replace("%", "%%")


def environment_word(name: str, value: str) -> str:
    """Write a variable for Environment=, where quotes and backslashes are those of C."""
    return '"%s=%s"' % (name, literal(value.replace("\\", "\\\\").replace('"', '\\"')))


def render_environment_file(header: str, variables: Mapping[str, str]) -> str:
    """Write a file for EnvironmentFile=, where a per cent sign stands for itself."""
    lines = [header]
    for name, value in variables.items():
        lines.append('%s="%s"' % (name, _OF_THE_SHELL.sub(r"\\\1", value)))
    return "\n".join(lines) + "\n"


def assigned(text: str, section: str, name: str) -> List[str]:
    """Give the values that a unit file assigns to one name of a section, empty ones included."""
    current, values = "", []
    # A comment is left out before lines are joined, also one between them (systemd.syntax(7)).
    lines = [line for line in text.split("\n") if not re.match(r"\s*[#;]", line)]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).split("\n"):
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            current = line[1:-1]
        given, equals, value = line.partition("=")
        if current == section and equals and given.strip() == name:
            values.append(value.strip())
    return values


def numbered(text: str, section: str) -> Iterator[Tuple[int, str, str]]:
    """Give line, name and value of each assignment in a section, in order."""
    current, begun, line = "", 0, ""
    for number, part in enumerate(text.split("\n"), 1):
        # A comment between lines that are one is left out (systemd.syntax(7)).
        if re.match(r"\s*[#;]", part):
            continue
        begun = begun or number
        line += part
        if line.endswith("\\"):
            line = line[:-1] + " "
            continue
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            current = bare[1:-1]
        name, equals, value = bare.partition("=")
        if current == section and equals:
            yield begun, name.strip(), value.strip()
        begun, line = 0, ""


def words(line: str) -> Tuple[str, ...]:
    """Part a line into its words as they are written."""
    return tuple(_WORD.findall(line))


def unquote(word: str) -> str:
    """Give a word as a program gets it."""
    return _QUOTING.sub(_plain, word)


def read_environment(
    files: Mapping[str, FileObserved], unit_files: Sequence[str]
) -> Dict[str, str]:
    """Say which file has the last word on each variable of a unit's processes (systemd.exec(5)).

    First comes all that the unit's files say, in their order, then what the environment files say
    that they name; an empty assignment takes back what is before it, and what is unset goes last.
    """
    said: Dict[str, str] = {}
    sources: List[str] = []
    unset: List[str] = []
    for path in unit_files:
        text = files[path].text
        for name in environment_names(text):
            if name:
                said[name] = path
            else:
                said.clear()
        for source in environment_files(text):
            sources = sources + [source] if source else []
        for value in assigned(text, "Service", "UnsetEnvironment"):
            # With a value it is for that value alone, and without anything for none.
            names = [unquote(word) for word in words(value)]
            unset = unset + [name for name in names if "=" not in name] if names else []
    for source in sources:
        for name in _ASSIGNED.findall(files[source].text if source in files else ""):
            said[name] = source
    return {name: path for name, path in said.items() if name not in unset}


def takes_back(text: str) -> bool:
    """Whether a unit file takes variables back that other files set."""
    empty = "" in environment_names(text) or "" in environment_files(text)
    return empty or bool(assigned(text, "Service", "UnsetEnvironment"))


def environment_names(text: str) -> Iterator[str]:
    """Name what a unit file sets with Environment=; an empty name takes all before it back."""
    for value in assigned(text, "Service", "Environment"):
        if not value:
            yield ""
        for word in words(value):
            yield unquote(word).partition("=")[0]


def environment_files(text: str) -> Iterator[str]:
    """Name the files that a unit file reads variables from; an empty name takes those back."""
    for value in assigned(text, "Service", "EnvironmentFile"):
        yield unquote(value).lstrip("-")


def _plain(found: "re.Match[str]") -> str:
    inside = next(part for part in found.groups() if part is not None)
    return re.sub(r"\\(.)", r"\1", inside)
