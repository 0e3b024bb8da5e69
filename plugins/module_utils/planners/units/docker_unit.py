# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docker.service as its files make it: the command line, its source, and a drop-in of ours.

It is read from the files and not from systemd, since staged files and those changed since systemd
read them count as well (systemd.unit(5), systemd.service(5)).
"""

import re
from typing import Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ...words import unit_lines
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, UnitObserved
from ...words.tables.daemon_flags import flags_of
from ..daemon.document import is_secret
from . import text as unit_text
from .command_line import Contrast, contrast
from .fragments import in_force

HOSTS_DROP_IN = unit_text.drop_in_path(DOCKER_SERVICE, "zz-dockwright-hosts")
OUR_DROP_INS = (HOSTS_DROP_IN,)

# The unit load path as far as docker.service can be on it, in order of precedence.
_FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
UNIT_FILES = tuple("%s/%s" % (folder, DOCKER_SERVICE) for folder in _FOLDERS)
# Drop-ins for every service apply too; the unit's own drop-in of the same name replaces one.
DROP_IN_FOLDERS = tuple(
    "%s/%s.d" % (folder, kind) for kind in (DOCKER_SERVICE, "service") for folder in _FOLDERS
)
DROP_IN_GLOBS = tuple(folder + "/*.conf" for folder in DROP_IN_FOLDERS)

_VENDOR = ("/usr/lib/systemd/system/" + DOCKER_SERVICE, "/lib/systemd/system/" + DOCKER_SERVICE)
# Sections that say when and whether a unit starts, and nothing of its process (systemd.unit(5)).
NOT_OF_THE_PROCESS = ("", "Unit", "Install")


class DockerUnit(NamedTuple):
    """The unit as files make it.

    ``words`` is the command line as written, ``arguments`` as the program gets it; ``source`` is
    its file, and ``overrides`` are the files besides the vendor's that set it.
    """

    words: Tuple[str, ...] = ()
    arguments: Tuple[str, ...] = ()
    source: str = ""
    overrides: Tuple[str, ...] = ()
    files: Tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether systemd fills nothing into the command line."""
        return not any("$" in word or "%" in word for word in self.words)

    @property
    def flags(self) -> Dict[str, List[str]]:
        """The flags of the command line, under the names of daemon.json's keys."""
        return flags_of(self.arguments[1:])


def read_unit(files: Mapping[str, FileObserved]) -> DockerUnit:
    """Read the unit and its drop-ins."""
    fragment = next((path for path in UNIT_FILES if _says_something(files, path)), "")
    parts = ([fragment] if fragment else []) + in_force(files, DROP_IN_FOLDERS)
    words: Tuple[str, ...] = ()
    source = ""
    saying: List[str] = []
    for path in parts:
        lines = unit_lines.assigned(files[path].text, "Service", "ExecStart")
        if not lines:
            continue
        saying.append(path)
        for line in lines:
            words, source = unit_lines.words(line), path
    overrides = tuple(path for path in saying if path not in _VENDOR)
    return DockerUnit(
        words=words,
        arguments=unit_lines.arguments_of(words),
        source=source,
        overrides=overrides,
        files=tuple(parts),
    )


def runs_what_is_named(unit: DockerUnit, service: UnitObserved) -> bool:
    """Whether a unit's process runs the program that its files name.

    Another program is a difference of its own, which its command line would only repeat.
    """
    return not service.main_program or service.main_program.endswith(unit.arguments[0])


def of_the_process(text: str) -> str:
    """Give the lines of a unit file that a running process was started by, as they are written."""
    section, kept = "", []
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            section = bare[1:-1]
        if section not in NOT_OF_THE_PROCESS and bare and bare[0] not in "#;":
            kept.append(line)
    return "\n".join(kept)


def read_vendor(files: Mapping[str, FileObserved]) -> DockerUnit:
    """Read the unit as its package has it."""
    return read_unit({path: files[path] for path in _VENDOR if path in files})


def contrast_with_vendor(files: Mapping[str, FileObserved], path: str) -> Contrast:
    """Say how the command line in one file differs from the package's."""
    said = read_unit({_VENDOR[0]: files[path]})
    return contrast(said.arguments, read_vendor(files).arguments)


def says_a_secret(text: str) -> bool:
    """Whether the command line in a unit file may hold a secret."""
    flags = read_unit({_VENDOR[0]: FileObserved(kind="file", text=text)}).flags
    return any(is_secret((key,), value) for key, values in flags.items() for value in values)


def is_dockerd(unit: DockerUnit) -> bool:
    """Whether the command line is dockerd's own; nobody knows what another program starts."""
    return bool(unit.arguments) and unit.arguments[0].rpartition("/")[2] == "dockerd"


def place_of(path: str) -> str:
    """Name a file's place in the unit; in any folder the same text has the same effect."""
    return path.rpartition("/")[2]


def without(files: Mapping[str, FileObserved], path: str) -> Dict[str, FileObserved]:
    """Give the files without one of them."""
    return {name: file for name, file in files.items() if name != path}


def render_hosts_drop_in(unit: DockerUnit) -> str:
    """Write the drop-in that removes every -H from the command line and keeps all else."""
    kept: List[str] = []
    skip = False
    for word in unit.words:
        plain = unit_lines.unquote(word)
        if skip:
            skip = False
        elif plain in ("-H", "--host"):
            skip = True
        elif not (plain.startswith("--host=") or re.match(r"-H.", plain)):
            kept.append(word)
    return unit_text.render_drop_in(
        "# Written by Dockwright (role docker_daemon): the hosts in daemon.json take the place of "
        "-H.",
        [("Service", [("ExecStart", ""), ("ExecStart", " ".join(kept))])],
    )


def _is_there(files: Mapping[str, FileObserved], path: str) -> bool:
    return path in files and files[path].kind in ("file", "link")


def _says_something(files: Mapping[str, FileObserved], path: str) -> bool:
    """Whether a unit file is there and is no mask: a link to /dev/null or an empty file.

    The unit that a mask hides was started, and will be once it is unmasked.
    """
    return _is_there(files, path) and bool(files[path].text or files[path].unreadable)


def host_flags(unit: DockerUnit) -> List[str]:
    """Give the addresses on which the command line has the daemon listen."""
    return unit.flags.get("hosts", [])


def flag_is_set(unit: DockerUnit, key: str) -> bool:
    """Whether a boolean flag is set on the command line, and not =false."""
    return says_yes(unit.flags.get(key, []))


def says_yes(values: Sequence[str]) -> bool:
    """Whether a boolean flag's values, of which the last counts, say yes."""
    return bool(values) and values[-1] not in ("false", "0", "f", "F", "FALSE", "False")
