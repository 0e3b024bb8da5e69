# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at a host found: observers fill these in, planners read them. Types only."""

from typing import Any, Dict, NamedTuple, Optional, Tuple

from .docker.access import AccessLook, AccessObserved
from .docker.containerd import ContainerdObserved
from .docker.containers import OrphanObserved
from .docker.daemons import DaemonsObserved
from .docker.group import GroupLook, GroupObserved
from .docker.listening import ListeningObserved, Shims
from .docker.named_files import NamedFilesLook, NamedFilesObserved
from .first_process import FirstProcessObserved
from .kernel import KernelLook, KernelObserved
from .programs import PackagedProgram, ProgramObserved
from .reach import ReachObserved
from .storage import MountObserved, StorageLook, StorageObserved
from .transaction import TransactionObserved
from .units.files import UnitFaultObserved

# The version of the record that this Dockwright reads and writes.
RECORD_VERSION = 1
# A question's own files are here while it is asked; a name that hides nothing of a host.
VIEW = "/.dockwright"


class Look(NamedTuple):
    """What to look at: planners say it, observers do it.

    ``globs`` are patterns of files, and each existing match is looked at; ``networks`` asks for the
    host's routes and addresses; ``carried`` are paths, there or not, for whose carriers it asks;
    ``tools`` are names of programs.
    """

    family: str = ""
    files: Tuple[str, ...] = ()
    globs: Tuple[str, ...] = ()
    packages: Tuple[str, ...] = ()
    units: Tuple[str, ...] = ()
    networks: bool = False
    carried: Tuple[str, ...] = ()
    storage: Optional[StorageLook] = None
    group: Optional[GroupLook] = None
    kernel: Optional[KernelLook] = None
    access: Optional[AccessLook] = None
    programs: Tuple[PackagedProgram, ...] = ()
    named_files: Optional[NamedFilesLook] = None
    tools: Tuple[str, ...] = ()


class System(NamedTuple):
    """The system as ansible-core's detection reports it: ``Rocky``, ``9.4``, ``Blue Onyx``."""

    distribution: str
    version: str
    release: str = ""


class FileObserved(NamedTuple):
    """One path: ``kind`` is absent, file, directory, link or other; ``text`` is a file's contents.

    ``mode`` are the permission bits; ``owner`` and ``group`` are numbers. ``unreadable`` tells
    why a file's contents are not known. ``modified`` is when anything of the file changed last, in
    seconds since the epoch; ``identity`` stays the same until it is written or replaced.
    """

    kind: str = "absent"
    text: str = ""
    mode: int = 0
    owner: int = 0
    group: int = 0
    unreadable: str = ""
    modified: float = 0.0
    identity: str = ""


class PackageObserved(NamedTuple):
    """A package: version with epoch (empty if not installed), ``state`` if not just installed.

    ``held`` tells that dpkg holds it; rpm's database knows no holds.
    """

    version: str = ""
    state: str = ""
    held: bool = False


class UnitObserved(NamedTuple):
    """One systemd unit, in the words of ``systemctl show``.

    ``main_program`` is the program of the main process; ``program_replaced`` tells that the file of
    that name is now another one, or gone. ``arguments`` is its command line and ``started`` the
    time when it began, in seconds since the epoch. ``starts`` is the program that the unit's files
    name, and ``start_arguments`` are the words after it, as systemd has read them. ``mask_path`` is
    the path of a mask, empty without one. ``invocation`` names this one run of the unit
    (systemd.exec(5), INVOCATION_ID). ``needs_daemon_reload`` tells that its files have changed
    since systemd read them. ``main_pid`` is the main process, 0 for none. ``job`` is what systemd
    still has to do with the unit, empty for nothing. ``stops_with_it`` are the units that stop or
    restart together with this one; ``kill_mode`` says which of its processes are killed when it
    ends.
    """

    load_state: str = "not-found"
    active_state: str = "inactive"
    unit_file_state: str = ""
    main_program: str = ""
    program_replaced: bool = False
    mask_path: str = ""
    sub_state: str = ""
    invocation: str = ""
    needs_daemon_reload: bool = False
    arguments: Tuple[str, ...] = ()
    started: float = 0.0
    main_pid: int = 0
    starts: str = ""
    job: str = ""
    start_arguments: Tuple[str, ...] = ()
    stops_with_it: Tuple[str, ...] = ()
    kill_mode: str = ""


class DaemonObserved(NamedTuple):
    """What the running daemon says of itself in ``GET /info``, and the names of running containers.

    ``settings`` are the values that it uses, under their names in daemon.json, as far as it tells
    them. ``containers`` and ``images`` count all it has, running or not. ``layers`` is the folder
    in which it keeps image layers.
    """

    server_version: str
    containers_running: int
    live_restore: bool
    settings: Dict[str, Any] = {}
    running: Tuple[str, ...] = ()
    containers: int = 0
    images: int = 0
    swarm: bool = False
    layers: str = ""


class DataRootObserved(NamedTuple):
    """What is in a data-root: images by storage driver, containers, volumes, a swarm's state.

    ``drivers`` are the graph drivers with a folder there, with or without images;
    ``container_drivers`` counts containers by the storage driver with which they were made.
    """

    path: str
    images: Dict[str, int] = {}
    containers: int = 0
    volumes: int = 0
    swarm: bool = False
    drivers: Tuple[str, ...] = ()
    container_drivers: Dict[str, int] = {}


class RootToBeObserved(NamedTuple):
    """What is in a path that may become the data-root.

    ``is_present`` tells that it leads to the present data-root. ``remapped`` are the folders in it
    that a daemon with userns-remap uses as its own.
    """

    is_present: bool = False
    contents: DataRootObserved = DataRootObserved("")
    remapped: Tuple[DataRootObserved, ...] = ()


class NetworkObserved(NamedTuple):
    """A network to which this host has a route or an address, and by which interface."""

    network: str
    interface: str


class Question(NamedTuple):
    """A question to the package manager or dockerd: commands, and the files that they need.

    The commands run one after the other in a view of the host in which nothing they write stays.
    ``files`` are contents by name below the view's folder :data:`VIEW`; ``environment`` are
    additional variables. Each command may take ``seconds``; with ``offline`` they have no network.
    """

    commands: Tuple[Tuple[str, ...], ...]
    files: Dict[str, str] = {}
    environment: Dict[str, str] = {}
    seconds: float = 120
    offline: bool = False


class Answer(NamedTuple):
    """How each command of a question ended, and its output; ``unasked`` says why there is none."""

    statuses: Tuple[int, ...] = ()
    outputs: Tuple[str, ...] = ()
    unasked: str = ""


class FailedSet(NamedTuple):
    """A set of configuration that was tried and taken back: its digest, the time, the reason."""

    digest: str
    at: str = ""
    reason: str = ""


class ActivationRecord(NamedTuple):
    """What the run of docker.service with this ``invocation`` had read when we last activated it.

    ``keys`` are digests of the meaning of daemon.json's keys, ``text`` is one of its text, and
    ``unit_files`` are those of the unit's files; ``identity`` is that of the file daemon.json.
    """

    invocation: str = ""
    keys: Dict[str, str] = {}
    unit_files: Dict[str, str] = {}
    identity: str = ""
    text: str = ""


class Applied(NamedTuple):
    """What Dockwright last applied here: a digest of the declaration for each resource and path.

    What it names is ours, on a cloned machine as well. ``trusted`` is false where nothing is on
    record or the record is another machine's; ``salt`` goes into every digest of a value that might
    be secret. ``lost`` tells what became of a record that existed and is no longer whole; ``newer``
    is the version of a record that a newer Dockwright wrote. ``nameless`` tells that this machine
    has no id by which to know its record (machine-id(5)).
    """

    digests: Dict[str, str]
    trusted: bool = False
    salt: str = ""
    activation: Optional[ActivationRecord] = None
    failed: Optional[FailedSet] = None
    lost: str = ""
    newer: int = 0
    nameless: bool = False


class StagedFile(NamedTuple):
    """A file of Docker's configuration as it should become; ``text`` None removes it."""

    text: Optional[str]
    mode: int = 0o644


class StagedSet(NamedTuple):
    """Configuration that waits to be committed, by path, with what it declares.

    ``declared`` are digests by record key that hold once the set is live; ``unreadable`` says why
    an existing staged set could not be read.
    """

    files: Dict[str, StagedFile] = {}
    declared: Dict[str, str] = {}
    unreadable: str = ""


class Observation(NamedTuple):
    """One look at one host.

    ``daemon`` is None while docker.service or containerd.service is not active; ``daemon_silent``
    says why an active one did not answer. ``commit_cut_off`` tells that a commit was begun and
    never ended. ``carriers`` are mounts by the paths on them; ``project_quota`` tells whether the
    kernel can limit a folder's size on xfs. ``answers`` are by the question's name. ``daemons`` are
    those that are not docker.service's. ``shims`` are looked at where docker.service is active and
    its daemon does not answer. ``run_at_work`` says which other run was changing the host
    meanwhile. ``orphans`` are containers that run without the daemon. ``left_drivers`` are, for
    each path whose carrier is asked for, the graph drivers with a folder in it, should it become
    the data-root; ``roots_to_be`` is what else is there. ``tools`` are those asked for that a
    service would find. ``unit_faults`` are files of units that systemd cannot read, ``reach`` the
    addresses that the host uses.
    """

    system: System
    architecture: str = ""
    files: Dict[str, FileObserved] = {}
    packages: Dict[str, PackageObserved] = {}
    units: Dict[str, UnitObserved] = {}
    daemon: Optional[DaemonObserved] = None
    daemon_silent: str = ""
    applied: Applied = Applied({})
    staged: StagedSet = StagedSet()
    commit_cut_off: bool = False
    data_root: Optional[DataRootObserved] = None
    networks: Tuple[NetworkObserved, ...] = ()
    carriers: Dict[str, MountObserved] = {}
    project_quota: bool = False
    storage: Optional[StorageObserved] = None
    group: Optional[GroupObserved] = None
    kernel: Optional[KernelObserved] = None
    answers: Dict[str, Answer] = {}
    unobserved: Dict[str, str] = {}
    daemons: DaemonsObserved = DaemonsObserved()
    listening: Optional[ListeningObserved] = None
    shims: Optional[Shims] = None
    access: Optional[AccessObserved] = None
    run_at_work: str = ""
    programs: Dict[str, ProgramObserved] = {}
    orphans: Tuple[OrphanObserved, ...] = ()
    named_files: NamedFilesObserved = NamedFilesObserved()
    containerd: ContainerdObserved = ContainerdObserved()
    left_drivers: Dict[str, Tuple[str, ...]] = {}
    roots_to_be: Dict[str, RootToBeObserved] = {}
    tools: Tuple[str, ...] = ()
    first_process: FirstProcessObserved = FirstProcessObserved()
    transaction: TransactionObserved = TransactionObserved()
    unit_faults: Tuple[UnitFaultObserved, ...] = ()
    reach: ReachObserved = ReachObserved()
