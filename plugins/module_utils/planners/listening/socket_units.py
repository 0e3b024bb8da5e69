# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find every socket that systemd opens for docker.service, by docker.socket or other units.

systemd gives a service the sockets of the unit with its name, of units that name it in
``Service=``, and of units that it names in ``Sockets=`` (systemd.socket(5), systemd.service(5)).
"""

import re
from typing import Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ...words.docker_names import DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.docker.access import UNIT_FOLDERS
from ...words.observations.host import FileObserved
from ...words.unit_lines import assigned, said_in
from ..units.docker_unit import DockerUnit
from ..units.fragments import in_force

_OF_A_SOCKET = re.compile(r"^(?:%s)/([^/]+\.socket)(?:\.d/[^/]+\.conf)?$" % "|".join(UNIT_FOLDERS))
_LISTENS = re.compile(r"^Listen[A-Z]")
_PORT = re.compile(r"^[0-9]+$")
_INTERNET = re.compile(r"^(?:[0-9.]+|\[[0-9A-Fa-f:.]+(?:%[^\]]+)?\](?:%\w+)?):[0-9]+$")


class Stream(NamedTuple):
    """One address on which a socket unit listens, as written, and its place."""

    unit: str
    address: str
    path: str
    line: int
    service: str = DOCKER_SERVICE

    @property
    def place(self) -> str:
        """Its place, in words."""
        return "%s:%d" % (self.path, self.line)

    @property
    def is_tcp(self) -> bool:
        """Whether it is a TCP port; a mere number listens on every address."""
        return bool(_PORT.match(self.address) or _INTERNET.match(self.address))

    @property
    def port(self) -> int:
        """The TCP port, 0 if it is none."""
        return int(re.split(r"[:\]]", self.address)[-1]) if self.is_tcp else 0

    @property
    def file(self) -> str:
        """The path of a socket in the filesystem, empty for another kind."""
        plain = self.address.replace("%t", "/run")
        return re.sub(r"^/var/run/", "/run/", plain) if plain.startswith("/") else ""


def read_streams(
    files: Mapping[str, FileObserved],
    unit: DockerUnit,
    aliases: Sequence[str],
    relays: Sequence[str] = (),
) -> Tuple[Stream, ...]:
    """Give every address on which systemd listens for docker.service, or for a relay to it."""
    services = {DOCKER_SERVICE} | set(aliases)
    named = {
        each
        for path in unit.files
        for value in assigned(files[path].text, "Service", "Sockets")
        for each in value.split()
    }
    found: List[Stream] = []
    for name in _names(files):
        service, streams = _read(name, files)
        if service in services or name in named or name == SOCKET_UNIT:
            found.extend(streams)
        elif service in relays:
            found.extend(each._replace(service=service) for each in streams)
    return tuple(found)


def _names(files: Mapping[str, FileObserved]) -> List[str]:
    found = {match.group(1) for match in map(_OF_A_SOCKET.match, files) if match is not None}
    return sorted(found, key=lambda name: (name != SOCKET_UNIT, name))


def _read(name: str, files: Mapping[str, FileObserved]) -> Tuple[str, List[Stream]]:
    """Read one unit: the service that it is for, and the addresses on which it listens."""
    default = name[: -len(".socket")] + ".service"
    service, streams = default, []  # type: str, List[Stream]
    for path in _parts(name, files):
        for said in said_in("Socket", files[path].text):
            if said.name == "Service":
                service = said.value or default
            elif _LISTENS.match(said.name):
                # An empty address of any kind resets all of them (systemd.socket(5)).
                stream = Stream(unit=name, address=said.value, path=path, line=said.line)
                streams = streams + [stream] if said.value else []
    return service, streams


def _parts(name: str, files: Mapping[str, FileObserved]) -> Iterator[str]:
    there: Dict[str, FileObserved] = {
        path: file for path, file in files.items() if file.kind in ("file", "link")
    }
    fragments = ["%s/%s" % (folder, name) for folder in UNIT_FOLDERS]
    fragment = next((path for path in fragments if path in there and there[path].text), "")
    if not fragment:
        # Drop-ins alone make no unit, except for the packages' unit that is to come.
        if name != SOCKET_UNIT:
            return
    else:
        yield fragment
    kinds = [name] + _prefixes(name) + ["socket"]
    yield from in_force(
        there, ["%s/%s.d" % (folder, kind) for kind in kinds for folder in UNIT_FOLDERS]
    )


def _prefixes(name: str) -> List[str]:
    """Give the folders' prefixes that similar names share: a-b.socket also uses a-.socket.d."""
    stem = name[: -len(".socket")]
    ends = [index + 1 for index, letter in enumerate(stem) if letter == "-"]
    return [stem[:end] + ".socket" for end in reversed(ends) if end < len(stem)]
