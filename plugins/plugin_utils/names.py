# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of variables that are nearly ours. The names alone are read."""

import difflib
from collections.abc import Iterable, Sequence

from ansible.utils.display import Display
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import variables

# Of a name whose beginning is one of ours, the rest is compared by itself, unless it is short.
_NEAR_REST, _NEAR_WHOLE = 0.75, 0.93
# A rest that leaves out a word of ours is near if it is as long as this.
_LONG = 6
# What other roles call theirs as well (docker_storage_options).
_COMMON = ("options",)
# What site.yml takes, and what it and the roles make of it.
_OF_SITE = ("dockwright_hosts", "dockwright_serial", "dockwright_max_fail_percentage")
_MADE = (
    "docker_plan_result",
    "dockwright_mistakes",
    "dockwright_roles",
    "dockwright_rollout",
    "dockwright_whole",
)


def warn_of_misspelt(names: Iterable[str]) -> None:
    """Warn of each of these names that is nearly one of ours, once."""
    known = known_names()
    for name in sorted(set(names) - set(known) - set(_MADE)):
        near = nearest_variable(name, known)
        if near:
            Display().warning("%s is no variable of Dockwright's; %s is one." % (name, near))


def known_names() -> list[str]:
    """Every variable of ours, by name."""
    return [*_OF_SITE, *variables()]


def nearest_variable(name: str, known: Sequence[str]) -> str:
    """The variable of ours that a name is meant to be; empty where it is another role's."""
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
