# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write text into units and environment files so that systemd reads what was meant.

It is also read from them, as far as a plan must know what other people's files say
(systemd.syntax(7), systemd.exec(5)).
"""

from typing import Dict, Iterator, List, Mapping, Sequence, Tuple

from ...words.observations.host import FileObserved
from ...words.paths import UNIT_FOLDER
from ...words.unit_lines import assigned, environment_files, unquote, words
from .environment_file import read_variables

# Sections by name, each with its assignments, in order; a name may occur again.
Sections = Sequence[Tuple[str, Sequence[Tuple[str, str]]]]


def drop_in_path(unit: str, name: str) -> str:
    """Give the path of a drop-in of ours."""
    return "%s/%s.d/%s.conf" % (UNIT_FOLDER, unit, name)


def render_drop_in(header: str, sections: Sections) -> str:
    """Write a drop-in; ``header`` is a comment of one line, values are as systemd reads them."""
    lines = [header]
    for section, assignments in sections:
        lines.append("[%s]" % section)
        lines.extend("%s=%s" % assignment for assignment in assignments)
    return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    """Keep systemd from reading a per cent sign as a specifier (systemd.unit(5))."""
    return text.replace("%", "%%")


def environment_word(name: str, value: str) -> str:
    """Write a variable for Environment=, with quotes and backslashes as in C."""
    return '"%s=%s"' % (name, literal(value.replace("\\", "\\\\").replace('"', '\\"')))


def read_environment(
    files: Mapping[str, FileObserved], unit_files: Sequence[str]
) -> Dict[str, str]:
    """Say which file has the last word on each variable of a unit's processes (systemd.exec(5)).

    First come the unit's files, in order, then the environment files that they name. An empty
    assignment takes back what is before it; unset variables are removed last.
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
            # With a value this is for that value alone; without a name it is for none.
            names = [unquote(word) for word in words(value)]
            unset = unset + [name for name in names if "=" not in name] if names else []
    for source in sources:
        for name, _value in read_variables(files[source].text if source in files else ""):
            said[name] = source
    return {name: path for name, path in said.items() if name not in unset}


def takes_back(text: str) -> bool:
    """Whether a unit file takes back variables that other files set."""
    empty = "" in environment_names(text) or "" in environment_files(text)
    return empty or bool(assigned(text, "Service", "UnsetEnvironment"))


def environment_names(text: str) -> Iterator[str]:
    """Name what a unit file sets with Environment=; an empty name takes all earlier ones back."""
    for value in assigned(text, "Service", "Environment"):
        if not value:
            yield ""
        for word in words(value):
            yield unquote(word).partition("=")[0]
