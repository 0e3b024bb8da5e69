# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read unit files as systemd does (systemd.syntax(7), systemd.service(5))."""

import re
from typing import Iterator, List, NamedTuple, Sequence, Tuple

# systemd's blanks; a form feed is none.
_BLANK = " \t\r\n"
_LINE_END = re.compile(r"\r\n?|\n\r?")
# A backslash that no other one escapes.
_GOES_ON = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
# A word with its quotes and escapes.
_WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\\.|[^\s"\'\\])+')
_QUOTING = re.compile(r'"((?:\\.|[^"\\])*)"|\'((?:\\.|[^\'\\])*)\'|\\(.)')
# Prefixes of the program (systemd.service(5), "special executable prefixes").
PREFIXES = "@-:+!|"


class Assignment(NamedTuple):
    """An assignment in a section; ``line`` counts from 1 and is the first of its lines."""

    section: str
    name: str
    value: str
    line: int


def assignments(text: str) -> Iterator[Assignment]:
    """Give all assignments of a file, in order, also those of empty values."""
    section = ""
    # An editor of another system may begin a file with a byte order mark.
    for number, line in continued_lines(re.sub("^\ufeff", "", text), " ", "#;"):
        bare = line.strip(_BLANK)
        if bare.startswith("[") and bare.endswith("]"):
            section = bare[1:-1]
            continue
        name, equals, value = bare.partition("=")
        if equals:
            yield Assignment(
                section=section, name=name.strip(_BLANK), value=value.strip(_BLANK), line=number
            )


def said_in(section: str, text: str) -> Iterator[Assignment]:
    """Give the assignments in a file's sections of one name, in order."""
    return (each for each in assignments(text) if each.section == section)


def assigned(text: str, section: str, name: str) -> List[str]:
    """Give the values that a file assigns to one name of a section, empty ones too."""
    return [each.value for each in said_in(section, text) if each.name == name]


def continued_lines(text: str, joint: str, remarks: str) -> Iterator[Tuple[int, str]]:
    """Join lines that end in a backslash with the next one; ``joint`` replaces the backslash.

    A joined line has the number of its first line, counted from 1. Lines that begin with a letter
    of ``remarks`` are removed before, also between joined lines.
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
    """Split a line into its words as they are written."""
    return tuple(_WORD.findall(line))


def unquote(word: str) -> str:
    """Give a word as a program gets it."""
    return _QUOTING.sub(_plain, word)


def arguments_of(written: Sequence[str]) -> Tuple[str, ...]:
    """Give the program in a command line's words, and its arguments as it gets them."""
    arguments = tuple(unquote(word) for word in written)
    if not arguments:
        return ()
    program = arguments[0].lstrip(PREFIXES)
    # After an @ the second word is only the name that the process shows.
    is_named = "@" in arguments[0][: len(arguments[0]) - len(program)]
    return (program,) + arguments[2 if is_named else 1 :]


def environment_files(text: str) -> Iterator[str]:
    """Name the files from which a unit file reads variables; an empty name takes those back."""
    for value in assigned(text, "Service", "EnvironmentFile"):
        yield unquote(value).lstrip("-")


def _plain(found: "re.Match[str]") -> str:
    inside = next(part for part in found.groups() if part is not None)
    return re.sub(r"\\(.)", r"\1", inside)
