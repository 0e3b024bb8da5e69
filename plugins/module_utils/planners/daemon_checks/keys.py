# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check that this engine knows a daemon.json's keys, and that values are of the right kind."""

import re
from typing import Any, Callable, Dict, List, Tuple

from ...words.difference import Refusal
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import MISPLACED, NEWEST_KNOWN, OPTIONS, REMEDIES, is_taken
from ..daemon.document import Document, Keys, is_secret, kind_of, pointer_of
from ..daemon.meaning import canonical, pool_of
from .circumstances import Circumstances, Found, spoken_version
from .refusals import correct_it, is_foreign, place_of

# dockerd reads null as no key, except where only the keys below are known (moby, flatOptions).
_NO_NULL = ("proxies",)


def check_keys(document: Document, known: Circumstances) -> Found:
    """Refuse keys that dockerd does not know, or accepts and ignores."""
    for key in document:
        pointer = pointer_of((key,))
        option = OPTIONS.get(key)
        if key in MISPLACED:
            yield (
                pointer,
                _wrong(known, key, "is a key that dockerd accepts and ignores", MISPLACED[key]),
            )
        elif option is None and known.version <= NEWEST_KNOWN + (10**6,):
            yield pointer, _wrong(known, key, "is no key that dockerd knows", "")
        elif option is not None and not is_taken(option, known.version):
            told = "is no key of %s" % known.spoken
            if option.until and known.version >= option.until:
                told += ": it was removed in %s" % spoken_version(option.until)
            else:
                told += ": it came with %s" % spoken_version(option.since)
            yield (
                pointer,
                Refusal(
                    found="%s: %s %s." % (DAEMON_JSON, _named(known, key), told),
                    remedy=REMEDIES.get(key, correct_it(known, (key,))),
                ),
            )


def check_kinds(document: Document, known: Circumstances) -> Found:
    """Refuse values of another kind than dockerd reads."""
    for key, value in document.items():
        option = OPTIONS.get(key)
        if option is None:
            continue
        is_kind, wanted = _KINDS[option.kind]
        if not is_kind(value) and (value is not None or key in _NO_NULL):
            yield pointer_of((key,)), _kind_refusal(known, (key,), value, wanted)
    for key in ("log-opts", "cluster-store-opts"):
        for name, value in _map(document, key).items():
            if not isinstance(value, str):
                keys = (key, str(name))
                wanted = "text, so quote it: every log option is text"
                yield pointer_of(keys), _kind_refusal(known, keys, value, wanted)
    for name, value in _map(document, "features").items():
        if not isinstance(value, bool):
            keys = ("features", str(name))
            yield pointer_of(keys), _kind_refusal(known, keys, value, "true or false")


def _is_number(value: Any) -> bool:
    """Whether a value is a number for Go, whose int has 64 bits (encoding/json)."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _is_pools(value: Any) -> bool:
    pools = [pool_of(each) for each in value if isinstance(each, dict)] if _is_list(value) else []
    return bool(
        _is_list(value)
        and len(pools) == len(value)
        and all(
            isinstance(each.get("base"), str) and _is_number(each.get("size")) for each in pools
        )
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


_KINDS: Dict[str, Tuple[Callable[[Any], bool], str]] = {
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "number": (_is_number, "a whole number"),
    "text": (lambda value: isinstance(value, str), "text"),
    "list": (
        lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
        "a list of text",
    ),
    "map": (lambda value: isinstance(value, dict), "a map"),
    "pools": (_is_pools, "a list of maps with base (a network) and size (a number)"),
}


def _map(document: Document, key: str) -> Document:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _kind_refusal(known: Circumstances, keys: Keys, value: Any, wanted: str) -> Refusal:
    shown = "" if is_secret(keys, value) or isinstance(value, (dict, list)) else _shown(value)
    named = "/".join(keys) + (", which nobody has declared," if is_foreign(known, keys) else "")
    found = "is %s%s" % (kind_of(value), shown)
    for is_kind, each in _KINDS.values():
        if isinstance(value, list) and each == wanted and is_kind([]):
            secret = is_secret(keys, value)
            found = "has an entry of another kind" if secret else _odd_entry(value, is_kind)
    told = "%s: %s %s, and dockerd wants %s."
    return Refusal(found=told % (DAEMON_JSON, named, found, wanted), remedy=correct_it(known, keys))


def _odd_entry(entries: List[Any], is_wanted: Callable[[Any], bool]) -> str:
    """Show the first entry of a list that is not of the wanted kind."""
    return "has the entry %s" % canonical(next(each for each in entries if not is_wanted([each])))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return " (%s)" % (value if isinstance(value, str) else canonical(value))


def _wrong(known: Circumstances, key: str, told: str, instead: str) -> Refusal:
    remedy = _near(known, key)
    if instead:
        remedy = "Write it as %s in %s." % (instead, place_of(known, (key,)))
    return Refusal(found="%s: %s %s." % (DAEMON_JSON, _named(known, key), told), remedy=remedy)


def _named(known: Circumstances, key: str) -> str:
    return "%s, which nobody has declared," % key if key in known.foreign else key


def _near(known: Circumstances, key: str) -> str:
    """Propose a known key that is only spelt differently."""
    plain = re.sub(r"[^a-z0-9]", "", key.lower())
    for name in OPTIONS:
        if plain in (name.replace("-", ""), name.replace("-", "").rstrip("s")):
            return "Perhaps %s is meant. %s" % (name, correct_it(known, (key,)))
    return correct_it(known, (key,))
