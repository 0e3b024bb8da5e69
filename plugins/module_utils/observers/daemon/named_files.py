# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at the files that daemon.json names, declared or live, and at the host's plugins."""

import glob
import grp
import json
import os
import pwd
import stat
from typing import Dict, Iterable, Iterator

from ...words.observations.docker.named_files import (
    SECCOMP_ACTIONS,
    NamedFileObserved,
    NamedFilesLook,
    NamedFilesObserved,
    look_at_named,
)
from ..host.files import parse_json, read_text
from ..host.tools import OF_A_SERVICE

# A service's own PATH, and where dockerd looks for docker-init first (moby, lookupBinPath).
SEARCHED = OF_A_SERVICE + (
    "/usr/local/libexec/docker",
    "/usr/libexec/docker",
    "/usr/local/lib/docker",
    "/usr/lib/docker",
    "/usr/local/libexec",
    "/usr/libexec",
)
# Folders in which plugins announce themselves (moby, pkg/plugins/discovery.go).
_PLUGIN_FILES = (
    "/run/docker/plugins/*.sock",
    "/run/docker/plugins/*/*.sock",
    "/etc/docker/plugins/*.spec",
    "/etc/docker/plugins/*.json",
    "/usr/lib/docker/plugins/*.spec",
    "/usr/lib/docker/plugins/*.json",
)
# A profile is tens of kilobytes.
_LARGEST = 1024 * 1024


def observe_named_files(look: NamedFilesLook, live: str, root: str) -> NamedFilesObserved:
    """Look at the files that a look names, and those in ``live``, the text of the live daemon.json.

    ``root`` is the data-root, where the daemon keeps the plugins that it manages.
    """
    there = _look_at_live(live)
    names = dict.fromkeys(look.names + there.names)
    profiles = look.profiles + there.profiles
    files = {name: observe_named_file(name, name in profiles) for name in names}
    owners = dict.fromkeys(look.owners + there.owners)
    return NamedFilesObserved(files, tuple(sorted(set(_plugins(root)))), _unknown(owners))


def observe_named_file(name: str, is_profile: bool = False) -> NamedFileObserved:
    """Look at one file; a bare name is searched for as the daemon does."""
    if "/" in name:
        return _observe(name, is_profile)
    first = NamedFileObserved()
    for folder in SEARCHED:
        there = _observe(os.path.join(folder, name), False)
        if there.kind == "file" and there.executable:
            return there
        if first.kind == "absent":
            first = there
    return first


def _look_at_live(text: str) -> NamedFilesLook:
    try:
        return look_at_named(parse_json(text))
    except (ValueError, RecursionError):
        return NamedFilesLook()


def _observe(path: str, is_profile: bool) -> NamedFileObserved:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return NamedFileObserved()
    if stat.S_ISDIR(status.st_mode):
        return NamedFileObserved(kind="directory", found=path)
    if not stat.S_ISREG(status.st_mode):
        return NamedFileObserved(kind="other", found=path)
    no_profile = _why_no_profile(path) if is_profile and status.st_size <= _LARGEST else ""
    return NamedFileObserved(
        kind="file", found=path, executable=bool(status.st_mode & 0o111), no_profile=no_profile
    )


def _why_no_profile(path: str) -> str:
    try:
        profile = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        return "line %d, column %d: %s" % (error.lineno, error.colno, error.msg)
    except (ValueError, RecursionError) as error:
        return str(error)
    if not isinstance(profile, dict):
        return "it holds no JSON object"
    calls = profile.get("syscalls")
    rules = [each for each in calls if isinstance(each, dict)] if isinstance(calls, list) else []
    said = [profile.get("defaultAction")] + [each.get("action") for each in rules]
    unknown = [str(each) for each in said if each and each not in SECCOMP_ACTIONS]
    return "%s is no action" % unknown[0] if unknown else ""


def _unknown(owners: Iterable[str]) -> Dict[str, str]:
    """Name the users and groups that the name services, which dockerd asks too, do not know."""
    unknown = {}
    for owner in owners:
        user, _colon, group = owner.partition(":")
        told = "user %s" % user
        try:
            entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
            told = "group %s" % (group or entry.pw_name)
            if group.isdigit():
                grp.getgrgid(int(group))
            else:
                grp.getgrnam(group or entry.pw_name)
        except (KeyError, ValueError, OverflowError):
            unknown[owner] = told
    return unknown


def _plugins(root: str) -> Iterator[str]:
    for pattern in _PLUGIN_FILES:
        for path in glob.glob(pattern):
            yield os.path.basename(path).rpartition(".")[0]
    for path in glob.glob(os.path.join(glob.escape(root), "plugins", "*", "config.json")):
        try:
            told = json.loads(read_text(path))["plugin"]
            yield str(told.get("Name") or told["name"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
