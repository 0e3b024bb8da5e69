# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""daemon.json as a document: read it, merge what is declared into it, write it.

Maps merge leaf by leaf; a list is one value. A leaf is named by its JSON pointer (RFC 6901).
"""

import copy
import json
import re
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Set, Tuple

from ...words.tables.daemon_options import Version
from .meaning import is_same
from .secret_values import secrets_in

FOLDER_MODE = 0o755

Document = Dict[str, Any]
Keys = Tuple[str, ...]

# No configuration is nested as deeply.
_DEEPEST = 64
# The first engine that reads a byte order mark; and marks, as an observer gives UTF-16's bytes.
_FIRST_WITH_MARKS: Version = (23,)
_MARKS = (("\udcff\udcfe", "utf-16-le"), ("\udcfe\udcff", "utf-16-be"))
_INDENT = re.compile(r'^([ \t]+)"', re.MULTILINE)


class NotADocument(Exception):
    """A text is no JSON object that dockerd and we understand alike; the message says where."""


def read_document(text: str) -> Document:
    """Read a configuration file; dockerd reads an empty one, or null, as an empty object.

    :raises NotADocument: with line and column, or with what was found instead.
    """
    text = _without_mark(text)
    if not text.strip():
        return {}
    for number, line in enumerate(text.split("\n"), 1):
        for column, letter in enumerate(line, 1):
            if "\udc80" <= letter <= "\udcff":
                place = "line %d, column %d" % (number, column)
                raise NotADocument(place + ": a byte that is not UTF-8")
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise NotADocument("line %d, column %d: %s" % (error.lineno, error.colno, error.msg))
    except RecursionError:
        raise NotADocument("it is nested too deeply")
    except ValueError as error:
        raise NotADocument(str(error))
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise NotADocument("line 1, column 1: it holds %s, not an object" % kind_of(document))
    if _is_deeper(document, _DEEPEST):
        raise NotADocument("it is nested too deeply")
    return document


def unreadable_before(text: str, version: Version) -> str:
    """Say why an engine of this version does not start with a file that we can read; else nothing.

    Since 23.0 dockerd accepts a byte order mark, and an empty file as an empty object (moby,
    daemon/config/config.go).
    """
    if not version or version >= _FIRST_WITH_MARKS:
        return ""
    if _without_mark(text) != text:
        return "a byte order mark"
    return "" if text.strip() else "an empty file"


def _without_mark(text: str) -> str:
    """Remove the byte order mark, and decode the text by it.

    An observed file that is not UTF-8 has its bytes as lone surrogates.
    """
    if text.startswith("\ufeff"):
        return text[1:]
    for mark, encoding in _MARKS:
        if text.startswith(mark):
            try:
                encoded = text.encode("utf-8", "surrogateescape")
                return encoded[len(mark) :].decode(encoding)
            except UnicodeError:
                break
    return text


def write_document(document: Document, before: str = "") -> str:
    """Write a document, indented as the earlier text was."""
    found = _INDENT.search(before)
    indent = found.group(1) if found else "  "
    try:
        text = json.dumps(document, indent=indent, ensure_ascii=False)
        text.encode("utf-8")
    except UnicodeEncodeError:
        # Half of a surrogate pair can only be written as an escape.
        text = json.dumps(document, indent=indent)
    return text + "\n"


def merge(
    live: Document, declared: Document, owned: Iterable[str] = (), exclusive: bool = False
) -> Document:
    """Merge what is declared into the live document; neither of them is changed.

    ``owned`` are the pointers of leaves that we have set before; those no longer declared go. A
    declared null removes a key, whoever has set it. With ``exclusive`` nothing undeclared stays.
    """
    result = copy.deepcopy(live)
    wanted = dict(leaves(declared))
    going = [keys for keys in map(keys_of, owned) if keys not in wanted]
    if exclusive:
        going.extend(keys for keys, _value in leaves(live) if keys not in wanted)
    going.extend(keys for keys, value in wanted.items() if value is None)
    for keys in going:
        _take_out(result, keys)
    for keys, value in wanted.items():
        if value is not None:
            _put_in(result, keys, value)
    return result


def leaves(document: Mapping[str, Any], above: Keys = ()) -> Iterator[Tuple[Keys, Any]]:
    """Give every leaf with the keys that lead to it; an empty map is a leaf."""
    for key, value in document.items():
        keys = above + (str(key),)
        if isinstance(value, dict) and value:
            yield from leaves(value, keys)
        else:
            yield keys, value


def look_up(document: Any, keys: Keys) -> Tuple[bool, Any]:
    """Tell whether something is there under these keys, and what."""
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            return False, None
        document = document[key]
    return True, document


def pointer_of(keys: Sequence[str]) -> str:
    """Name a leaf: ("log-opts", "a/b") is /log-opts/a~1b."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def keys_of(pointer: str) -> Keys:
    """Read a pointer into keys."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:])


def kind_of(value: Any) -> str:
    """Name a value's kind as a person would."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, (list, tuple)) else "a map"


def is_secret(keys: Keys, value: Any) -> bool:
    """Whether a leaf's value must not be shown."""
    return bool(secrets_in(keys, value))


def secrets_of(document: Document) -> Tuple[str, ...]:
    """Give every text that must not be shown, the longest first."""
    found: Set[str] = set()
    for keys, value in leaves(document):
        found.update(secrets_in(keys, value))
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def declared_secrets(documents: Iterable[Document]) -> Tuple[str, ...]:
    """Give the values in these parts of daemon.json that must never be shown."""
    return tuple(each for document in documents for each in secrets_of(document))


def withhold(text: str, secrets: Iterable[str]) -> str:
    """Remove secrets from a text, also where they are quoted once or twice."""
    for secret in secrets:
        quoted = json.dumps(secret, ensure_ascii=False)[1:-1]
        twice = json.dumps(quoted, ensure_ascii=False)[1:-1]
        for form in dict.fromkeys((twice, quoted, secret)):
            text = text.replace(form, "(not shown)")
    return text


def _take_out(document: Document, keys: Keys) -> None:
    """Remove a leaf, and the maps that are empty without it."""
    above: List[Document] = []
    place: Any = document
    for key in keys[:-1]:
        if not isinstance(place, dict) or key not in place:
            return
        above.append(place)
        place = place[key]
    if not isinstance(place, dict) or keys[-1] not in place:
        return
    del place[keys[-1]]
    for parent, key in zip(reversed(above), reversed(keys[:-1])):
        if parent[key]:
            return
        del parent[key]


def _put_in(document: Document, keys: Keys, value: Any) -> None:
    """Set a leaf; a present value with the same meaning for dockerd stays as it is written."""
    place = document
    for key in keys[:-1]:
        below = place.get(key)
        if not isinstance(below, dict):
            below = {}
            place[key] = below
        place = below
    there = place.get(keys[-1])
    # A declared empty map asks for a map, and says nothing of its contents.
    if value == {} and isinstance(value, dict) and isinstance(there, dict):
        return
    if keys[-1] not in place or not is_same(keys, there, value):
        place[keys[-1]] = copy.deepcopy(value)


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inside)


def _object(pairs: List[Tuple[str, Any]]) -> Document:
    document: Document = {}
    for key, value in pairs:
        if key in document:
            # dockerd merges two maps of one name, and takes the last of other values.
            raise ValueError("it holds the key %s twice" % json.dumps(key))
        document[key] = value
    return document


def _no_constant(name: str) -> Any:
    raise ValueError("it holds %s, which JSON does not know" % name)


def _number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("it holds the number %s, which is too large" % text)
    return number
