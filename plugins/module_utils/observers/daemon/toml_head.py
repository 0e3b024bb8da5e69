# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the keys before the first table of a TOML file (toml.io, v1.0.0).

Python has a reader of its own only since 3.11. Only texts and lists of texts are given; other
values are skipped.
"""

import re
from typing import Any, Dict, List, Tuple

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^\s,#\]}]+")
_ESCAPED = re.compile(r'\\(?:([btnfr"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[ \t\r]*\n\s*)')
_LETTERS = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
# The longest first: three quotes must not be read as an empty text and a quote.
_QUOTES = ('"""', "'''", '"', "'")
_DEEPEST = 32


class _Unreadable(Exception):
    """From here on the text is no TOML."""


def read_head(text: str) -> Dict[str, Any]:
    """Give the keys before the first table, as far as the text can be read."""
    found: Dict[str, Any] = {}
    try:
        place = _skip_lines(text, 0)
        while place < len(text) and text[place] != "[":
            key, place = _key(text, place)
            value, place = _value(text, place, 0)
            found[key] = value
            place = _skip_lines(text, place)
    except (_Unreadable, IndexError, ValueError, OverflowError):
        pass
    return found


def _key(text: str, place: int) -> Tuple[str, int]:
    """Read a key and the equals sign after it; a dotted key keeps its dots."""
    parts = []
    while True:
        part, place = _key_part(text, place)
        parts.append(part)
        place = _skip_blanks(text, place)
        if text[place] == "=":
            return ".".join(parts), _skip_blanks(text, place + 1)
        if text[place] != ".":
            raise _Unreadable()
        place = _skip_blanks(text, place + 1)


def _key_part(text: str, place: int) -> Tuple[str, int]:
    if text[place] in "\"'":
        return _text(text, place)
    bare = _BARE_KEY.match(text, place)
    if bare is None:
        raise _Unreadable()
    return bare.group(0), bare.end()


def _skip_blanks(text: str, place: int) -> int:
    while text[place] in " \t":
        place += 1
    return place


def _skip_lines(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    return blank.end() if blank is not None else place


def _value(text: str, place: int, depth: int) -> Tuple[Any, int]:
    if depth > _DEEPEST:
        raise _Unreadable()
    if text[place] in "\"'":
        return _text(text, place)
    if text[place] == "[":
        return _list(text, place + 1, depth)
    if text[place] == "{":
        return None, _skip_table(text, place + 1, depth)
    scalar = _SCALAR.match(text, place)
    if scalar is None:
        raise _Unreadable()
    return None, scalar.end()


def _text(text: str, place: int) -> Tuple[str, int]:
    quotes = next(each for each in _QUOTES if text.startswith(each, place))
    begin = place + len(quotes)
    end = begin
    while not text.startswith(quotes, end):
        if end >= len(text) or (text[end] == "\n" and len(quotes) == 1):
            raise _Unreadable()
        end += 2 if text[end] == "\\" and quotes[0] == '"' else 1
    after = end + len(quotes)
    if len(quotes) == 3:
        # Up to two more quotes belong to the text.
        while text[after : after + 1] == quotes[0] and after - end < 5:
            end, after = end + 1, after + 1
    inside = text[begin:end]
    if len(quotes) == 3 and inside.startswith(("\n", "\r\n")):
        inside = inside.partition("\n")[2]
    return (_ESCAPED.sub(_plain, inside) if quotes[0] == '"' else inside), after


def _plain(found: "re.Match[str]") -> str:
    letter, short, long = found.groups()
    if letter:
        return _LETTERS[letter]
    return chr(int(short or long, 16)) if short or long else ""


def _list(text: str, place: int, depth: int) -> Tuple[Any, int]:
    values: List[Any] = []
    while True:
        place = _skip_lines(text, place)
        if text[place] == "]":
            return values, place + 1
        value, place = _value(text, place, depth + 1)
        values.append(value)
        place = _skip_lines(text, place)
        if text[place] == ",":
            place += 1
        elif text[place] != "]":
            raise _Unreadable()


def _skip_table(text: str, place: int, depth: int) -> int:
    while True:
        place = _skip_lines(text, place)
        if text[place] == "}":
            return place + 1
        _name, place = _key(text, place)
        _ignored, place = _value(text, place, depth + 1)
        place = _skip_lines(text, place)
        if text[place] == ",":
            place += 1
        elif text[place] != "}":
            raise _Unreadable()
