# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at the ways to the daemon found, and at what root trusts. Types only."""

from typing import Dict, NamedTuple, Tuple

# The unit load path (systemd.unit(5)), the first before the others.
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
    """What to look at: ``paths`` are what root trusts, there or not, and ``globs`` what is there.

    ``service`` is the unit of the daemon, whose files name more of the kind.
    """

    service: str = ""
    paths: Tuple[str, ...] = ()
    globs: Tuple[str, ...] = ()


class PathObserved(NamedTuple):
    """One path on the way to what root trusts; ``leads_to`` is that.

    ``kind`` is file, directory, link or other; ``owner`` and ``group`` are numbers, with their
    names. ``writers`` are those whom its access control list lets write (acl(5)), ``heirs`` those
    whom it lets write what is made in it from now on. ``has_members`` tells that somebody is in
    its group.
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
    """One socket that a process listens on: ``kind`` is tcp or unix.

    ``address`` is an address, or a path, or a name that begins with @ (unix(7)). ``mode``,
    ``owner`` and ``group`` are those of the path, where one is there.
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
    """The ways to the daemon, and what root trusts.

    ``pid`` is the daemon's process, 0 where none runs, with its ``arguments`` and ``listeners``.
    ``published`` are ports of the host that containers have. ``aliases`` are further names of the
    service. ``environment_files`` are the texts of files that its unit reads variables from,
    ``manager_environment`` the variables that systemd itself gives every service.
    ``relays`` are processes that hand what they are told to Docker's socket,
    ``relay_services`` units that would be such.
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
