# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse a value of a daemon.json: say what is wrong, what is wanted, and where to correct it.

An undeclared value is corrected in its file, a declared one in its variable.
"""

from typing import Any, Tuple

from ...words.difference import Refusal
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import OPTIONS
from ...words.told_value import cut
from ..daemon.document import Keys, is_secret, look_up, pointer_of
from ..daemon.meaning import canonical
from .circumstances import Circumstances

_VARIABLE = "docker_daemon_config"
# Keys that have a variable of their own as well.
_SHORT_CUTS = {
    "bip": "docker_daemon_bip",
    "default-address-pools": "docker_daemon_address_pools",
    "registry-mirrors": "docker_daemon_registry_mirrors",
}


def is_foreign(known: Circumstances, keys: Keys) -> bool:
    """Whether nobody has declared what is under these keys."""
    if known.declared is None:
        return keys[0] in known.foreign
    return not look_up(known.declared, keys)[0]


def wrong_value(
    known: Circumstances, keys: Keys, value: Any, told: str, wanted: str
) -> Tuple[str, Refusal]:
    """Refuse a value, and say what it should be."""
    shown = "a secret value" if is_secret(keys, value) else _shown(value)
    verb = "has" if is_one_of_a_list(keys, value) else "is"
    return refuse(known, keys, "%s %s: %s" % (verb, shown, told), "wants %s" % wanted)


def is_one_of_a_list(keys: Keys, value: Any) -> bool:
    """Whether a value is one element of its key's list."""
    option = OPTIONS.get(keys[0])
    return option is not None and option.kind == "list" and not isinstance(value, list)


def wrong_option(known: Circumstances, keys: Keys, told: str, instead: str) -> Tuple[str, Refusal]:
    """Refuse what should not be there at all; ``instead`` is the name that is probably meant."""
    cure = "Take it out of %s." % (DAEMON_JSON if is_foreign(known, keys) else _VARIABLE)
    if is_foreign(known, keys) and len(keys) > 1:
        cure = "Take it out of %s, or declare it as null in %s." % (DAEMON_JSON, _VARIABLE)
    if instead:
        cure = "Perhaps %s is meant. %s" % (instead, cure)
    return pointer_of(keys), Refusal(found=_found(known, keys, told), remedy=cure)


def refuse(known: Circumstances, keys: Keys, told: str, wanted: str) -> Tuple[str, Refusal]:
    """Refuse what is under these keys; ``wanted`` says what dockerd accepts or does instead."""
    cure = "It %s. %s" % (wanted, correct_it(known, keys))
    return pointer_of(keys), Refusal(found=_found(known, keys, told), remedy=cure)


def correct_it(known: Circumstances, keys: Keys) -> str:
    """Say where a value is corrected."""
    return "Correct it in %s." % place_of(known, keys)


def place_of(known: Circumstances, keys: Keys) -> str:
    """Name the place of a value: its file if nobody has declared it, else its variable."""
    if is_foreign(known, keys):
        return DAEMON_JSON
    variable = _SHORT_CUTS.get(keys[0])
    return "%s or %s" % (variable, _VARIABLE) if variable else _VARIABLE


def _found(known: Circumstances, keys: Keys, told: str) -> str:
    by = ", which nobody has declared," if is_foreign(known, keys) else ""
    return "%s: %s%s %s." % (DAEMON_JSON, "/".join(keys), by, told)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return cut(value) if value.strip() == value and value else '"%s"' % cut(value)
    return cut(canonical(value))
