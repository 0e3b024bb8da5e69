# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read values as dockerd does: sizes (go-units), truth values, numbers, durations (Go)."""

import difflib
import re
from typing import Iterable, Optional

_SIZE = re.compile(
    r"(?P<number>\d*\.?\d*(?:[eE][+-]?\d+)?) ?(?P<unit>[kmgtp]?)(?:(?<=[kmgtp])i?b|b)?$", re.I
)
# As similar as syslogd and syslog, or journalctl and journald; fluentbit and fluentd are less so.
_CLOSE = 0.77
# The range of Go's int64, and its length as text, with a sign.
_WORD, _DIGITS = 2**63, 20
_UNITS = "kmgtp"
# The step from one unit to the next in sizes that are not decimal.
BINARY = 1024
LAST_PORT = 65535
_TRUTHS = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
_YES = frozenset(_TRUTHS[:6])
_WHOLE = re.compile(r"[+-]?[0-9]+$")
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$")
_OF_A_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6}


def size_of(text: str, step: int = 1000) -> Optional[int]:
    """Read a size such as 10m or 1.5 GiB; None where it is none (go-units, parseSize)."""
    found = _SIZE.match(text)
    if found is None:
        return None
    try:
        number = float(found.group("number"))
    except ValueError:
        return None
    unit = found.group("unit").lower()
    size = number * step ** (_UNITS.index(unit) + 1 if unit else 0)
    return int(size) if size < _WORD else None


def is_truth(text: str) -> bool:
    """Whether a text is a truth value (Go, strconv.ParseBool)."""
    return text in _TRUTHS


def says_true(text: str) -> bool:
    """Whether a truth value is true."""
    return text in _YES


def whole_number(text: str) -> Optional[int]:
    """Read a whole number; None where it is none (Go, strconv.Atoi)."""
    if not _WHOLE.match(text) or len(text) > _DIGITS:
        return None
    number = int(text)
    return number if -_WORD <= number < _WORD else None


def duration_of(text: str) -> Optional[float]:
    """Read a duration such as 1m30s in seconds; None where it is none (Go, time.ParseDuration)."""
    if not _DURATION.match(text):
        return None
    parts = _OF_A_DURATION.findall(text)
    seconds = sum(float(number) * _SECONDS.get(unit, 1e-9) for number, unit in parts)
    return -seconds if text.startswith("-") else seconds


def near(name: str, known: Iterable[str]) -> str:
    """Propose the known name that is most likely meant; empty without one."""
    plain = {re.sub(r"[^a-z0-9]", "", each.lower()): each for each in known}
    wanted = re.sub(r"[^a-z0-9]", "", name.lower())
    if not wanted:
        return ""
    if wanted in plain:
        return plain[wanted]
    begun = [each for each in plain if len(wanted) > 3 and each.startswith(wanted)]
    close = begun or difflib.get_close_matches(wanted, sorted(plain), 1, _CLOSE)
    return plain[close[0]] if close else ""
