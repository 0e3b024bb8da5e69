# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules' documentation of the roles' variables, made from the roles' argument specs."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from ..module_utils.words.arguments import FOLLOWED, OF_THE_ROLE_ALONE
from ..module_utils.words.declarations.coming import NOT_GIVEN
from ..plugin_utils.specs import specs

# A role reads the file that is named, and passes on its contents.
_READ_BY_THE_ROLE = {
    "docker_engine_repo_key": ["The armoured signing key itself. Empty fetches it from the site."]
}
_PACKAGE_PROXY = {
    "description": [
        "The proxy that packages come through, as the role docker_proxy declares it; none where "
        "its C(packages) is false."
    ],
    "type": "dict",
    "default": {},
}
_PROXY = {
    "description": [
        "The proxy of docker.service, as the role docker_proxy declares it, in place of O(name), "
        "O(sections), O(environment) and O(credentials)."
    ],
    "type": "dict",
}
_MIRRORS = {
    "description": ["Addresses of registry mirrors, whose hosts O(proxy.no_proxy_local) adds."],
    "type": "list",
    "elements": "str",
    "default": [],
}
_MOUNT_POINT = {
    "description": [
        "Where M(dockwright.host.loop_filesystem) mounts the filesystem that is to carry data-root, "
        "which then follows it, as the storage driver does. Empty without one."
    ],
    "type": "str",
    "default": "",
}
_DAEMON_TO_COME = {
    "description": [
        "What is declared of daemon.json, where M(dockwright.host.docker_daemon_config) carries it "
        "out before the engine starts. An engine that could not go by it is not installed.",
        "Without it the engine is held against daemon.json as it is.",
    ],
    "type": "dict",
}
_Options = dict[str, Any]


def _page(options: _Options) -> str:
    return str(yaml.safe_dump({"options": options}, sort_keys=False, allow_unicode=True))


def _option(name: str, spec: Mapping[str, Any], place: str) -> _Options:
    """Describe one option; ``place`` is where the page has the others of its role."""
    told = {word: each for word, each in spec.items() if word not in ("no_log", "options")}
    texts = _READ_BY_THE_ROLE.get(name, spec["description"])
    told["description"] = [_named_as_here(text, place) for text in texts]
    if "options" in spec:
        told["suboptions"] = {
            part: _option(part, each, place) for part, each in spec["options"].items()
        }
    return told


def _named_as_here(text: str, place: str) -> str:
    """Have a reference to a variable lead to its option on the page."""
    role = next((each for each in specs() if "O(%s_" % each in text), "")
    return re.sub(r"O\(%s_" % role, "O(" + place, text) if role else text


def _of(role: str, place: str = "") -> _Options:
    """Give the options for a role's own variables, without the role's name before each."""
    return {
        name[len(role) + 1 :]: _option(name, spec, place)
        for name, spec in specs()[role].items()
        if name not in OF_THE_ROLE_ALONE
    }


def _variables(names: Mapping[str, str]) -> _Options:
    """Give the options for variables of other roles, by their names on the page."""
    known = {name: spec for role in specs().values() for name, spec in role.items()}
    return {option: _option(name, known[name], "") for option, name in names.items()}


def _whole(role: str) -> _Options:
    """Give the option that takes all that a role declares."""
    return {
        "description": ["What is declared of the role %s, in the words of its variables." % role],
        "type": "dict",
        "default": {},
        "suboptions": _of(role, role + "."),
    }


def _daemon_to_come() -> _Options:
    """Give docker_engine's option for what docker_daemon applies before the engine starts."""
    followed = _variables({"storage_filesystem": FOLLOWED["docker_daemon"]["storage_filesystem"]})
    known = {**_of("docker_daemon", "daemon."), **followed, "storage_mount_point": _MOUNT_POINT}
    told = {name: each for name, each in known.items() if name not in NOT_GIVEN}
    return {**_DAEMON_TO_COME, "suboptions": told}


def _fragments() -> dict[str, _Options]:
    """Give the options of each fragment: one for each role, and those that several modules take."""
    found = {role: {**_of(role), **_variables(FOLLOWED.get(role, {}))} for role in specs()}
    proxy = _of("docker_proxy", "proxy.")
    with_mirrors = {**_PROXY, "suboptions": {**proxy, "registry_mirrors": _MIRRORS}}
    return {
        **found,
        "plan": {role: _whole(role) for role in specs() if role != "docker_plan"},
        "proxy": {"proxy": with_mirrors, **_variables(FOLLOWED["docker_proxy"])},
        "package_proxy": {"proxy": {**_PACKAGE_PROXY, "suboptions": proxy}},
        "mount_point": {"storage_mount_point": _MOUNT_POINT},
        "daemon_to_come": {"daemon": _daemon_to_come()},
    }


class ModuleDocFragment:
    """What a page extends: an attribute for each fragment, in capitals."""


# Not in the class's body: ansible-test reads what is assigned there, and takes it for plain text.
for _name, _options in _fragments().items():
    setattr(ModuleDocFragment, _name.upper(), _page(_options))
