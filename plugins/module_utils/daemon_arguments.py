# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line of a dockerd: its flags under the names of daemon.json's keys."""

from typing import Dict, List, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.daemon_options import (
    BOOLEAN_FLAGS,
    KEY_OF_FLAG,
)

# Truth values that daemon.json has no key for (moby, cmd/dockerd/config_unix.go, daemon.go).
_OF_NO_KEY = ("rootless", "version", "help", "v", "h")


def flags_of(arguments: Sequence[str]) -> Dict[str, List[str]]:
    """Read the arguments that follow the program."""
    flags: Dict[str, List[str]] = {}
    waiting = ""
    for argument in arguments:
        if waiting:
            flags.setdefault(waiting, []).append(argument)
            waiting = ""
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        if argument.startswith("--"):
            key = KEY_OF_FLAG.get(name, name)
        elif argument.startswith("-") and len(argument) > 1:
            name, value = argument[1], argument[2:].lstrip("=")
            key, equals = KEY_OF_FLAG.get(name, name), "=" if value else ""
        else:
            continue
        if equals:
            flags.setdefault(key, []).append(value)
        elif name in BOOLEAN_FLAGS or name in _OF_NO_KEY:
            flags.setdefault(key, []).append("true")
        else:
            waiting = key
    return flags
