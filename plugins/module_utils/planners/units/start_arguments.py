# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Give the arguments of dockerd's next start, with what systemd puts in for variables.

``$NAME`` as a separate word becomes as many words as the value has; ``${NAME}`` is put into its
word (systemd.service(5), "Command lines"). A wrapper's own words come before dockerd's.
"""

import fnmatch
import re
from typing import Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ...words.docker_names import DOCKERD
from ...words.observations.docker.access import AccessObserved
from ...words.observations.host import FileObserved
from ...words.unit_lines import PREFIXES, assigned, environment_files, unquote, words
from .docker_unit import DockerUnit
from .environment_file import read_variables

_MANAGER = "`systemctl set-environment`"
_ALONE = re.compile(r"^\$([A-Za-z_][A-Za-z0-9_]*)$")
_WITHIN = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OF_A_SHELL = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


class Variable(NamedTuple):
    """A variable's value and the file that sets it."""

    value: str
    source: str


def start_arguments(
    unit: DockerUnit, files: Mapping[str, FileObserved], access: AccessObserved
) -> Tuple[str, ...]:
    """Give dockerd's arguments, without the program."""
    if not unit.words:
        return ()
    program = unquote(unit.words[0])
    prefix = program[: len(program) - len(program.lstrip(PREFIXES))]
    variables = {} if ":" in prefix else variables_of(unit, files, access)
    expanded = [each for word in unit.words[1:] for each in _expanded(word, variables)]
    return of_dockerd([unit.arguments[0]] + expanded, variables)


def of_dockerd(command_line: Sequence[str], variables: Mapping[str, Variable]) -> Tuple[str, ...]:
    """Give the words after dockerd in a command line, or in a line that it passes to a shell."""
    for index, argument in enumerate(command_line):
        if argument.rpartition("/")[2] == DOCKERD:
            return tuple(command_line[index + 1 :])
        if DOCKERD in argument and re.search(r"\s", argument):
            line = _OF_A_SHELL.sub(lambda found: _value(found.group(1), variables), argument)
            plain = [unquote(word) for word in words(line)]
            after = of_dockerd([word for word in plain if not re.search(r"\s", word)], {})
            if after:
                return after
    return tuple(command_line[1:])


def variables_of(
    unit: DockerUnit, files: Mapping[str, FileObserved], access: AccessObserved
) -> Dict[str, Variable]:
    """Give the variables of the unit's process, each with the file that has the last word on it."""
    found = {name: Variable(value, _MANAGER) for name, value in access.manager_environment.items()}
    said: Dict[str, Variable] = {}
    patterns: List[str] = []
    for path in unit.files:
        text = files[path].text
        for value in assigned(text, "Service", "Environment"):
            if not value:
                said.clear()
            for word in words(value):
                name, _equals, given = unquote(word).partition("=")
                said[name] = Variable(given.replace("%%", "%"), path)
        for pattern in environment_files(text):
            patterns = patterns + [pattern] if pattern else []
    found.update(said)
    for pattern in patterns:
        for path in sorted(access.environment_files):
            if fnmatch.fnmatchcase(path, pattern):
                for name, value in read_variables(access.environment_files[path]):
                    found[name] = Variable(value, path)
    return found


def _expanded(word: str, variables: Mapping[str, Variable]) -> List[str]:
    plain = unquote(word)
    alone = _ALONE.match(plain)
    if alone is not None:
        value = _value(alone.group(1), variables)
        return [unquote(each) for each in words(value)]
    return [_WITHIN.sub(lambda found: _put_in(found, variables), plain)]


def _put_in(found: "re.Match[str]", variables: Mapping[str, Variable]) -> str:
    return "$" if found.group(0) == "$$" else _value(found.group(1), variables)


def _value(name: str, variables: Mapping[str, Variable]) -> str:
    return variables[name].value if name in variables else ""
