# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at the ways to the daemon and at trusted paths. Types only."""

from typing import Dict, NamedTuple, Tuple

# The unit load path, in order of precedence (systemd.unit(5)).
UNIT_FOLDERS = (
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
)


class AccessLook(NamedTuple):
    """What to look at: ``paths`` are trusted paths, there or not; ``globs`` those that exist.

    ``service`` is the daemon's unit, whose files name more trusted paths.
    """

    service: str = ""
    paths: Tuple[str, ...] = ()
    globs: Tuple[str, ...] = ()


class PathObserved(NamedTuple):
    """One hop on the way to a trusted path, which is ``leads_to``.

    ``kind`` is file, directory, link or other; ``owner`` and ``group`` are numbers, with their
    names. ``writers`` are those whom its access control list lets write (acl(5)), ``heirs`` those
    whom it will let write to new files in it. ``has_members`` tells that its group has members.
    """

    kind: str = "file"
    mode: int = 0
    owner: int = 0
    group: int = 0
    owner_name: str = "root"
    group_name: str = "root"
    writers: Tuple[str, ...] = ()
    heirs: Tuple[str, ...] = ()
    has_members: bool = False
    leads_to: str = ""


class ListenerObserved(NamedTuple):
    """A socket on which a process listens; ``kind`` is tcp or unix.

    ``address`` is an address, a path, or a name that begins with @ (unix(7)). ``mode``, ``owner``
    and ``group`` are those of the path, if there is one.
    """

    kind: str
    address: str
    port: int = 0
    mode: int = 0
    owner: int = 0
    group: int = 0


class RelayObserved(NamedTuple):
    """A process that listens and was given Docker's socket on its command line."""

    pid: int
    program: str
    listener: ListenerObserved


class AccessObserved(NamedTuple):
    """The ways to the daemon, and the trusted paths.

    ``pid`` is the daemon's process, 0 if none runs, with its ``arguments`` and ``listeners``.
    ``published`` are the host's ports of containers. ``aliases`` are further names of the service.
    ``environment_files`` are the texts of files from which its unit reads variables,
    ``manager_environment`` the variables that systemd gives every service. ``relays`` are processes
    that pass on requests to Docker's socket, ``relay_services`` the units that would be such.
    """

    paths: Dict[str, PathObserved] = {}
    pid: int = 0
    arguments: Tuple[str, ...] = ()
    listeners: Tuple[ListenerObserved, ...] = ()
    published: Tuple[int, ...] = ()
    aliases: Tuple[str, ...] = ()
    environment_files: Dict[str, str] = {}
    manager_environment: Dict[str, str] = {}
    relays: Tuple[RelayObserved, ...] = ()
    relay_services: Tuple[str, ...] = ()
