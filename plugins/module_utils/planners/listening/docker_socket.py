# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell who opens Docker's socket, by docker.socket's files or dockerd's configuration.

With ``-H fd://`` systemd makes the socket (systemd.socket(5)). Otherwise dockerd does, and gives it
to the group in its configuration.
"""

import re
from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple

from ...words.docker_names import DOCKER_GROUP
from ...words.observations.host import FileObserved
from ...words.paths import DAEMON_JSON
from ...words.unit_lines import said_in
from ..daemon.document import NotADocument, read_document
from ..units.docker_unit import DROP_IN_FOLDERS, UNIT_FILES, host_flags, read_unit
from ..units.fragments import in_force

SOCKET_MODE = 0o660
# docker.socket is in the same folders as docker.service.
SOCKET_FILES = tuple(re.sub(r"service$", "socket", path) for path in UNIT_FILES)
_DROP_IN_FOLDERS = tuple(re.sub(r"service\.d$", "socket.d", path) for path in DROP_IN_FOLDERS)
SOCKET_GLOBS = tuple(folder + "/*.conf" for folder in _DROP_IN_FOLDERS)

# The settings in the packages' unit, and systemd's defaults for a unit without them.
_PACKAGED = {"SocketUser": "root", "SocketGroup": DOCKER_GROUP, "SocketMode": "0660"}
_DEFAULTS = {"SocketUser": "root", "SocketGroup": "root", "SocketMode": "0666"}


class Setting(NamedTuple):
    """One setting of the unit and its place; line 0 means that the file does not have it."""

    value: str
    path: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Its place, in words."""
        return "%s:%d" % (self.path, self.line) if self.line else "%s, silent on it" % self.path


class SocketOpener(NamedTuple):
    """Who makes the socket: ``settings`` are docker.socket's, None if dockerd makes it.

    ``group`` is the one to which dockerd gives it, ``unheeded`` is a group in daemon.json that
    dockerd ignores.
    """

    settings: Optional[Dict[str, Setting]] = None
    group: str = DOCKER_GROUP
    unheeded: str = ""


def read_opener(files: Mapping[str, FileObserved]) -> SocketOpener:
    """Tell from the files who makes the socket, and for whom."""
    unit = read_unit(files)
    try:
        document = read_document(files.get(DAEMON_JSON, FileObserved()).text)
    except NotADocument:
        document = {}
    hosts = list(host_flags(unit))
    configured = document.get("hosts")
    if isinstance(configured, list):
        hosts.extend(str(each) for each in configured)
    named = document.get("group")
    # The packages' docker.service says fd:// once it is there; a drop-in may be there before it.
    if not unit.words or any(host.startswith("fd://") for host in hosts):
        return SocketOpener(_settings(files), unheeded=str(named) if named is not None else "")
    flags = unit.flags.get("group", [])
    return SocketOpener(group=flags[-1] if flags else str(DOCKER_GROUP if named is None else named))


def disagreements(settings: Mapping[str, Setting], gid: Optional[int]) -> List[Tuple[str, Setting]]:
    """Name the settings that would not give the socket to root and the group docker alone."""
    accepted = {"SocketUser": ("root", "0"), "SocketGroup": (DOCKER_GROUP, str(gid))}
    return [
        (name, setting)
        for name, setting in settings.items()
        if (
            int(setting.value, 8) != SOCKET_MODE
            if name == "SocketMode"
            else setting.value not in accepted[name]
        )
    ]


def _settings(files: Mapping[str, FileObserved]) -> Dict[str, Setting]:
    """Read docker.socket, present or to come; the last setting counts (systemd.unit(5))."""
    fragment = next((path for path in SOCKET_FILES if _text(files, path)), "")
    silent = _DEFAULTS if fragment else _PACKAGED
    settings = {name: Setting(value, fragment) for name, value in silent.items()}
    for path in ([fragment] if fragment else []) + in_force(files, _DROP_IN_FOLDERS):
        for _section, name, value, number in said_in("Socket", _text(files, path)):
            if name not in _DEFAULTS:
                continue
            if not value:
                settings[name] = Setting(_DEFAULTS[name], path, number)
            elif name != "SocketMode" or re.match(r"^0*[0-7]{1,4}$", value):
                settings[name] = Setting(value, path, number)
    return settings


def _is_there(files: Mapping[str, FileObserved], path: str) -> bool:
    return path in files and files[path].kind in ("file", "link")


def _text(files: Mapping[str, FileObserved], path: str) -> str:
    return files[path].text if _is_there(files, path) else ""
