# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The variables of the roles: what each may be, and what is said about a wrong value.

What each may be is written in the roles' argument specs, and read here from the table that is made
of them. Runs on the controller, and touches no host.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from ..module_utils.words.arguments import OF_THE_ROLE_ALONE
from ..module_utils.words.declarations.error import DeclarationError
from ..module_utils.words.declarations.storage import seconds
from ..module_utils.words.tables.variables import VARIABLES
from ..module_utils.words.told_value import told_value

_YES = ("1", "on", "t", "true", "y", "yes")
_NO = ("0", "f", "false", "n", "no", "off")
_QUOTES = "Put it in quotes, as in "


class Option(NamedTuple):
    """What a variable, or a part of one, may be, in the words of an argument spec.

    ``role`` is the role that the variable belongs to; empty for a part.
    """

    role: str
    type: str
    default: Any
    elements: str
    choices: tuple[Any, ...]
    parts: dict[str, "Option"]
    required: bool
    secret: bool


class Mistake(Exception):
    """A value that its variable cannot have; the sentence names both, and what is wanted."""


@functools.lru_cache(maxsize=1)
def variables() -> dict[str, Option]:
    """Give every variable of every role, by name."""
    return {
        name: _option(spec, role)
        for role, specs in VARIABLES.items()
        for name, spec in specs.items()
    }


def arguments_of(role: str) -> dict[str, str]:
    """Give the arguments of a role's module, each with the variable that sets it."""
    names = [name for name, option in variables().items() if option.role == role]
    return {name[len(role) + 1 :]: name for name in names if name not in OF_THE_ROLE_ALONE}


def plain(value: Any) -> Any:
    """Give a value as JSON has it, without Ansible's own additions."""
    if isinstance(value, Mapping):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def understood(name: str, value: Any, secret: bool = False) -> Any:
    """Give the value that a variable stands for; null stands for its default.

    :raises Mistake: for a value that it cannot have.
    """
    option = variables()[name]
    hidden = secret or option.secret
    if _is_nothing(value, option.type):
        return option.default
    taken = _TYPES[option.type](_Found(name, name, value, option, hidden))
    if name.endswith(("_timeout", "_seconds")):
        try:
            return seconds(name, taken)
        except DeclarationError as error:
            raise Mistake(str(error)) from error
    return taken


class _Found(NamedTuple):
    """A value, the place where it was found, and what it may be."""

    variable: str
    place: str
    value: Any
    option: Option
    hidden: bool

    def part(self, place: str, value: Any, option: Option) -> "_Found":
        """Give a part of the value, with its place."""
        return self._replace(place=place, value=value, option=option)

    def mistake(self, instead: str = "") -> Mistake:
        """Say what the value is, and what it should be."""
        verb = "is" if self.place == self.variable else "has"
        where = "" if self.place == self.variable else " as %s" % self.place
        wanted = instead or "It wants %s." % _wanted(self.option)
        return Mistake("%s %s %s%s. %s" % (self.variable, verb, self._told(), where, wanted))

    def _told(self) -> str:
        if self.hidden or _may_hold_a_password(self.value):
            return "%s, which is not shown" % _kind(self.value)
        return told_value(self.value)


def _option(spec: Mapping[str, Any], role: str = "") -> Option:
    return Option(
        role,
        spec.get("type", "str"),
        spec.get("default"),
        spec.get("elements", "str"),
        tuple(spec.get("choices", ())),
        {name: _option(each) for name, each in spec.get("options", {}).items()},
        spec.get("required", False),
        spec.get("no_log", False),
    )


def _is_nothing(value: Any, kind: str) -> bool:
    """Whether nothing is set: null, or the empty text that ansible-core 2.16 makes of it."""
    return value is None or (kind != "str" and isinstance(value, str) and not value.strip())


def _text(found: _Found) -> str:
    value = found.value
    if isinstance(value, float):
        raise found.mistake(
            'Written without quotes, 28.10 and 28.1 are one number. %s"%s".' % (_QUOTES, value)
        )
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise found.mistake()
    text = str(value)
    if "{{" in text or "{%" in text:
        raise found.mistake("Ansible has not filled in what stands in braces there.")
    if found.option.choices and text not in found.option.choices:
        raise found.mistake()
    return text


def _number(found: _Found) -> int:
    value = found.value
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise found.mistake()
    return value


def _truth(found: _Found) -> bool:
    word = str(found.value).strip().lower()
    if not isinstance(found.value, (bool, int, str)) or word not in _YES + _NO:
        raise found.mistake()
    return word in _YES


def _list(found: _Found) -> list[Any]:
    value = found.value
    if isinstance(value, str):
        spelt = value.strip().startswith(("[", "{"))
        value = _spelt(value, "[") if spelt else [each.strip() for each in value.split(",")]
    if not isinstance(value, (list, tuple)):
        raise found.mistake()
    part = found.option._replace(type=found.option.elements)
    return [
        _TYPES[part.type](found.part("entry %d" % (position + 1), each, part))
        for position, each in enumerate(value)
    ]


def _map(found: _Found) -> dict[Any, Any]:
    value = _spelt(found.value, "{") if isinstance(found.value, str) else found.value
    if not isinstance(value, Mapping):
        raise found.mistake()
    if not found.option.parts:
        return dict(plain(value))
    before = "" if found.place == found.variable else " of %s" % found.place
    taken = {}
    for key in value:
        if key not in found.option.parts:
            raise found.part("%s%s" % (key, before), value[key], found.option).mistake(
                "There is no such key: it wants %s." % _listed(found.option.parts)
            )
    for key, option in found.option.parts.items():
        if key not in value and option.required:
            raise found.mistake("It wants %s as well." % key)
        if key in value:
            taken[key] = _TYPES[option.type](found.part(key + before, value[key], option))
    return taken


_TYPES: dict[str, Callable[[_Found], Any]] = {
    "str": _text,
    "int": _number,
    "bool": _truth,
    "list": _list,
    "dict": _map,
}


def _spelt(text: str, begin: str) -> Any:
    """Read a list or a map that is written as text, as one types it on a command line."""
    if not text.strip().startswith(begin):
        return None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "a map"
    return "a list" if isinstance(value, (list, tuple)) else "no text"


def _wanted(option: Option) -> str:
    if option.type == "list":
        return "a list, of which each entry is %s" % _wanted(option._replace(type=option.elements))
    if option.choices:
        return "one of " + _listed(option.choices)
    wanted = {"int": "a whole number", "bool": "true or false", "str": "a text", "dict": "a map"}
    if option.parts:
        return "a map of %s" % _listed(option.parts)
    return wanted[option.type]


def _listed(words: Any) -> str:
    *most, last = (str(word) for word in words)
    return "%s and %s" % (", ".join(most), last) if most else last


def _may_hold_a_password(value: Any) -> bool:
    return any("@" in text or "%40" in text for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
