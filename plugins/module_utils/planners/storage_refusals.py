# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever could lose data under data-root, or end in a mount that is not the declared one."""

from typing import Iterator, NamedTuple, Optional

from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.filesystems import Filesystem
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    SET_ASIDE,
    Applied,
    LoopObserved,
    Observation,
    StorageObserved,
    UnitObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.comparison import record_key
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage_state import (
    FILE,
    GIBIBYTE,
    MOVING,
    current_loops,
    file_at,
    fstab_lines,
    in_words,
    is_absent,
    is_in_place,
    is_ours,
    is_recorded,
    is_said_by,
    is_unfinished,
    is_unused,
    lost_loops,
    mounted,
    mounts_here,
    needs_mkfs,
    numbers_of,
    one,
    wanted_bytes,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage_units import (
    is_under,
    is_written_by_us,
    mount_unit,
    mount_unit_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.storage_declaration import (
    BLOCK,
    StorageDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)

MOVE = "docker_storage_adopt_existing"
_DAEMON, _RUNTIME = "docker.service", "containerd.service"
_SIZE = "docker_storage_size"
_FEW = 3


class Case(NamedTuple):
    """What is judged: the declaration, the look at the host, and the filesystem it comes to."""

    declaration: StorageDeclaration
    system: SupportedSystem
    observed: Observation
    seen: StorageObserved
    filesystem: Filesystem

    @property
    def applied(self) -> Applied:
        """The record of what was applied."""
        return self.observed.applied

    @property
    def in_place(self) -> bool:
        """Whether the host has this volume on this mount point already."""
        file = file_at(self.observed, mount_unit_path(self.declaration.mount_point))
        return is_in_place(self.declaration, self.seen, file.text)


def refusals(case: Case) -> Iterator[Refusal]:
    """Everything that stands against the declared filesystem, the nearest cause first."""
    found = [each for each in _of_the_volume(case) if each is not None]
    yield from found
    if found:
        return
    for judge in (
        _of_users,
        _of_the_ground,
        _of_the_mount_point,
        _of_fstab,
        _of_signature,
        _of_size,
    ):
        yield from (each for each in judge(case) if each is not None)


def absence_refusals(case: Case) -> Iterator[Refusal]:
    """What stands against taking the filesystem away."""
    declaration, seen = case.declaration, case.seen
    here = mounts_here(declaration, seen)
    in_use = [each for each in _roots_on_it(case) if here]
    yield from in_use
    if in_use:
        return
    yield from (each for each in _of_users(case) if each is not None)
    for mount in here:
        if not is_ours(mount, seen):
            yield _foreign_mount(case, mount.source, mount.type)
    yield from (each for each in (_data(case),) if each is not None)


def _roots_on_it(case: Case) -> Iterator[Refusal]:
    """Name what Docker and containerd keep on the mount point."""
    seen, point = case.seen, case.declaration.mount_point
    for unit, root, whose, remedy in (
        (
            _DAEMON,
            seen.docker_root,
            "Docker's data-root",
            "Give docker_daemon_config another data-root first, and apply that.",
        ),
        (
            _RUNTIME,
            seen.containerd_root,
            "containerd's root",
            "Give containerd another root first, and restart it.",
        ),
    ):
        is_there = case.observed.units.get(unit, UnitObserved()).load_state != "not-found"
        if is_there and is_under(root, point):
            yield Refusal(
                "docker_storage_state is absent, and %s, %s, lies on %s." % (whose, root, point),
                remedy,
            )


def host_reserve(declaration: StorageDeclaration, seen: StorageObserved) -> int:
    """The bytes that stay free on the filesystem under the backing file."""
    if declaration.host_reserve is not None:
        return declaration.host_reserve
    return max(GIBIBYTE, seen.total // 20)


def _of_the_volume(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen = case.declaration, case.seen
    source, volume = declaration.source, seen.volume
    yield _incapable(case)
    if volume.kind == "link" or (declaration.file and volume.real_path != declaration.file):
        yield Refusal(
            "docker_storage_file is %s, and a symbolic link on the way leads to %s."
            % (source, volume.real_path),
            "Declare that path itself; systemd mounts and orders by paths without links.",
        )
    elif declaration.file and volume.kind not in ("absent", "file"):
        what = "a block device" if volume.kind == "device" else _a(volume.kind)
        hint = " Declare it as docker_storage_device." if volume.kind == "device" else ""
        yield Refusal("%s is %s, not a file." % (source, what), "It was left alone.%s" % hint)
    elif declaration.device and volume.kind != "device":
        what = "is not there" if volume.kind == "absent" else "is %s" % _a(volume.kind)
        yield Refusal(
            "docker_storage_device is %s, which %s." % (source, what),
            "Attach the disk, or name the one that is: `ls -l /dev/disk/by-id`.",
        )
    point = seen.mount_point
    if point.kind not in ("absent", "directory", "link"):
        yield Refusal(
            "%s is %s, not a folder to mount on." % (declaration.mount_point, _a(point.kind)),
            "It was left alone. Move it away, or declare another docker_storage_mount_point.",
        )
    elif point.kind == "link" or point.real_path != declaration.mount_point:
        yield Refusal(
            "docker_storage_mount_point is %s, and a symbolic link on the way leads to %s."
            % (declaration.mount_point, point.real_path),
            "Declare that path itself; systemd takes no mount point with a link in it.",
        )
    for variable, name, number in (
        ("docker_storage_file_owner", declaration.file_owner, seen.owner),
        ("docker_storage_file_group", declaration.file_group, seen.group),
    ):
        if declaration.file and number is None:
            yield Refusal(
                "%s is %s, and this host knows no such name." % (variable, name),
                "Create it first, or declare another.",
            )


def _incapable(case: Case) -> Optional[Refusal]:
    name, able = case.filesystem.name, case.system.filesystems
    here = [each for each in able if each in case.seen.filesystems]
    if name not in able:
        return Refusal(
            "docker_storage_filesystem is %s, and this host is %s: its kernels have no %s, and "
            "Docker's packages for it are built without that driver."
            % (name, case.system.name, name),
            "Set it to xfs, or to auto, which is xfs here.",
        )
    if name not in case.seen.filesystems:
        return Refusal(
            "the kernel of this host has no %s, neither built in nor as a module." % name,
            "Set docker_storage_filesystem to %s."
            % (" or ".join(each for each in here if each != name) or "one that it has"),
        )
    return None


def _of_users(case: Case) -> Iterator[Optional[Refusal]]:
    """Somebody else's use of the same volume, or of a file that had its name."""
    declaration, seen = case.declaration, case.seen
    numbers = numbers_of(seen)
    for mount in seen.mounts:
        # A part that is bound elsewhere, as dockerd does with its own folders, is no use of it.
        places = (declaration.mount_point, MOVING)
        elsewhere = mount.root == "/" and not any(is_under(mount.mount_point, p) for p in places)
        if elsewhere and mount.number in numbers:
            yield Refusal(
                "%s is mounted on %s as well." % (declaration.source, mount.mount_point),
                "One volume has one place: unmount it there, or declare that mount point.",
            )
    loops = current_loops(seen)
    if len(loops) > 1:
        yield Refusal(
            "%s is attached to %s." % (declaration.file, ", ".join(loop.device for loop in loops)),
            "Two devices on one file corrupt it: detach all but the one that is in use "
            "(`losetup --detach`).",
        )
    for loop in loops:
        yield _unfit_loop(declaration, loop)
    for loop in lost_loops(declaration, seen):
        yield _lost_file(case, loop)
    if seen.volume.holders:
        yield Refusal(
            "%s is in use by %s." % (declaration.source, ", ".join(seen.volume.holders)),
            "It was left alone. Declare a device or a file that nobody uses.",
        )


def _unfit_loop(declaration: StorageDeclaration, loop: LoopObserved) -> Optional[Refusal]:
    how = ""
    if loop.holders:
        how = "and %s is made of that" % ", ".join(loop.holders)
    elif loop.read_only:
        how = "read-only"
    elif loop.offset or loop.size_limit:
        how = "in part (from byte %d, %s)" % (
            loop.offset,
            "%d bytes" % loop.size_limit if loop.size_limit else "to its end",
        )
    if not how:
        return None
    return Refusal(
        "%s is attached to %s %s." % (declaration.file, loop.device, how),
        "Somebody uses it in another way: detach it (`losetup --detach %s`), or declare another "
        "file." % loop.device,
    )


def _lost_file(case: Case, loop: LoopObserved) -> Refusal:
    """The data is in a file without a name, and ends with the last use of its loop device."""
    file = case.declaration.file
    return Refusal(
        "%s is attached to %s, which was deleted or replaced while in use: what is in it is lost "
        "once it is detached." % (loop.device, loop.backing_file),
        "Bring it back before anything else: stop Docker, `mount -o remount,ro %s`, copy %s to a "
        "file with `dd`, unmount, and put that file in the place of %s."
        % (case.declaration.mount_point, loop.device, file or "the one that is gone"),
    )


def _of_the_ground(case: Case) -> Iterator[Optional[Refusal]]:
    """A disk that should be there: without it, all of this would end on the one under it."""
    declaration, seen = case.declaration, case.seen
    for line in seen.fstab:
        ground = line.mount_point.rstrip("/")
        carries = [
            path
            for path in (declaration.file, declaration.mount_point)
            if path and ground and path.startswith(ground + "/")
        ]
        if carries and ground not in seen.above and "noauto" not in line.options:
            yield Refusal(
                "%s lies on %s, on which line %d of /etc/fstab mounts %s, and that is not mounted."
                % (carries[0], ground, line.number, line.source),
                "Mount it first: `mount %s`." % ground,
            )


def _of_the_mount_point(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen = case.declaration, case.seen
    unit = case.observed.units.get(mount_unit(declaration.mount_point), UnitObserved())
    if unit.mask_path:
        yield Refusal(
            "%s is masked by %s." % (mount_unit(declaration.mount_point), unit.mask_path),
            "Somebody keeps it from being mounted. Find out why, then run `systemctl unmask`.",
        )
    yield from _of_units(case)
    here = mounts_here(declaration, seen)
    lost = [loop.number for loop in lost_loops(declaration, seen)]
    for mount in here:
        if not is_ours(mount, seen) and mount.number not in lost:
            yield _foreign_mount(case, mount.source, mount.type)
    point = seen.mount_point
    if here and point.copying:
        yield Refusal(
            "what is mounted on %s is a copy that was never finished." % declaration.mount_point,
            "Unmount it; what was there before lies under it. Then run this again.",
        )
        return
    if point.set_aside and (here or not point.entries) and not _has_the_copy(case):
        yield Refusal(
            "%s holds what was in %s before, and nobody knows of a copy of it in %s."
            % (declaration.mount_point + SET_ASIDE, declaration.mount_point, declaration.source),
            "Nothing of it is removed: move it back, or away if it is not wanted.",
        )
    if here or not point.entries:
        return
    names = ", ".join(point.entries)
    at_work = list(_at_work(case))
    if declaration.adopt_existing != "move":
        yield Refusal(
            "%s is not empty (%s), and a mount would hide what is in it."
            % (declaration.mount_point, names),
            "Move it away, or set %s to move, which moves it into the new filesystem." % MOVE,
            MOVE,
        )
    elif point.set_aside:
        yield Refusal(
            "%s was moved to %s before, and is not empty again (%s)."
            % (declaration.mount_point, declaration.mount_point + SET_ASIDE, names),
            "Both may hold what is wanted: keep one of them, and remove the other.",
        )
    elif _was_in_use(case):
        yield Refusal(
            "%s is not empty (%s), and %s, which was mounted on it before, is not either."
            % (declaration.mount_point, names, declaration.source),
            "Only into a new filesystem is anything moved: move it away by hand.",
        )
    elif at_work:
        yield Refusal(
            "%s is to be moved (%s), and %s is at work in it."
            % (declaration.mount_point, names, " and ".join(at_work)),
            "Stop it first: `systemctl stop %s`." % " ".join(at_work),
        )
    elif seen.below:
        yield Refusal(
            "%s is to be moved, and something is mounted inside of it: %s."
            % (declaration.mount_point, ", ".join(seen.below[:_FEW])),
            "Unmount that first, containers that still run included.",
        )
    elif point.subvolumes:
        yield Refusal(
            "%s is to be moved, and Docker's btrfs driver has layers in it, which are subvolumes."
            % declaration.mount_point,
            "They cannot be copied. Move it away by hand, and pull the images anew.",
        )


def _at_work(case: Case) -> Iterator[str]:
    """Name the units that may write to the mount point, or be woken to do so."""
    seen, point = case.seen, case.declaration.mount_point
    for names, root in (
        (("docker.socket", _DAEMON), seen.docker_root),
        ((_RUNTIME,), seen.containerd_root),
    ):
        for name in names if is_under(root, point) else ():
            state = case.observed.units.get(name, UnitObserved()).active_state
            if state not in ("inactive", "failed"):
                yield name


def _of_units(case: Case) -> Iterator[Refusal]:
    """Somebody else's unit for the mount point, and what overrides ours."""
    declaration, path = case.declaration, mount_unit_path(case.declaration.mount_point)
    file = file_at(case.observed, path)
    others = file.kind == "file" and not is_written_by_us(file.text)
    if others and mounted(declaration, case.seen) is None and not case.in_place:
        yield Refusal(
            "%s, which is not Dockwright's, mounts something else than %s on %s."
            % (path, declaration.source, declaration.mount_point),
            "Remove it, or declare another docker_storage_mount_point.",
        )
    for name, drop_in in case.observed.files.items():
        if name.startswith(path + ".d/") and drop_in.kind != "absent":
            yield Refusal(
                "%s, which is not Dockwright's, overrides the mount unit." % name,
                "Declare what it says in docker_storage_mount_options, and remove it.",
            )


def _was_in_use(case: Case) -> bool:
    """Whether the filesystem is another than one we have made and never had in its place."""
    if needs_mkfs(case.applied, case.seen):
        return False
    return not is_unused(case.applied, case.seen.volume.signature.uuid)


def _has_the_copy(case: Case) -> bool:
    """Whether what was set aside was copied into this filesystem: it is one of ours, and made."""
    if needs_mkfs(case.applied, case.seen):
        return False
    return is_recorded(case.applied, case.seen.volume.signature.uuid)


def _foreign_mount(case: Case, source: str, kind: str) -> Refusal:
    return Refusal(
        "%s is already mounted, from %s (%s), not from %s."
        % (case.declaration.mount_point, source, kind, case.declaration.source),
        "Unmount that, or declare another docker_storage_mount_point.",
    )


def _of_fstab(case: Case) -> Iterator[Optional[Refusal]]:
    for line in fstab_lines(case.declaration, case.seen)[1]:
        yield Refusal(
            "line %d of /etc/fstab mounts %s on %s, which is in the way of %s on %s."
            % (
                line.number,
                line.source,
                line.mount_point,
                case.declaration.source,
                case.declaration.mount_point,
            ),
            "Take that line out, or declare what it says.",
        )


def _of_signature(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen, wanted = case.declaration, case.seen, case.filesystem.name
    signature, source = seen.volume.signature, declaration.source
    unit = file_at(case.observed, mount_unit_path(declaration.mount_point)).text
    was_here = record_key(FILE, source) in case.applied.digests or is_said_by(unit, source)
    if seen.volume.kind == "device" and not signature.type and not signature.unreadable:
        if was_here and not declaration.recreate:
            yield Refusal(
                "%s had a filesystem, and none is found on it now." % source,
                "Have it repaired (a backup superblock may be whole), or set "
                "docker_storage_recreate to begin with an empty one.",
                "docker_storage_recreate",
            )
        elif not seen.volume.blank:
            yield Refusal(
                "%s has no signature that is known, and is not blank." % source,
                "It may be used as it is, by a database or for encryption. If nothing on it is "
                "wanted, fill its first 4 MiB and its last with zeros.",
            )
        return
    if is_absent(seen):
        if was_here and not declaration.recreate and not lost_loops(declaration, seen):
            yield Refusal(
                "%s was here, with a filesystem in it, and is gone." % source,
                "Put it back, or set docker_storage_recreate to begin with an empty one.",
                "docker_storage_recreate",
            )
        return
    if signature.unreadable:
        return
    if not signature.type and seen.volume.kind == "file":
        yield Refusal(
            "%s is a file of %s in which no filesystem is found, and it is not known to be empty."
            % (source, in_words(seen.volume.size)),
            "Remove it if it is; Dockwright makes one of its own.",
        )
    elif signature.type and signature.type != wanted and not is_unfinished(case.applied, seen):
        yield Refusal(
            "%s holds %s%s, and %s is declared."
            % (source, one(signature.type), _named(signature.uuid), one(wanted)),
            "Nothing is formatted over it. Declare docker_storage_filesystem: %s if it is what is "
            "wanted, or another file or device." % signature.type
            if signature.type in case.system.filesystems
            else "Nothing is formatted over it. Declare another file or device.",
        )
    elif (
        signature.type
        and not is_recorded(case.applied, signature.uuid)
        and not case.in_place
        and not declaration.adopt_filesystem
    ):
        yield Refusal(
            "%s holds %s%s that Dockwright has not made."
            % (source, one(signature.type), _named(signature.uuid)),
            "Set docker_storage_adopt_filesystem to use it with what is in it, or declare another "
            "file or device.",
            "docker_storage_adopt_filesystem",
        )


def _of_size(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen = case.declaration, case.seen
    volume, size = seen.volume, wanted_bytes(case.declaration, seen)
    if size < case.filesystem.minimum:
        yield Refusal(
            "%s is to be %s, and the smallest %s takes %s."
            % (declaration.source, in_words(size), case.filesystem.name, _least(case)),
            "Set %s to more." % _SIZE if declaration.file else "Declare a larger device.",
        )
        return
    if not declaration.file:
        return
    # A size that was made in powers of 1000 is no whole number of blocks.
    if volume.kind == "file" and volume.size >= size + BLOCK:
        yield Refusal(
            "%s has %s, and %s is %s: nothing is ever cut off."
            % (declaration.file, in_words(volume.size), _SIZE, in_words(size)),
            "Set %s to %s." % (_SIZE, _declarable(volume.size)),
        )
        return
    needed = size - (volume.allocated if volume.kind == "file" else 0)
    grows = is_absent(seen) or volume.size < size
    reserve = host_reserve(declaration, seen)
    # What a making that was cut off has left goes before anything else is made.
    free = seen.free + volume.leftover
    if (declaration.allocation == "full" or grows) and needed > max(0, free - reserve):
        yield Refusal(
            "%s takes another %s, and of the %s that are free around it %s stay in reserve."
            % (declaration.file, in_words(needed), in_words(free), in_words(reserve)),
            "Make room, set %s to less, or docker_storage_host_reserve." % _SIZE,
            "docker_storage_host_reserve",
        )


def _data(case: Case) -> Optional[Refusal]:
    declaration, seen = case.declaration, case.seen
    if not declaration.file or is_absent(seen):
        return None
    if not case.in_place and not is_recorded(case.applied, seen.volume.signature.uuid):
        return Refusal(
            "docker_storage_state is absent, and %s is a file that Dockwright has not made."
            % declaration.file,
            "It was left alone. Remove it by hand, if it is to go.",
        )
    consent = "docker_storage_allow_data_removal"
    remedy = "Set %s to delete it." % consent
    if declaration.allow_data_removal:
        return None
    if mounted(declaration, seen) is None:
        found = "%s is not mounted, so nobody knows what is in it." % declaration.file
        return Refusal(found, remedy, consent)
    if not seen.mount_point.entries:
        return None
    names = ", ".join(seen.mount_point.entries)
    return Refusal("%s is not empty (%s)." % (declaration.mount_point, names), remedy, consent)


def _a(kind: str) -> str:
    """Say what kind of thing a path is."""
    return "something else" if kind == "other" else "a %s" % kind


def _named(uuid: str) -> str:
    return " (%s)" % uuid if uuid else ""


def _least(case: Case) -> str:
    return "%d bytes" % case.filesystem.minimum


def _declarable(size: int) -> str:
    """Write a size as docker_storage_size takes it."""
    return "%dG" % (size // GIBIBYTE) if size % GIBIBYTE == 0 else str(size)
