# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A dockerd's command line: its flags, under the names of daemon.json's keys."""

from typing import Dict, Iterator, List, NamedTuple, Sequence

from .daemon_options import BOOLEAN_FLAGS, KEY_OF_FLAG

# Boolean flags that daemon.json has no key for (moby, cmd/dockerd/config_unix.go, daemon.go).
_OF_NO_KEY = ("rootless", "version", "help", "v", "h")


class Flag(NamedTuple):
    """One flag: its key in daemon.json, its value, and its name as it is written.

    A word that is no flag, such as a variable that systemd fills in, has no key.
    """

    key: str
    value: str
    name: str


def read_flags(arguments: Sequence[str]) -> Iterator[Flag]:
    """Read the arguments after the program, in their order (spf13/pflag)."""
    waiting = ""
    for argument in arguments:
        if waiting:
            yield _flag(waiting, argument)
            waiting = ""
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        if argument.startswith("-") and not argument.startswith("--") and len(argument) > 1:
            name, value = argument[1], argument[2:].lstrip("=")
            equals = "=" if value else ""
        elif not argument.startswith("--"):
            yield Flag("", argument, "")
            continue
        if equals:
            yield _flag(name, value)
        elif name in BOOLEAN_FLAGS or name in _OF_NO_KEY:
            yield _flag(name, "true")
        else:
            waiting = name


def flags_of(arguments: Sequence[str]) -> Dict[str, List[str]]:
    """Give the values of each flag under its key, in their order."""
    flags: Dict[str, List[str]] = {}
    for flag in read_flags(arguments):
        if flag.key:
            flags.setdefault(flag.key, []).append(flag.value)
    return flags


def _flag(name: str, value: str) -> Flag:
    return Flag(KEY_OF_FLAG.get(name, name), value, name)
