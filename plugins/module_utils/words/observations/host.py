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

# Where a question's own files lie while it is asked (hier(7): a mount point that is always there).
VIEW = "/mnt/dockwright"
# The version of the record of what was applied that this Dockwright reads and writes.
RECORD_VERSION = 1
# Where a question's own files lie while it is asked: a name that hides nothing of a host.
VIEW = "/.dockwright"


class Look(NamedTuple):
    """What to look at: planners say it, observers do it.

    ``globs`` are patterns of files, each of which is looked at where it is there; ``networks``
    asks for the host's routes and addresses; ``carried`` are paths, there or not, of which the
    mount that carries them is asked for; ``tools`` are names of programs.
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
    """One package: version with epoch (empty: not installed), ``state`` if not just installed.

    ``held`` tells whether dpkg holds it; rpm's database knows no holds.
    """

    version: str = ""
    state: str = ""
    held: bool = False


class UnitObserved(NamedTuple):
    """One systemd unit, in the words of ``systemctl show``.

    ``main_program`` is the program the main process runs, ``program_replaced`` that the file of
    that name is another by now, or gone; ``arguments`` is its command line and ``started`` when it
    began, in seconds since the epoch; ``starts`` is the program that its files name, and
    ``start_arguments`` what they have after it, as systemd has read them. ``mask_path`` is where a
    mask lies, empty without one.
    ``invocation`` names this one run of the unit (systemd.exec(5), INVOCATION_ID);
    ``needs_daemon_reload`` tells that its files changed since systemd has read them; ``main_pid``
    is the main process, 0 for none. ``job`` is what systemd still has to do with the unit, empty
    without. ``stops_with_it`` are the units that stop, or restart, together with this one;
    ``kill_mode`` says which of its processes its end kills.
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
    """What the running daemon says of itself: ``GET /info``, and the names of what runs.

    ``settings`` are the values it goes by, under the names they have in daemon.json, as far as it
    tells them. ``containers`` and ``images`` count all it has, running or not. ``layers`` is the
    folder in which it keeps image layers.
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
    """What lies in a data-root: images by storage driver, containers, volumes, a swarm's state.

    ``drivers`` are the graph drivers that have a folder there, with images or without;
    ``container_drivers`` counts containers by the storage driver they were made with.
    """

    path: str
    images: Dict[str, int] = {}
    containers: int = 0
    volumes: int = 0
    swarm: bool = False
    drivers: Tuple[str, ...] = ()
    container_drivers: Dict[str, int] = {}


class RootToBeObserved(NamedTuple):
    """What lies in a path that may become the data-root.

    ``is_present`` tells that it leads to the present one. ``remapped`` are its folders that a
    daemon with userns-remap takes for its own.
    """

    is_present: bool = False
    contents: DataRootObserved = DataRootObserved("")
    remapped: Tuple[DataRootObserved, ...] = ()


class NetworkObserved(NamedTuple):
    """A network that this host has an address in or a route to, and by which interface."""

    network: str
    interface: str


class Question(NamedTuple):
    """What to ask the package manager, or dockerd: commands, and the files they need.

    The commands run one after the other, in a view of the host in which nothing they write stays;
    ``files`` are contents by name below the view's own folder, :data:`VIEW`; ``environment`` are
    variables the commands get besides their own. Each command may take ``seconds``; ``offline``
    they have no network.
    """

    commands: Tuple[Tuple[str, ...], ...]
    files: Dict[str, str] = {}
    environment: Dict[str, str] = {}
    seconds: float = 120
    offline: bool = False


class Answer(NamedTuple):
    """How each command of a question ended, and what it printed; ``unasked`` tells why not."""

    statuses: Tuple[int, ...] = ()
    outputs: Tuple[str, ...] = ()
    unasked: str = ""


class FailedSet(NamedTuple):
    """A set of configuration that was tried and taken back: its digest, when, and why."""

    digest: str
    at: str = ""
    reason: str = ""


class ActivationRecord(NamedTuple):
    """What the run of docker.service named ``invocation`` had read when we last activated it.

    ``keys`` are digests of what daemon.json's keys come to, ``text`` is one of daemon.json as it is
    written, ``unit_files`` of the files its unit is made of; ``identity`` is daemon.json's own.
    """

    invocation: str = ""
    keys: Dict[str, str] = {}
    unit_files: Dict[str, str] = {}
    identity: str = ""
    text: str = ""


class Applied(NamedTuple):
    """What Dockwright last applied here: resource and path to the digest of its declaration.

    What it names is ours, on a cloned machine as well. ``trusted`` is false where nothing is
    recorded or the record is another machine's; ``salt`` goes into every digest of a value that
    might be secret. ``lost`` tells what has become of a record that was there, and is whole no
    longer; ``newer`` is the version of one that a newer Dockwright has written. ``nameless`` tells
    that this machine has no id to know its record by (machine-id(5)).
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
    """A file of Docker's configuration as it is to be; ``text`` None means that it goes."""

    text: Optional[str]
    mode: int = 0o644


class StagedSet(NamedTuple):
    """Configuration that waits to be committed, by path, with what is declared by it.

    ``declared`` are digests by record key that hold once the set is live; ``unreadable`` tells
    why a staged set that is there could not be read.
    """

    files: Dict[str, StagedFile] = {}
    declared: Dict[str, str] = {}
    unreadable: str = ""


class Observation(NamedTuple):
    """One look at one host.

    ``daemon`` is None while docker.service or containerd.service is not active; ``daemon_silent``
    tells why an active one did not answer. ``commit_cut_off`` tells that a commit of
    configuration was begun and never ended. ``carriers`` are mounts by the path they carry;
    ``project_quota`` whether the kernel can limit a folder of an xfs. ``answers`` are by the
    question's name. ``daemons`` are those that are not docker.service's. ``shims`` are looked at
    where docker.service's own is active and does not answer. ``run_at_work`` says which other run
    was changing the host meanwhile. ``orphans`` are containers that run without the daemon.
    ``left_drivers`` are the graph drivers that have a folder in each of the paths whose mount is
    asked for, should it become the data-root, and ``roots_to_be`` what else lies there. ``tools``
    are those asked for that a service would find. ``unit_faults`` are files of units that systemd
    cannot read, ``reach`` the addresses that the host has to do with.
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
