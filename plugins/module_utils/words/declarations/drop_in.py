# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of a drop-in of Docker's units: its arguments and their meaning. Pure."""

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Tuple

from ..told_value import cut, told_value
from .error import DeclarationError

DROP_IN_ARGUMENTS: Dict[str, Dict[str, Any]] = {
    "unit": {
        "type": "str",
        "default": "docker.service",
        "choices": ["docker.service", "containerd.service"],
    },
    "name": {"type": "str", "default": ""},
    "sections": {"type": "dict", "default": {}},
    "environment": {"type": "dict", "default": {}},
    # Values must not be logged: they are there for what nobody may see.
    "credentials": {"type": "dict", "default": {}, "no_log": True},
}

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\Z")
_DIRECTIVE = re.compile(r"^[A-Za-z][A-Za-z0-9-]*\Z")
# The control characters that systemd accepts in no value of an environment (systemd,
# basic/env-util.c, basic/utf8.c). It accepts a tab; it accepts a line feed too, which would end a
# unit's line.
_UNCARRIED = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff%s]"
    % "".join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
)
# Names that Dockwright's own roles use for their drop-ins.
_TAKEN = {
    "docker.service": ("http-proxy", "dockwright-storage", "zz-dockwright-hosts"),
    "containerd.service": ("dockwright-storage",),
}
# A shorter text may be a part of any word that we tell.
NO_COMMON_WORD = 8

Sections = Tuple[Tuple[str, Tuple[Tuple[str, str], ...]], ...]


class DropInDeclaration(NamedTuple):
    """One drop-in: ``unit`` and ``name`` say where it is, ``role`` who answers for it.

    ``subject`` begins the ids of its differences. ``sections`` are written as they are, and
    ``environment`` after them. ``credentials`` are variables too; they go into a file that root
    alone can read. If all three are empty, there should be no such drop-in.
    """

    unit: str
    name: str
    role: str
    subject: str
    sections: Sections = ()
    environment: Dict[str, str] = {}
    credentials: Dict[str, str] = {}

    @property
    def is_declared(self) -> bool:
        """Whether the drop-in should be there."""
        return bool(self.sections or self.environment or self.credentials)


def declare_drop_in(arguments: Mapping[str, Any]) -> DropInDeclaration:
    """Read the arguments of ``systemd_dropin``.

    :raises DeclarationError: for a value without meaning, or one that systemd cannot carry.
    """
    unit, name = arguments["unit"], arguments["name"]
    if not _NAME.match(name) or name.endswith(".conf"):
        raise DeclarationError(
            "name is %s. It wants a drop-in's name without its end, such as limits for "
            "/etc/systemd/system/%s.d/limits.conf." % (told_value(name), unit)
        )
    if name in _TAKEN.get(unit, ()):
        raise DeclarationError(
            "name is %s, which a role of Dockwright's has for a drop-in of its own. Take another."
            % name
        )
    return DropInDeclaration(
        unit=unit,
        name=name,
        role="systemd_dropin",
        subject="%s.%s" % (unit.partition(".")[0], name),
        sections=tuple(_section(name, values) for name, values in arguments["sections"].items()),
        environment=_variables("environment", arguments["environment"]),
        credentials=_variables("credentials", arguments["credentials"]),
    )


def texts_of(credentials: Any) -> Tuple[str, ...]:
    """Give the texts in credentials that must never be shown, whatever kind of value they are.

    Texts too short to be secrets are left out, since removing them would garble every answer.
    """
    if isinstance(credentials, (dict, list, tuple)):
        parts = credentials.values() if isinstance(credentials, dict) else credentials
        return tuple(text for part in parts for text in texts_of(part))
    return (str(credentials),) if len(str(credentials)) >= NO_COMMON_WORD else ()


def require_carried(name: str, text: str, shown: str = "") -> None:
    """Require that an environment can hold a text; an error tells ``shown`` in its place.

    :raises DeclarationError: naming the character that it cannot hold.
    """
    found = _UNCARRIED.search(text)
    if found is None:
        return
    character = found.group()
    raise DeclarationError(
        "%s is %s and holds U+%04X, %s, which no environment of a unit can carry. Take it out."
        % (
            name,
            shown or told_value(text),
            ord(character),
            "a line's end" if character in "\n\r" else "which is no character of a text",
        )
    )


def _section(name: str, values: Any) -> Tuple[str, Tuple[Tuple[str, str], ...]]:
    if not isinstance(name, str) or not _DIRECTIVE.match(name) or not isinstance(values, dict):
        raise DeclarationError(
            "sections holds %s: %s. It wants sections by name, each with its directives: "
            "{Service: {LimitNOFILE: 1048576}}." % (told_value(name), told_value(values))
        )
    found: List[Tuple[str, str]] = []
    for directive, value in values.items():
        if not isinstance(directive, str) or not _DIRECTIVE.match(directive):
            raise DeclarationError(
                "sections has %s in %s, which is no directive. It wants names such as LimitNOFILE."
                % (told_value(directive), name)
            )
        for each in value if isinstance(value, list) else [value]:
            found.append((directive, _one_line("sections.%s.%s" % (name, directive), each)))
    return name, tuple(found)


def _one_line(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    if isinstance(value, (dict, list)) or re.search(r"[\n\r\0]|\\\Z", text):
        raise DeclarationError(
            "%s is %s. It wants a value of one line that no backslash ends, or a list of such."
            % (name, told_value(value))
        )
    return text


def _variables(argument: str, values: Mapping[Any, Any]) -> Dict[str, str]:
    for name, value in values.items():
        shown = "not shown" if argument == "credentials" else ""
        if not isinstance(name, str) or not _VARIABLE.match(name):
            raise DeclarationError(
                "%s has %s, which is no variable's name. It wants names such as HTTPS_PROXY."
                % (argument, told_value(name))
            )
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise DeclarationError(
                "%s.%s is no text. It wants one, in quotes where YAML would make it something else."
                % (argument, cut(name))
            )
        require_carried("%s.%s" % (argument, name), str(value), shown)
    return {name: str(value) for name, value in values.items()}
