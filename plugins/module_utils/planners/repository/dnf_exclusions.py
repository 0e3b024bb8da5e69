# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what keeps dnf from a package: excludes in dnf.conf and repository files, and versionlock.

``exclude`` is an older name of ``excludepkgs``; ``includepkgs`` excludes all else (dnf.conf(5)).
"""

import fnmatch
import re
from typing import Dict, Iterator, List, NamedTuple, Tuple

from ...words.declarations.engine import upstream_version
from ...words.observations.host import FileObserved

DNF_CONFIG = "/etc/dnf/dnf.conf"
_EXCLUDES, _INCLUDES = ("exclude", "excludepkgs"), ("includepkgs",)
_HEADER = re.compile(r"^\s*\[(?P<id>[^\]]+)\]")
_OPTION = re.compile(r"^([A-Za-z_]+)\s*[=:]\s*(.*?)\s*$")


class Option(NamedTuple):
    """One option of a section: its place, and its value with continued lines."""

    path: str
    line: int
    section: str
    name: str
    value: str

    def spoken(self) -> str:
        """Name the line and its contents."""
        return "%s, line %d (%s=%s)" % (self.path, self.line, self.name, self.value)


def read_options(path: str, file: FileObserved) -> List[Option]:
    """Read the options in a file of dnf, in order."""
    options: List[Option] = []
    section, goes_on = "", False
    for number, line in enumerate(file.text.splitlines(), 1):
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        header = _HEADER.match(line)
        if header:
            section, goes_on = header.group("id").strip(), False
            continue
        if goes_on and line[0] in " \t":
            last = options[-1]
            options[-1] = last._replace(value=("%s %s" % (last.value, line.strip())).strip())
            continue
        option = _OPTION.match(line.strip())
        goes_on = option is not None
        if option:
            name, value = option.group(1).lower(), option.group(2)
            options.append(Option(path=path, line=number, section=section, name=name, value=value))
    return options


def excluding(options: List[Option], package: str, version: str, architecture: str) -> List[str]:
    """Say which of these options exclude a package; ``version`` may be empty or partial."""
    said: Dict[Tuple[str, str], Option] = {}
    for option in options:
        kind = "excludepkgs" if option.name in _EXCLUDES else option.name
        said[option.section, kind] = option
    found = []
    for option in said.values():
        is_named = any(
            _is_meant(pattern, package, version, architecture)
            for pattern in re.split(r"[\s,]+", option.value)
            if pattern
        )
        if option.name in _EXCLUDES and is_named:
            found.append(option.spoken())
        if option.name in _INCLUDES and option.value and not is_named:
            found.append(option.spoken())
    return found


def locking(path: str, file: FileObserved, package: str, version: str, hold: str) -> Iterator[str]:
    """Say which lines of versionlock's list keep a package at, or from, another version.

    The ``hold`` of the installed version keeps it from other versions, not from the declared one.
    """
    for number, line in enumerate(file.text.splitlines(), 1):
        pattern = line.partition("#")[0].strip()
        is_excluded = pattern.startswith("!")
        pattern = pattern.lstrip("!")
        rest = _version_part(pattern, package)
        if not rest or line.strip() == hold:
            continue
        fits = bool(version) and _fits(rest, version)
        if fits == is_excluded if version else True:
            yield "%s, line %d (%s)" % (path, number, line.strip())


def _is_meant(pattern: str, package: str, version: str, architecture: str) -> bool:
    """Whether a pattern matches a package: by name, name.arch, or name-version in any form."""
    if fnmatch.fnmatchcase(package, pattern):
        return True
    if fnmatch.fnmatchcase("%s.%s" % (package, architecture), pattern):
        return True
    rest = _version_part(pattern, package)
    return bool(rest and version) and _fits(rest, version)


def _version_part(pattern: str, package: str) -> str:
    """Give the pattern's part after the package's name, without an epoch; empty for others."""
    if not pattern.startswith(package + "-"):
        return ""
    rest = pattern[len(package) + 1 :]
    return re.sub(r"^[\d*]+:", "", rest) if re.match(r"^[\d*]", rest) else ""


def _fits(rest: str, version: str) -> bool:
    """Whether a version's pattern, perhaps with release and architecture, matches a version."""
    of_version = rest.split("-")[0]
    return fnmatch.fnmatchcase(upstream_version(version), of_version.rstrip(".") or "*")
