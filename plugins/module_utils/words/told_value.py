# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write a value into a sentence: as a person would write it, and cut if it is long. Pure."""

import json
from typing import Any

# The value and the rest of its sentence fit into a line of a terminal.
_LONGEST = 100


def told_value(value: Any) -> str:
    """Write a value as a person would, in quotes where it is a text."""
    if isinstance(value, str):
        return "%s%s" % (repr(str(value[:_LONGEST])), _rest(value))
    return cut(_written(value))


def cut(text: str) -> str:
    """Cut a text to a readable length, and say how long it is."""
    return text[:_LONGEST] + _rest(text)


def _rest(text: str) -> str:
    return "… (%d characters)" % len(text) if len(text) > _LONGEST else ""


def _written(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        return str(value)
