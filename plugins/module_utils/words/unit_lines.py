# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the files of units say, as systemd reads them (systemd.syntax(7), systemd.service(5))."""

import re
from typing import Iterator, List, NamedTuple, Sequence, Tuple

# What systemd takes for blank; a form feed it does not.
_BLANK = " \t\r\n"
_LINE_END = re.compile(r"\r\n?|\n\r?")
# A backslash that another one does not take.
_GOES_ON = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
# A word with its quotes and escapes.
_WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\\.|[^\s"\'\\])+')
_QUOTING = re.compile(r'"((?:\\.|[^"\\])*)"|\'((?:\\.|[^\'\\])*)\'|\\(.)')
# systemd.service(5), "special executable prefixes".
PREFIXES = "@-:+!|"


class Assignment(NamedTuple):
    """What a section says of a name; ``line`` counts from 1 and is the first of those it takes."""

    section: str
    name: str
    value: str
    line: int


def assignments(text: str) -> Iterator[Assignment]:
    """Give all that a file says, in order; an empty value is said as well."""
    section = ""
    # An editor of another system may begin a file with a mark of its own.
    for number, line in continued_lines(re.sub("^\ufeff", "", text), " ", "#;"):
        bare = line.strip(_BLANK)
        if bare.startswith("[") and bare.endswith("]"):
            section = bare[1:-1]
            continue
        name, equals, value = bare.partition("=")
        if equals:
            yield Assignment(section, name.strip(_BLANK), value.strip(_BLANK), number)


def said_in(section: str, text: str) -> Iterator[Assignment]:
    """Give what a file says in the sections of one name, in order."""
    return (each for each in assignments(text) if each.section == section)


def assigned(text: str, section: str, name: str) -> List[str]:
    """Give the values that a file assigns to one name of a section, empty ones included."""
    return [each.value for each in said_in(section, text) if each.name == name]


def continued_lines(text: str, joint: str, remarks: str) -> Iterator[Tuple[int, str]]:
    """Join lines of which one ends in a backslash; ``joint`` takes its place.

    A line is numbered, from 1, by where it begins. One that begins with a letter of ``remarks`` is
    left out before that, also between lines that are one.
    """
    begun, line = 0, ""
    for number, part in enumerate(_LINE_END.split(text), 1):
        if part.strip(_BLANK)[:1] in tuple(remarks):
            continue
        begun = begun or number
        line += part
        if _GOES_ON.search(line):
            line = line[:-1] + joint
            continue
        yield begun, line
        begun, line = 0, ""
    if begun:
        yield begun, line


def words(line: str) -> Tuple[str, ...]:
    """Part a line into its words as they are written."""
    return tuple(_WORD.findall(line))


def unquote(word: str) -> str:
    """Give a word as a program gets it."""
    return _QUOTING.sub(_plain, word)


def arguments_of(written: Sequence[str]) -> Tuple[str, ...]:
    """Give the program that the words of a command line run, and its arguments as it gets them."""
    arguments = tuple(unquote(word) for word in written)
    if not arguments:
        return ()
    program = arguments[0].lstrip(PREFIXES)
    # After an @ the second word is only the name that the process gets.
    is_named = "@" in arguments[0][: len(arguments[0]) - len(program)]
    return (program,) + arguments[2 if is_named else 1 :]


def environment_files(text: str) -> Iterator[str]:
    """Name the files that a unit file reads variables from; an empty name takes those back."""
    for value in assigned(text, "Service", "EnvironmentFile"):
        yield unquote(value).lstrip("-")


def _plain(found: "re.Match[str]") -> str:
    inside = next(part for part in found.groups() if part is not None)
    return re.sub(r"\\(.)", r"\1", inside)
