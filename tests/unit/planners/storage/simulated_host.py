"""A simulated host with a filesystem under data-root; no part of it is a real host.

It shows itself as an observer would; deeds.py changes it.
"""

from dataclasses import dataclass, field

from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import (
    as_committed,
    plan_host,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.units import (
    DAEMON_GUARD,
    DIRECT_IO_SERVICE,
    mount_unit,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    StorageDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Applied,
    FileObserved,
    Observation,
    StagedSet,
    System,
    UnitObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    FstabLine,
    LoopObserved,
    MountObserved,
    MountPointObserved,
    SignatureObserved,
    StorageObserved,
    VolumeObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.filesystems import (
    FILESYSTEMS,
)

ROLES = ("docker_storage",)


@dataclass(eq=False)
class Volume:
    """A file's inode, or a disk: its size and its contents."""

    kind: str = "file"
    size: int = 0
    allocated: int = 0
    mode: int = 0o600
    owner: int = 0
    type: str = ""
    uuid: str = ""
    label: str = ""
    filesystem_bytes: int = 0
    content: frozenset[str] = frozenset()
    security_context: str = ""
    root_context: str = ""
    is_whole: bool = True


@dataclass(eq=False)
class Loop:
    """A loop device on an inode; one that mount(8) attached goes with its mount."""

    device: str
    volume: Volume
    size: int
    direct_io: bool = False
    goes_with_mount: bool = True
    read_only: bool = False


@dataclass(eq=False)
class Mount:
    """A mount of a volume, by a loop device or a disk; None is somebody else's filesystem."""

    point: str
    volume: Volume | None
    options: list[str] = field(default_factory=lambda: ["rw", "relatime"])


@dataclass(eq=False)
class SeenHost:
    """The parts of a host that concern a filesystem under data-root."""

    declaration: StorageDeclaration
    system: System = field(default_factory=lambda: System("Debian", "13.1", "trixie"))
    volume: Volume | None = None
    unfinished: Volume | None = None
    loops: list[Loop] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    point_kind: str = "directory"
    entries: frozenset[str] = frozenset()
    set_aside: frozenset[str] | None = None
    point_context: str = ""
    fstab: list[FstabLine] = field(default_factory=list)
    files: dict[str, FileObserved] = field(default_factory=dict)
    enabled: set[str] = field(default_factory=set)
    unread: bool = False
    staged: StagedSet = field(default_factory=StagedSet)
    record: dict[str, str] = field(default_factory=dict)
    trusted: bool = True
    tools: set[str] = field(default_factory=set)
    kernel: tuple[str, ...] = ("btrfs", "xfs", "ext4")
    free: int = 100 * 1024**3
    selinux: bool = False
    docker_root: str = "/var/lib/docker"
    docker_active: bool = False
    takes_direct_io: bool = True
    made: int = 0

    @property
    def source(self) -> str:
        return self.declaration.source

    def __repr__(self) -> str:
        return "\n".join(f"  {name}: {value!r}" for name, value in vars(self).items())

    def number(self, volume: Volume | None) -> str:
        """Give the number of a volume's block device; without a volume a foreign one's."""
        if volume is None:
            return "252:99"
        if volume.kind == "device":
            return "252:16"
        return next((f"7:{loop.device[9:]}" for loop in self.loops if loop.volume is volume), "")

    def observe(self) -> Observation:
        """Show the host as observers see it."""
        units = {
            name: UnitObserved(
                "loaded",
                unit_file_state="enabled" if name in self.enabled else "disabled",
                needs_daemon_reload=self.unread and name.endswith(".mount"),
            )
            for name in (mount_unit(self.declaration.mount_point), DIRECT_IO_SERVICE)
        }
        state = "active" if self.docker_active else "inactive"
        units["docker.service"] = UnitObserved(load_state="loaded", active_state=state)
        return Observation(
            self.system,
            files=dict(self.files),
            units=units,
            applied=Applied(digests=dict(self.record), trusted=self.trusted, salt="salt"),
            staged=self.staged,
            storage=self._storage(),
        )

    def _storage(self) -> StorageObserved:
        mounts = [
            MountObserved(
                mount_point=each.point,
                source=f"/dev/{self.number(each.volume)}",
                type=each.volume.type if each.volume else "tmpfs",
                options=tuple(each.options),
                root="/",
                number=self.number(each.volume),
            )
            for each in self.mounts
        ]
        top = self.mounted_here()
        mounted = top.volume if top is not None else None
        entries = self.entries if top is None else mounted.content if mounted else frozenset()
        context = mounted.root_context if mounted is not None else self.point_context
        return StorageObserved(
            volume=self._volume(),
            loops=tuple(self._loop(each) for each in self.loops),
            mounts=tuple(mounts),
            mount_point=MountPointObserved(
                kind="directory" if top is not None else self.point_kind,
                real_path=self.declaration.mount_point,
                entries=tuple(sorted(entries)),
                set_aside=self.set_aside is not None,
                security_context=context,
            ),
            fstab=tuple(self.fstab),
            free=self.free,
            total=100 * 1024**3,
            host_filesystem="ext4",
            filesystems=self.kernel,
            tools=tuple(sorted(self.tools)),
            docker_root=self.docker_root,
            containerd_root="/var/lib/containerd",
            selinux=self.selinux,
        )

    def _volume(self) -> VolumeObserved:
        seen = self.volume
        if seen is None:
            return VolumeObserved(real_path=self.source)
        return VolumeObserved(
            kind=seen.kind,
            real_path=self.source if seen.kind == "file" else "/dev/vdb",
            size=seen.size,
            allocated=seen.allocated,
            mode=seen.mode,
            owner=seen.owner,
            group=seen.owner,
            signature=SignatureObserved(type=seen.type, uuid=seen.uuid, label=seen.label),
            number=self.number(seen) if seen.kind == "device" else "",
            filesystem_bytes=seen.filesystem_bytes if seen.type in FILESYSTEMS else 0,
            security_context=seen.security_context,
            half_made=not seen.is_whole,
        )

    def _loop(self, loop: Loop) -> LoopObserved:
        current = loop.volume is self.volume
        return LoopObserved(
            device=loop.device,
            number=f"7:{loop.device[9:]}",
            backing_file=self.source + ("" if current else " (deleted)"),
            current=current,
            size=loop.size,
            read_only=loop.read_only,
            direct_io=loop.direct_io,
        )

    def mounted_here(self) -> Mount | None:
        """Give the topmost mount on the mount point."""
        here = [each for each in self.mounts if each.point == self.declaration.mount_point]
        return here[-1] if here else None

    def guard(self) -> str:
        """Give the text of Docker's guard once what is staged is live."""
        return as_committed(self.observe()).files[DAEMON_GUARD].text

    def plan(self, committed: bool = False) -> Plan:
        """Plan the role, as the host is, or with what is staged taken for live."""
        observed = self.observe()
        declared = Declaration(storage=self.declaration)
        return plan_host(declared, as_committed(observed) if committed else observed, ROLES)
