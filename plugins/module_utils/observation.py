# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at a host found: observers fill these in, planners read them. Types only."""

from typing import Dict, NamedTuple, Optional, Tuple

# Where a question's own files lie while it is asked (hier(7): a mount point that is always there).
VIEW = "/mnt/dockwright"


class Look(NamedTuple):
    """What to look at: planners say it, observers do it.

    ``globs`` are patterns of files, each of which is looked at where it is there.
    """

    family: str = ""
    files: Tuple[str, ...] = ()
    globs: Tuple[str, ...] = ()
    packages: Tuple[str, ...] = ()
    units: Tuple[str, ...] = ()


class System(NamedTuple):
    """The system as ansible-core's detection reports it: ``Rocky``, ``9.4``, ``Blue Onyx``."""

    distribution: str
    version: str
    release: str = ""


class FileObserved(NamedTuple):
    """One path: ``kind`` is absent, file, directory, link or other; ``text`` is a file's contents.

    ``mode`` are the permission bits; ``owner`` and ``group`` are numbers. ``unreadable`` tells
    why a file's contents are not known.
    """

    kind: str = "absent"
    text: str = ""
    mode: int = 0
    owner: int = 0
    group: int = 0
    unreadable: str = ""


class PackageObserved(NamedTuple):
    """One package: version with epoch (empty: not installed), ``state`` if not just installed.

    ``held`` tells whether dpkg holds it; rpm's database knows no holds.
    """

    version: str = ""
    state: str = ""
    held: bool = False


class UnitObserved(NamedTuple):
    """One systemd unit, in the words of ``systemctl show``.

    ``main_program`` is the program the main process runs, ``program_replaced`` that the file of
    that name is another by now, or gone. ``mask_path`` is where a mask lies, empty without one.
    """

    load_state: str = "not-found"
    active_state: str = "inactive"
    unit_file_state: str = ""
    main_program: str = ""
    program_replaced: bool = False
    mask_path: str = ""


class DaemonObserved(NamedTuple):
    """What the running daemon says of itself: ``GET /info``."""

    server_version: str
    containers_running: int
    live_restore: bool


class Question(NamedTuple):
    """What to ask the package manager: commands, and the files they need.

    The commands run one after the other, in a view of the host in which nothing they write stays;
    ``files`` are contents by name below the view's own folder, :data:`VIEW`.
    """

    commands: Tuple[Tuple[str, ...], ...]
    files: Dict[str, str] = {}


class Answer(NamedTuple):
    """How each command of a question ended, and what it printed; ``unasked`` tells why not."""

    statuses: Tuple[int, ...] = ()
    outputs: Tuple[str, ...] = ()
    unasked: str = ""


class Applied(NamedTuple):
    """What Dockwright last applied here: resource and path to the digest of its declaration.

    ``trusted`` is false where nothing is recorded or the record is another machine's.
    """

    digests: Dict[str, str]
    trusted: bool = False


class Observation(NamedTuple):
    """One look at one host.

    ``daemon`` is None while docker.service or containerd.service is not active; ``daemon_silent``
    tells why an active one did not answer. ``answers`` are by the question's name.
    """

    system: System
    architecture: str = ""
    files: Dict[str, FileObserved] = {}
    packages: Dict[str, PackageObserved] = {}
    units: Dict[str, UnitObserved] = {}
    daemon: Optional[DaemonObserved] = None
    daemon_silent: str = ""
    applied: Applied = Applied({})
    answers: Dict[str, Answer] = {}
    unobserved: Dict[str, str] = {}
