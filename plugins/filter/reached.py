# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Understand which hosts a run was asked for: dockwright_hosts, however it is written.

Runs on the controller. Both plays of site.yml use it, so they have the same hosts.
"""

import fnmatch
import re
from typing import Any, List, Mapping, Sequence

import yaml
from ansible.errors import AnsibleFilterError
from ansible.inventory.manager import split_host_pattern

_WANTED = (
    "It wants hosts or groups of the inventory, as in web1,web2, or a list of them. "
    "Leave it out for every host."
)
# Ansible creates a host of such a name if no inventory has one (inventory guide, "localhost").
_IMPLICIT = ("localhost", "127.0.0.1", "::1")


def hosts_named(said: Any, groups: Mapping[str, Sequence[str]]) -> List[str]:
    """Give dockwright_hosts as a list of patterns, or refuse a part of it by name.

    A name that the inventory does not have is a mistake, also where it should be left out of the
    run; Ansible would go on without it.

    :raises AnsibleFilterError: with a sentence for whoever wrote it.
    """
    patterns = _patterns(said)
    names = [name for pattern in patterns for name in split_host_pattern(pattern) if name]
    unknown = [name for name in names if not _is_known(name.lstrip("!&"), groups)]
    if unknown:
        raise AnsibleFilterError(
            "dockwright_hosts names %s, and the inventory has no such host or group. Correct it."
            % ", ".join(name.lstrip("!&") for name in unknown)
        )
    return patterns


def _patterns(said: Any) -> List[str]:
    """Read a pattern or a list of them, also one written as text; nothing set means all."""
    if said is None:
        return ["all"]
    found = said
    if isinstance(said, str) and said.strip().startswith("["):
        try:
            found = yaml.safe_load(said)
        except yaml.YAMLError:
            found = None
    listed = list(found) if isinstance(found, (list, tuple)) else [found]
    if not listed or not all(isinstance(each, str) and each.strip(" ,:") for each in listed):
        shown = "empty" if said in ("", [], ()) else said
        raise AnsibleFilterError("dockwright_hosts is %s. %s" % (shown, _WANTED))
    return [str(each).strip() for each in listed]


def _is_known(name: str, groups: Mapping[str, Sequence[str]]) -> bool:
    """Whether a pattern finds a host or a group, matched as Ansible does."""
    if name in ("all", "*") or name in _IMPLICIT:
        return True
    # A part of a group, such as web[0] or web[1:2]; in a regular expression it is a set of letters.
    whole = name if name.startswith("~") else re.sub(r"\[(-?\d+|\d*[:-]\d*)\]$", "", name)
    known = set(groups) | set(groups.get("all", ()))
    if name in known or whole in known:
        return True
    try:
        wanted = re.compile(name[1:] if name.startswith("~") else fnmatch.translate(whole))
    except re.error:
        return False
    return any(wanted.match(each) for each in known)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> Mapping[str, Any]:
        """Name them."""
        return {"hosts_named": hosts_named}
