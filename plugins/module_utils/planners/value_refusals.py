# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refusing a value of a daemon.json: what is wrong, what is wanted, and where it is corrected.

What nobody has declared is corrected in its file, and what is declared in its variable.
"""

from typing import Any, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.planners.circumstances import (
    Circumstances,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    PATH,
    Keys,
    canonical,
    is_secret,
    pointer_of,
)

_VARIABLE = "docker_daemon_config"


def is_foreign(known: Circumstances, keys: Keys) -> bool:
    """Whether nobody has declared what is under these keys."""
    return keys[0] in known.foreign


def wrong_value(
    known: Circumstances, keys: Keys, value: Any, told: str, wanted: str
) -> Tuple[str, Refusal]:
    """Refuse a value that is to be another."""
    shown = "a secret value" if is_secret(keys, value) else _shown(value)
    return refuse(known, keys, "is %s: %s" % (shown, told), "wants %s" % wanted)


def refuse(known: Circumstances, keys: Keys, told: str, wanted: str) -> Tuple[str, Refusal]:
    """Refuse what is under these keys; ``wanted`` says what dockerd does with it instead."""
    place = PATH if is_foreign(known, keys) else _VARIABLE
    return (
        pointer_of(keys),
        Refusal(_found(known, keys, told), "It %s. Correct it in %s." % (wanted, place)),
    )


def _found(known: Circumstances, keys: Keys, told: str) -> str:
    by = ", which nobody has declared," if is_foreign(known, keys) else ""
    return "%s: %s%s %s." % (PATH, "/".join(keys), by, told)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value if value.strip() == value and value else '"%s"' % value
    return canonical(value)
