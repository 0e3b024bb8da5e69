"""Change a simulated host: this simulates the appliers, and Linux under them.

A plan's differences are carried out by resource, in order, in small deeds after any of which a run
may be killed. What would lose data fails here: formatting over contents, removing the only copy of
what was set aside, clearing something that was in use.
"""

import copy
from collections.abc import Iterator

from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.plan import (
    is_answered_for,
    stage_storage,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.state import (
    MADE,
    MOVING,
    USED,
    filesystem_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.unit_steps import (
    REFUSED,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.units import (
    DIRECT_IO_PATH,
    DIRECT_IO_SERVICE,
    mount_unit_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.words import resources
from ansible_collections.dockwright.host.plugins.module_utils.words.declared import (
    UNKNOWN,
    record_key,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import (
    Difference,
    Plan,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    FileObserved,
    StagedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    SET_ASIDE,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.filesystems import (
    FILESYSTEMS,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
    find_supported,
)

from tests.unit.planners.storage.simulated_host import Loop, Mount, SeenHost, Volume

TIMES = ("noatime", "relatime")


class Host(SeenHost):
    """A host on which a plan can be carried out."""

    def run(self, plan: Plan, deeds: int | None = None) -> int:
        """Carry a plan out, or only its first deeds, as if then killed; give how many there were.

        Only a run that reaches its end looks again and records what is declared.
        """
        done = 0
        for difference in plan.differences:
            for _deed in self.carry_out(difference):
                done += 1
                if done == deeds:
                    return done
        self._stage()
        self._record({record_key(e.resource, e.path): e.digest for e in self.plan(True).declared})
        return done

    def _stage(self) -> None:
        staged = stage_storage(self.declaration, self.observe())
        others = {p: file for p, file in self.staged.files.items() if not is_answered_for(p)}
        self.staged = StagedSet({**others, **staged.files}, staged.declared)

    def _record(self, digests: dict[str, str]) -> None:
        if not self.trusted:
            self.record, self.trusted = dict.fromkeys(self.record, UNKNOWN), True
        resources = {key.split(" ")[0] for key in digests}
        kept = {k: v for k, v in self.record.items() if k.split(" ")[0] not in resources}
        self.record = {**kept, **digests}

    def _record_use(self) -> None:
        if self.volume is not None and self.volume.uuid:
            self._record({record_key(resources.STORAGE_SIGNATURE, self.volume.uuid): USED})

    def carry_out(self, difference: Difference) -> Iterator[None]:
        """Carry out a difference; what is done between two yields is done at once."""
        yield from getattr(self, "_" + difference.resource.replace(".", "_"))(difference)
        yield

    def _storage_tools(self, difference: Difference) -> Iterator[None]:
        for each in FILESYSTEMS.values():
            if each.package == difference.path:
                self.tools |= set(each.tools)
        yield

    def _storage_file(self, difference: Difference) -> Iterator[None]:
        if not difference.expected:
            self.volume = None
            return
        size = self.declaration.size
        full = self.declaration.allocation == "full"
        self.unfinished = Volume("file", size, size if full else 0, self.declaration.file_mode)
        yield

    def _storage_filesystem(self, _difference: Difference) -> Iterator[None]:
        target = self.unfinished if self.declaration.file else self.volume
        assert target is not None
        key = record_key(resources.STORAGE_SIGNATURE, target.uuid)
        assert not target.type or (target.kind == "device" and self.record.get(key) == "")
        assert not target.content
        system = find_supported(self.system.distribution, self.system.version)
        assert system is not None
        kind = filesystem_of(self.declaration, system, self._storage())
        assert kind.name in self.kernel
        assert set(kind.tools) <= self.tools
        self.made += 1
        uuid = f"made-{self.made}"
        digests = self.record if self.trusted else dict.fromkeys(self.record, UNKNOWN)
        self.record, self.trusted = (
            {**digests, record_key(resources.STORAGE_SIGNATURE, uuid): ""},
            True,
        )
        yield
        target.type, target.uuid, target.label = kind.name, uuid, ""
        target.root_context, target.is_whole = "", False
        yield
        target.label, target.filesystem_bytes = self.declaration.label, target.size
        target.is_whole = True
        yield
        self.volume, self.unfinished = target, None
        yield
        self._record({record_key(resources.STORAGE_SIGNATURE, uuid): MADE})

    def _storage_size(self, _difference: Difference) -> Iterator[None]:
        assert self.volume is not None
        if self.declaration.allocation == "full":
            self.volume.size = max(self.volume.size, self.declaration.size)
            self.volume.allocated = self.volume.size
        elif self.volume.size < self.declaration.size:
            self.volume.size = self.declaration.size
        yield

    _storage_allocation = _storage_size

    def _storage_ownership(self, _difference: Difference) -> Iterator[None]:
        assert self.volume is not None
        self.volume.owner = 0
        yield
        self.volume.mode = self.declaration.file_mode

    def _storage_unit(self, difference: Difference) -> Iterator[None]:
        path = difference.path
        if not difference.expected:
            self.enabled.discard(path.split("/")[-1])
            yield
            self.files.pop(path)
        elif difference.actual != "not read":
            self._record_use()
            yield
            self.files[path] = FileObserved(kind="file", text=difference.expected, mode=0o644)
            self.unread = True
        yield
        self.unread = False

    _storage_direct_io_unit = _storage_unit

    def _storage_enabled(self, difference: Difference) -> Iterator[None]:
        self.enabled.add(difference.path)
        yield

    def _storage_fstab(self, difference: Difference) -> Iterator[None]:
        self.fstab = [line for line in self.fstab if line.text != difference.actual]
        yield

    def _storage_content(self, _difference: Difference) -> Iterator[None]:
        volume = self.volume
        assert volume is not None
        assert volume.is_whole
        # Only the rest of a cut-off copy is deleted.
        assert volume.content <= {f"copy of {each}" for each in self.entries}
        self.mounts = [each for each in self.mounts if each.point != MOVING]
        self._mount(MOVING, volume)
        volume.content = frozenset()
        yield
        volume.content = frozenset(f"copy of {each}" for each in sorted(self.entries)[:1])
        yield
        volume.content = frozenset(f"copy of {each}" for each in self.entries)
        yield
        self._unmount(MOVING)
        yield
        self.set_aside, self.entries, self.point_kind = self.entries, frozenset(), "absent"
        yield
        self.point_kind = "directory"

    def _storage_mount(self, difference: Difference) -> Iterator[None]:
        if not difference.expected:
            self._unmount(difference.path)
            return
        volume, unit = self.volume, self.files[mount_unit_path(difference.path)].text
        assert f"\nWhat={self.source}\n" in unit
        assert not self.unread
        assert volume is not None
        assert volume.is_whole
        assert f"\nType={volume.type}\n" in unit
        assert not self.entries
        self._record_use()
        yield
        self.point_kind = "directory"
        yield
        (options,) = (line for line in unit.splitlines() if line.startswith("Options="))
        self._mount(difference.path, volume, options[len("Options=") :].split(","))
        if DIRECT_IO_PATH in self.files and DIRECT_IO_SERVICE in self.enabled:
            for loop in self.loops:
                loop.direct_io = loop.direct_io or self.takes_direct_io

    def _mount(self, point: str, volume: Volume, said: list[str] | None = None) -> None:
        if volume.kind == "file" and not self.number(volume):
            taken = {loop.device for loop in self.loops}
            device = next(f"/dev/loop{n}" for n in range(9) if f"/dev/loop{n}" not in taken)
            self.loops.append(Loop(device, volume, volume.size))
        self.mounts.append(Mount(point, volume))
        self._tell(self.mounts[-1], said or [])

    def _tell(self, mount: Mount, said: list[str]) -> None:
        """Have a mount show its options as Linux does: a time option stays until another is set."""
        time = [each for each in said if each in TIMES] or [
            each for each in mount.options if each in TIMES
        ]
        mount.options = ["ro" if "ro" in said else "rw", time[-1]]
        mount.options += [each for each in said if each == "discard"]

    def _unmount(self, point: str) -> None:
        mount = next(each for each in reversed(self.mounts) if each.point == point)
        self.mounts.remove(mount)
        used = [each.volume for each in self.mounts]
        self.loops = [
            loop
            for loop in self.loops
            if not loop.goes_with_mount or loop.volume is not mount.volume or loop.volume in used
        ]

    def _storage_moved(self, difference: Difference) -> Iterator[None]:
        assert difference.path == self.declaration.mount_point + SET_ASIDE
        mount = self.mounted_here()
        assert mount is not None
        assert mount.volume is self.volume
        assert self.set_aside is not None
        copies = {f"copy of {each}" for each in self.set_aside}
        assert copies <= (mount.volume.content if mount.volume else frozenset())
        self.set_aside = None
        yield

    def _storage_capacity(self, difference: Difference) -> Iterator[None]:
        if difference.expected:
            for loop in self.loops:
                if loop.device == difference.path:
                    loop.size = loop.volume.size
        else:
            self.loops = [loop for loop in self.loops if loop.device != difference.path]
        yield

    def _storage_filesystem_size(self, _difference: Difference) -> Iterator[None]:
        mount, volume = self.mounted_here(), self.volume
        assert mount is not None
        assert volume is not None
        assert mount.volume is volume
        sizes = [loop.size for loop in self.loops if loop.volume is volume] or [volume.size]
        assert sizes[0] >= volume.filesystem_bytes
        volume.filesystem_bytes = sizes[0]
        yield

    def _storage_label(self, difference: Difference) -> Iterator[None]:
        assert self.volume is not None
        assert self.mounted_here() is not None
        self.volume.label = difference.expected
        yield

    def _storage_options(self, difference: Difference) -> Iterator[None]:
        mount = self.mounted_here()
        assert mount is not None
        self._tell(mount, difference.expected.split(","))
        yield

    def _storage_direct_io(self, difference: Difference) -> Iterator[None]:
        for loop in self.loops:
            if loop.volume is self.volume and (
                self.takes_direct_io or difference.expected == "off"
            ):
                loop.direct_io = difference.expected == "on"
        yield
        if difference.expected == "on" and not self.takes_direct_io:
            self._record({record_key("storage.direct_io", self.source): REFUSED})

    def _storage_label_of_policy(self, difference: Difference) -> Iterator[None]:
        assert self.volume is not None
        context = f"system_u:object_r:{difference.expected}:s0"
        if difference.path == self.source:
            self.volume.security_context = context
        else:
            self.volume.root_context = context
        yield

    def _storage_guard(self, _difference: Difference) -> Iterator[None]:
        yield

    _storage_staged = _storage_guard

    def copied(self) -> "Host":
        """Give an independent host in the same state."""
        return copy.deepcopy(self)
