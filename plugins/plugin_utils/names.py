# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find names of variables that are nearly ours. Only the names are read."""

import difflib
from collections.abc import Iterable, Sequence

from ansible.utils.display import Display
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import variables

# If a name's beginning is one of ours, the rest is compared by itself, unless it is short.
_NEAR_REST, _NEAR_WHOLE = 0.75, 0.93
# A rest of this length that only lacks a word of ours is near.
_LONG = 6
# Endings that roles of others use as well.
_COMMON = ("options",)
# Variables of site.yml itself, and those that it and the roles set.
_OF_SITE = ("dockwright_hosts", "dockwright_serial", "dockwright_max_fail_percentage")
_MADE = (
    "docker_plan_result",
    "dockwright_mistakes",
    "dockwright_roles",
    "dockwright_rollout",
    "dockwright_whole",
)


def warn_of_misspelt(names: Iterable[str]) -> None:
    """Warn once of each of these names that is nearly one of ours."""
    known = known_names()
    for name in sorted(set(names) - set(known) - set(_MADE)):
        near = nearest_variable(name, known)
        if near:
            Display().warning("%s is no variable of Dockwright's; %s is one." % (name, near))


def known_names() -> list[str]:
    """Give the names of all our variables."""
    return [*_OF_SITE, *variables()]


def nearest_variable(name: str, known: Sequence[str]) -> str:
    """Give the variable of ours that a name is meant to be; empty where it is another role's."""
    name = name.lower().replace("-", "_")
    if name in known:
        return name
    prefixes = {"_".join(each.split("_")[:2]) + "_" for each in known} | {"dockwright_"}
    prefix = max((each for each in prefixes if name.startswith(each)), key=len, default="")
    rest = name[len(prefix) :]
    rests = [each[len(prefix) :] for each in known if each.startswith(prefix)] if prefix else []
    near = difflib.get_close_matches(rest, rests, n=1, cutoff=_NEAR_REST)
    if len(rest) >= _LONG and rest not in _COMMON:
        near = near or [each for each in rests if set(rest.split("_")) < set(each.split("_"))]
    if near:
        return prefix + near[0]
    whole = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR_WHOLE)
    return whole[0] if whole else ""
