# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kinds of text in options of drivers: how to recognise a wrong one, and what is wanted instead."""

import re
from typing import Callable, Dict, NamedTuple, Optional

from ...words.tables.log_drivers import TAG_FIELDS
from .go_values import BINARY, LAST_PORT, duration_of, is_truth, size_of, whole_number

_FACILITIES = frozenset(
    (
        "",
        "kern",
        "user",
        "mail",
        "daemon",
        "auth",
        "syslog",
        "lpr",
        "news",
        "uucp",
        "cron",
        "authpriv",
        "ftp",
    )
    + tuple("local%d" % number for number in range(8))
)
_LAST_FACILITY = 23
_ADDRESS = re.compile(
    r"[a-z+]+://(?:[^@/?#]*@)?(?:\[[^\]]*\]|[^:/?#]*)(?::(?P<port>[^/?#]*))?(?=$|[/?#])"
)
_SPLUNK = re.compile(r"https?://[^/?#]+/?$")
_ACTION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FIELD = re.compile(r"(?:^|[\s(])\.([A-Za-z]\w*)")
# What both re and Go's regexp refuse as a pattern; each knows some that the other does not.
_NO_PATTERN = re.compile(r"unterminated|unbalanced|missing \)|nothing to repeat|multiple repeat")


class TextKind(NamedTuple):
    """A kind of text: ``is_one`` judges, ``wanted`` says what would be right."""

    is_one: Callable[[str], bool]
    wanted: str


def is_of_kind(kind: str, text: str) -> bool:
    """Whether a text is of this kind."""
    return kind not in TEXT_KINDS or TEXT_KINDS[kind].is_one(text)


def wanted_of(kind: str) -> str:
    """Say what a text of this kind is."""
    return TEXT_KINDS[kind].wanted


def _is_size_above(text: str, least: int) -> bool:
    size = size_of(text)
    return size is not None and size >= least


def _is_count(text: str, least: int) -> bool:
    number = whole_number(text)
    return number is not None and number >= least


def _is_time(text: str) -> bool:
    seconds = duration_of(text)
    return seconds is not None and seconds >= 0.0


def _is_reconnect_time(text: str) -> bool:
    seconds = duration_of(text)
    return seconds is not None and (seconds == 0.0 or 0.1 <= seconds <= 10.0)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error as error:
        return "\\Q" in text or not _NO_PATTERN.search(str(error))
    except (OverflowError, RecursionError):
        return False
    return True


def _is_tag(text: str) -> bool:
    """Whether a template is closed, and uses only what a container has (text/template)."""
    inside = [each for each in _ACTION.findall(text) if not each.lstrip("- ").startswith("/*")]
    if "{{" in _ACTION.sub("", text):
        return False
    plain = [each for each in inside if not re.search(r"\b(?:with|range|define|template)\b", each)]
    if len(plain) != len(inside):
        return True
    fields = [
        name for each in plain for name in _FIELD.findall(re.sub(r'"[^"]*"|`[^`]*`', "", each))
    ]
    return all(name in TAG_FIELDS for name in fields)


def _is_syslog_address(text: str) -> bool:
    if text == "":
        return True
    scheme = text.partition("://")[0]
    if scheme not in ("unix", "unixgram", "udp", "tcp", "tcp+tls"):
        return False
    return scheme.startswith("unix") or _has_a_port_or_none(text)


def _is_syslog_facility(text: str) -> bool:
    number = whole_number(text)
    return text in _FACILITIES or (number is not None and 0 <= number <= _LAST_FACILITY)


def _is_gelf_address(text: str) -> bool:
    return text.startswith(("udp://", "tcp://")) and _port_of(text) is not None


def _is_fluentd_address(text: str) -> bool:
    if "://" not in text:
        text = "tcp://" + text
    scheme, _colon, rest = text.partition("://")
    if scheme == "unix":
        return bool(rest.strip("/"))
    return scheme in ("tcp", "tls") and _has_a_port_or_none(text)


def _is_splunk_address(text: str) -> bool:
    return bool(_SPLUNK.match(text))


def _has_a_port_or_none(text: str) -> bool:
    found = _ADDRESS.match(text)
    return found is not None and (found.group("port") is None or _port_of(text) is not None)


def _port_of(text: str) -> Optional[int]:
    """Give the port of an address; None without a valid one."""
    found = _ADDRESS.match(text)
    port = whole_number(found.group("port") or "") if found is not None else None
    return port if port is not None and 0 <= port <= LAST_PORT else None


def _one_of(*names: str) -> TextKind:
    shown = ", ".join(each for each in names if each)
    return TextKind(lambda text: text in names, "one of " + shown if ", " in shown else shown)


TEXT_KINDS: Dict[str, TextKind] = {
    "size": TextKind(lambda text: _is_size_above(text, 0), "a size such as 10m"),
    "size above 0": TextKind(lambda text: _is_size_above(text, 1), "a size above 0, such as 10m"),
    "binary size": TextKind(lambda text: size_of(text, BINARY) is not None, "a size such as 4m"),
    "count": TextKind(lambda text: _is_count(text, 0), "a whole number from 0 on"),
    "count from 1": TextKind(lambda text: _is_count(text, 1), "a whole number from 1 on"),
    "bool": TextKind(is_truth, "true or false"),
    "time": TextKind(
        lambda text: text == "" or _is_time(text),
        "a time such as 500ms or 10s",
    ),
    "reconnect time": TextKind(
        lambda text: text == "" or _is_reconnect_time(text), "a time from 100ms to 10s, or 0"
    ),
    "regex": TextKind(_is_pattern, "a regular expression"),
    "tag": TextKind(_is_tag, "a template such as {{.Name}}/{{.ID}}"),
    "mode": _one_of("", "blocking", "non-blocking"),
    "syslog address": TextKind(
        _is_syslog_address, "an address such as udp://HOST:514 or unixgram:///dev/log"
    ),
    "syslog facility": TextKind(
        _is_syslog_facility, "a facility such as daemon or local0, or its number from 0 to 23"
    ),
    "syslog format": _one_of("", "rfc3164", "rfc5424", "rfc5424micro"),
    "gelf address": TextKind(_is_gelf_address, "an address such as udp://HOST:12201"),
    "gelf compression": _one_of("gzip", "zlib", "none"),
    "compression level": TextKind(
        lambda text: whole_number(text) in range(-1, 10), "a whole number from -1 to 9"
    ),
    "fluentd address": TextKind(
        _is_fluentd_address, "an address such as HOST:24224 or unix:///PATH"
    ),
    "awslogs format": _one_of("", "json/emf"),
    "splunk format": _one_of("inline", "json", "raw"),
    "splunk address": TextKind(_is_splunk_address, "an address such as https://HOST:8088"),
    "xattrs": _one_of("i_want_broken_containers"),
}
