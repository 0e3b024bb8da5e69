# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Understand what a run was asked for: which roles, by its tags, and in which turns.

Misspelt words are told. Of variables only the names are read. Runs on the controller, for site.yml,
so that what is planned is what the second play applies.
"""

import difflib
import fnmatch
import os
import re
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Sequence, Union

import yaml
from ansible import context
from ansible.errors import AnsibleFilterError
from ansible_collections.dockwright.host.plugins.plugin_utils.names import warn_of_misspelt

LAST = "docker_activation"
# Tags to which Ansible gives a meaning of its own (playbook guide, "Tags").
_SPECIAL = ("all", "always", "never", "tagged", "untagged")
# A slip of the fingers: one letter too many, one missing, another one, or two swapped.
_NEAR = 0.85
_OF_ROLLOUT = ("dockwright_serial", "dockwright_max_fail_percentage")
Turn = Union[int, str]
_COLLECTION = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def roles_chosen(
    roles: Sequence[str],
    run_tags: Iterable[str],
    skip_tags: Iterable[str],
    whole: bool = False,
) -> List[str]:
    """Give the roles that --tags and --skip-tags leave, in order; the activation follows any role.

    ``whole`` tells that a tag of the playbook that imports site.yml asks for all roles.
    """
    run, skip = {"all"} if whole else set(run_tags or ["all"]), set(skip_tags or ())
    chosen = [
        role
        for role in roles
        if run & {"all", "tagged", role} and not skip & {"all", "tagged", role}
    ]
    if chosen and LAST in roles and LAST not in chosen and LAST not in skip:
        chosen.append(LAST)
    return chosen


def mistakes_in(
    roles: Sequence[str], run_tags: Iterable[str], skip_tags: Iterable[str]
) -> List[str]:
    """Give a sentence for each tag that was asked for and has no meaning."""
    told = []
    for option, tags in (("--tags", run_tags), ("--skip-tags", skip_tags)):
        for tag in tags or ():
            near = _nearest(tag, roles)
            if near:
                told.append(
                    "%s names %s, which is no role of Dockwright's; %s is one. Correct it, or "
                    "leave it out." % (option, tag, near)
                )
    return told


def rollout_mistakes(hostvars: Mapping[str, Mapping[str, Any]], hosts: Iterable[str]) -> List[str]:
    """Give a sentence for each rollout variable with a wrong value, of whichever host."""
    told = []
    for host in hosts:
        serial, share = (hostvars[host].get(name) for name in _OF_ROLLOUT)
        told.extend(each for each in _of_rollout(serial, share) if each not in told)
    return told


def _of_rollout(serial: Any, share: Any) -> List[str]:
    told = []
    if serial is not None and _turns(serial) is None:
        told.append(
            "dockwright_serial is %s. It wants a number of hosts, a share such as 25%%, or a list "
            'of such, as in [1, "25%%"].' % (serial,)
        )
    if share is not None and not _is_share(share):
        told.append(
            "dockwright_max_fail_percentage is %s. It wants a whole number from 0 to 100."
            % (share,)
        )
    return told


def tell_misspelt(hostvars: Mapping[str, Iterable[str]], hosts: Iterable[str]) -> bool:
    """Warn of variables whose names are nearly ours, which Ansible accepts silently; gives True."""
    warn_of_misspelt({name for host in hosts for name in hostvars[host]})
    return True


def turns(serial: Any) -> Union[Turn, List[Turn]]:
    """Say how many hosts a play takes at a time, in the form of Ansible's ``serial``."""
    return _turns(serial) or "100%"


def share(percentage: Any) -> Any:
    """Say how many of a hundred hosts may fail before a play ends: all, if nothing is set."""
    return percentage if _is_share(percentage) else 100


def _is_share(percentage: Any) -> bool:
    return re.match(r"^(100|[1-9]?[0-9])%?$", str(percentage)) is not None


def _turns(serial: Any) -> Union[Turn, List[Turn], None]:
    """Read numbers and percentages, and lists of them, also where they are written as text."""
    if isinstance(serial, str) and serial.strip().startswith("["):
        try:
            serial = yaml.safe_load(serial)
        except yaml.YAMLError:
            return None
    if isinstance(serial, (list, tuple)):
        each = [turn for turn in map(_turn, serial) if turn is not None]
        return each if each and len(each) == len(serial) else None
    return _turn(serial)


def _turn(one: Any) -> Optional[Turn]:
    if isinstance(one, bool) or not re.match(r"^([1-9]\d*|([1-9]\d?|100)%)$", str(one)):
        return None
    return str(one) if str(one).endswith("%") else int(one)


def _nearest(word: str, known: Sequence[str]) -> str:
    if word in known or word in _SPECIAL:
        return ""
    near = difflib.get_close_matches(word.lower().replace("-", "_"), known, n=1, cutoff=_NEAR)
    return near[0] if near else ""


def from_the_start(hosts: Any, skip_tags: Iterable[str], roles: Sequence[str]) -> Any:
    """Pass the hosts on, unless the command line skips the look on which all else depends.

    ``roles`` are those that are asked for; where there are none, nothing can be skipped.
    """
    if roles == []:
        return hosts
    if "always" in (skip_tags or ()):
        raise AnsibleFilterError(
            "--skip-tags always leaves out the look at the hosts, and without it no role would be "
            "applied. Leave it out."
        )
    start = context.CLIARGS.get("start_at_task")
    if start and (
        _runs_nothing_else()
        or any(name == start or fnmatch.fnmatch(name, start) for name in _task_names())
    ):
        raise AnsibleFilterError(
            "--start-at-task %s leaves out the look at the hosts, and without it no role would be "
            "applied. Leave it out: what is as declared takes no time." % start
        )
    return hosts


def _runs_nothing_else() -> bool:
    """Whether only site.yml was called, so that no other play can have the task."""
    called = context.CLIARGS.get("args") or ()
    ours = os.path.realpath(os.path.join(_COLLECTION, "playbooks", "site.yml"))
    # The checkout has another one, which imports it.
    outer = os.path.join(os.path.dirname(os.path.dirname(ours)), "site.yml")
    return bool(called) and all(
        re.sub(r"\.yml$", "", path) == "dockwright.host.site"
        or os.path.realpath(path) in (ours, outer)
        for path in called
    )


def _task_names() -> Iterator[str]:
    """Give the names of our tasks, with and without their role's name."""
    roles = os.path.join(_COLLECTION, "roles")
    files = [os.path.join(_COLLECTION, "playbooks", "site.yml")]
    files += [os.path.join(roles, role, "tasks", "main.yml") for role in os.listdir(roles)]
    for path in files:
        with open(path) as file:
            for part in yaml.safe_load(file):
                for task in part.get("tasks", [part]):
                    if "name" in task:
                        yield task["name"]
                        yield "dockwright.host.%s : %s" % (path.split(os.sep)[-3], task["name"])


class FilterModule:
    """The filters of this file."""

    def filters(self) -> Mapping[str, Any]:
        """Name them."""
        return {
            "from_the_start": from_the_start,
            "mistakes_in": mistakes_in,
            "roles_chosen": roles_chosen,
            "rollout_mistakes": rollout_mistakes,
            "share": share,
            "tell_misspelt": tell_misspelt,
            "turns": turns,
        }
