# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read apt's pins, and give the priority of one version of a package (apt_preferences(5)).

A record that names the package comes before one for all packages; of each kind the first counts.
"""

import fnmatch
import re
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ...words.observations.host import FileObserved

_PREFERENCES = "/etc/apt/preferences"
_EXTENSION = re.compile(r"\.([^./]+)$")
_LOWEST = -32768


class Pin(NamedTuple):
    """One record: its place, the packages it names, and which of their versions it is for.

    ``kind`` is version, release or origin; ``value`` is the text after that word.
    """

    path: str
    line: int
    packages: Tuple[str, ...]
    kind: str
    value: str
    priority: int

    @property
    def is_general(self) -> bool:
        """Whether it is for all packages."""
        return self.packages == ("*",)

    def names(self, package: str) -> bool:
        """Whether it is for this package."""
        return any(_is_meant(each, package) for each in self.packages)

    def spoken(self) -> str:
        """Name the record and its contents."""
        return "%s, line %d (%s, Pin: %s %s, Pin-Priority: %s)" % (
            self.path,
            self.line,
            "Package: %s" % " ".join(self.packages),
            self.kind,
            self.value,
            "never" if self.priority == _LOWEST else self.priority,
        )


class Candidate(NamedTuple):
    """A version of a package as a site offers it; ``version`` is empty while it is unknown."""

    package: str
    version: str
    host: str
    release: Tuple[Tuple[str, str], ...]


def read_pins(files: Mapping[str, FileObserved]) -> List[Pin]:
    """Read the pins of a host, in apt's order."""
    paths = sorted(path for path in files if _is_read(path))
    # The file comes before those of the folder (tried with apt 3.0).
    paths.sort(key=lambda path: path != _PREFERENCES)
    return [pin for path in paths for pin in _pins_of(path, files[path].text)]


def pin_of(pins: List[Pin], candidate: Candidate) -> Optional[Pin]:
    """Give the pin that decides on a version; None where no pin matches."""
    meant = [pin for pin in pins if pin.is_general or pin.names(candidate.package)]
    for pin in sorted(meant, key=lambda each: each.is_general):
        if _matches(pin, candidate):
            return pin
    return None


def preferred_instead(pins: List[Pin], candidate: Candidate) -> Optional[Pin]:
    """Give the pin that prefers another version of the package; None without one.

    If only a version's beginning is known, only that counts: ``28`` is not ``5:27.*``.
    """
    decides = pin_of(pins, candidate)
    priority = decides.priority if decides is not None else 500
    for pin in pins:
        if pin.is_general or pin.kind != "version" or not pin.names(candidate.package):
            continue
        if pin.priority > max(priority, 500) and not _version_matches(pin.value, candidate.version):
            return pin
    return None


def _is_read(path: str) -> bool:
    """Whether apt reads a file: not with another extension, or with other letters in its name."""
    if path == _PREFERENCES:
        return True
    if not path.startswith("/etc/apt/preferences.d/"):
        return False
    name = path.rpartition("/")[2]
    extension = _EXTENSION.search(name)
    is_plain = re.match(r"^[A-Za-z0-9_.-]+$", name) is not None and not name.startswith(".")
    return is_plain and (extension is None or extension.group(1) == "pref")


def _pins_of(path: str, text: str) -> Iterator[Pin]:
    fields: Dict[str, str] = {}
    begin, last = 0, ""
    for number, line in enumerate(text.splitlines() + [""], 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield from _pin(path, begin, fields)
            fields, last = {}, ""
            continue
        if line[0] in " \t" and last:
            fields[last] += " " + line.strip()
            continue
        key, _colon, value = line.partition(":")
        last = key.strip().lower()
        begin = begin if fields else number
        fields[last] = value.strip()


def _pin(path: str, line: int, fields: Mapping[str, str]) -> Iterator[Pin]:
    kind, _blank, value = fields.get("pin", "").partition(" ")
    said = fields.get("pin-priority", "")
    packages = tuple(fields.get("package", "").split())
    if said == "never" and packages == ("*",):
        # In a record that names packages apt ignores this word (tried with apt 3.0).
        priority = _LOWEST
    elif re.match(r"^[-+]?\d+$", said):
        priority = int(said)
    else:
        return
    if packages and kind.lower() in ("version", "release", "origin"):
        yield Pin(
            path=path,
            line=line,
            packages=packages,
            kind=kind.lower(),
            value=value.strip(),
            priority=priority,
        )


def _is_meant(pattern: str, package: str) -> bool:
    if pattern.startswith("src:"):
        pattern = pattern[len("src:") :]
    elif ":" in pattern and not pattern.startswith("/"):
        pattern = pattern.partition(":")[0]
    return _fits(pattern, package)


def _fits(pattern: str, text: str) -> bool:
    """Whether a glob, or an expression between slashes, matches a text."""
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.search(pattern[1:-1], text) is not None
        except re.error:
            return False
    return fnmatch.fnmatchcase(text, pattern)


def _matches(pin: Pin, candidate: Candidate) -> bool:
    if pin.kind == "origin":
        return _fits(pin.value.strip("\"'"), candidate.host)
    if pin.kind == "version":
        return pin.value == "*" or _fits_whole(pin.value, candidate.version)
    return _release_matches(pin.value, dict(candidate.release))


def _fits_whole(pattern: str, version: str) -> bool:
    """Whether a pattern matches a version, of which only the first parts may be known."""
    if "-" in version or not version:
        return bool(version) and _fits(pattern, version)
    rest = pattern.partition(":")[2] if re.match(r"^(?:\d+|\*):", pattern) else pattern
    beginning = re.split(r"[*?\[]", rest)[0]
    return "*" in rest and version.startswith(beginning.rstrip(".-"))


def _version_matches(pattern: str, version: str) -> bool:
    """Whether a pattern may match a version; unknown parts match anything."""
    if not version or pattern.startswith("/"):
        return not version or _fits(pattern, version)
    if "-" in version:
        return _fits(pattern, version)
    rest = pattern.partition(":")[2] if re.match(r"^(?:\d+|\*):", pattern) else pattern
    beginning = re.split(r"[*?\[-]", rest)[0]
    return version.startswith(beginning) or (beginning + ".").startswith(version + ".")


def _release_matches(value: str, release: Mapping[str, str]) -> bool:
    if value == "*":
        return True
    for condition in value.split(","):
        key, equals, wanted = condition.strip().partition("=")
        wanted = wanted.strip().strip("\"'")
        if not equals:
            # A bare word is a suite or a codename, a bare number a version.
            if not any(_fits(key, release.get(each, "")) for each in ("a", "n")):
                return False
        elif not _fits(wanted, release.get(key.strip(), "")):
            return False
    return True
