# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the default-ulimits of a daemon.json.

dockerd and its --validate do not check it; runc does, when each container starts.
"""

from typing import Any, Mapping, Optional

from ...words.observations.docker.named_files import field_of
from ..daemon.document import Document, Keys, kind_of
from ..daemon_checks.circumstances import Circumstances, Found
from ..daemon_checks.refusals import is_foreign, refuse, wrong_value
from .go_values import near

# The names that runc knows (runc, libcontainer/specconv), also `as`, which docker run does not
# take.
NAMES = frozenset(
    (
        "as",
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    )
)
# With a limit of none of these, no program starts.
_NEEDED = frozenset(("as", "data", "nofile", "stack"))
_UNLIMITED = -1
_WORD = 2**64
_LARGEST = 2**63 - 1
_EXAMPLE = "a map such as {Name: %s, Soft: 1024, Hard: 4096}"
_NO_START = "no container starts with that"


def check_ulimits(document: Document, known: Circumstances) -> Found:
    """Refuse limits with which no container starts, or which set something else."""
    for key, limit in document.get("default-ulimits", {}).items():
        keys = ("default-ulimits", str(key))
        if not isinstance(limit, Mapping):
            yield refuse(known, keys, "is %s" % kind_of(limit), "wants %s" % (_EXAMPLE % key))
            continue
        wrong = False
        for name in ("Soft", "Hard"):
            value = field_of(limit, name)
            if value is not None and not _is_number(value):
                wrong = True
                told = "is %s, and dockerd does not start with that" % kind_of(value)
                yield refuse(known, keys + (name,), told, "wants a whole number")
        yield from () if wrong else _of_one(keys, limit, known)


def _of_one(keys: Keys, limit: Mapping[str, Any], known: Circumstances) -> Found:
    key, name = keys[-1], field_of(limit, "Name")
    if not name:
        yield refuse(
            known,
            keys,
            "has no Name, and no container starts with that",
            "wants Name: %s beside Soft and Hard" % key,
        )
        return
    if not isinstance(name, str) or name.lower() not in NAMES:
        meant = near(str(name), NAMES) or key
        wanted = meant if meant in NAMES else "one of " + ", ".join(sorted(NAMES))
        yield wrong_value(known, keys + ("Name",), name, _NO_START, wanted)
        return
    if name.lower() != key.lower() and not is_foreign(known, keys):
        told = "the limit %s would be set, and not %s" % (name, key)
        yield wrong_value(known, keys + ("Name",), name, told, "the name of its key")
        return
    soft, hard = _limit(limit, "Soft"), _limit(limit, "Hard")
    if soft % _WORD > hard % _WORD:
        yield refuse(
            known,
            keys,
            "has the soft limit %s above the hard limit %s, and %s"
            % (_spoken(soft), _spoken(hard), _NO_START),
            "wants Soft and Hard, with Soft not above Hard",
        )
    elif hard == 0 and name.lower() in _NEEDED:
        yield refuse(
            known,
            keys,
            "has the hard limit 0, and %s" % _NO_START,
            "wants Soft and Hard above 0",
        )
    elif name.lower() == "nofile":
        yield from _of_open_files(keys, hard, known.open_files, known)


def _of_open_files(keys: Keys, hard: int, most: Optional[int], known: Circumstances) -> Found:
    """Refuse more open files than the kernel gives to anybody, even root (proc(5))."""
    if hard < 0 or (most is not None and hard > most):
        limit = "more than %d open files (fs.nr_open)" % most if most is not None else "that many"
        yield refuse(
            known,
            keys,
            "has the hard limit %s, and the kernel gives no process %s: no container starts"
            % (_spoken(hard), limit),
            "wants a number up to fs.nr_open",
        )


def _limit(limit: Mapping[str, Any], name: str) -> int:
    value = field_of(limit, name)
    return int(value) if value is not None else 0


def _is_number(value: Any) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and -_LARGEST - 1 <= value <= _LARGEST


def _spoken(value: int) -> str:
    return "-1 (unlimited)" if value == _UNLIMITED else str(value)
