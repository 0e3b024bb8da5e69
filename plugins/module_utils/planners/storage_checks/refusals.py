# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse what could lose data under data-root, or end in another mount than the declared one."""

from typing import Iterator, Optional

from ...words.declarations.storage import StorageDeclaration
from ...words.difference import Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import UnitObserved
from ...words.observations.storage import LoopObserved
from ..storage.case import Case
from ..storage.state import (
    MOVING,
    current_loops,
    fstab_lines,
    is_ours,
    lost_loops,
    mounts_here,
    numbers_of,
    with_article,
)
from ..storage.units import is_under
from .data import data_refusal, signature_refusals, size_refusals
from .faults import fault_refusals
from .ground import ground_refusals
from .mount_point import foreign_mount, mount_point_refusals
from .room import room_refusals


def refusals(case: Case) -> Iterator[Refusal]:
    """Give all that prevents the declared filesystem, the nearest cause first."""
    found = list(fault_refusals(case))
    # If nobody can look into the mount point, nothing else is known.
    if not case.seen.mount_point.unreadable:
        found.extend(each for each in _of_the_volume(case) if each is not None)
    yield from found
    if found:
        return
    for judge in (
        _of_users,
        _of_the_ground,
        ground_refusals,
        mount_point_refusals,
        room_refusals,
        _of_fstab,
        signature_refusals,
        size_refusals,
    ):
        yield from (each for each in judge(case) if each is not None)


def absence_refusals(case: Case) -> Iterator[Refusal]:
    """Give what prevents taking the filesystem away."""
    declaration, seen = case.declaration, case.seen
    here = mounts_here(declaration, seen)
    in_use = [each for each in _roots_on_it(case) if here]
    yield from in_use
    if in_use:
        return
    yield from (each for each in _of_users(case) if each is not None)
    for mount in here:
        if not is_ours(mount, seen):
            yield foreign_mount(case, mount.source, mount.type)
    yield from (each for each in (data_refusal(case),) if each is not None)


def _roots_on_it(case: Case) -> Iterator[Refusal]:
    """Name what Docker and containerd keep on the mount point."""
    seen, point = case.seen, case.declaration.mount_point
    running = case.observed.containerd.running_root
    for unit, root, whose, remedy in (
        (
            DOCKER_SERVICE,
            seen.docker_root,
            "Docker's data-root",
            "Give docker_daemon_config another data-root first, and apply that without "
            "docker_storage_file or docker_storage_device.",
        ),
        (
            CONTAINERD_SERVICE,
            running if is_under(running, point) else seen.containerd_root,
            "containerd's root",
            "Give containerd another root first, and restart it.",
        ),
    ):
        is_there = case.observed.units.get(unit, UnitObserved()).load_state != "not-found"
        if is_there and is_under(root, point):
            yield Refusal(
                found="docker_storage_state is absent, and %s, %s, lies on %s."
                % (whose, root, point),
                remedy=remedy,
            )


def _of_the_volume(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen = case.declaration, case.seen
    source, volume = declaration.source, seen.volume
    yield _incapable(case)
    if volume.kind == "link" or (declaration.file and volume.real_path != declaration.file):
        yield Refusal(
            found="docker_storage_file is %s, and a symbolic link on the way leads to %s."
            % (source, volume.real_path),
            remedy="Declare that path itself; systemd mounts and orders by paths without links.",
        )
    elif declaration.file and volume.kind not in ("absent", "file"):
        what = "a block device" if volume.kind == "device" else with_article(volume.kind)
        cure = "Move it away, or declare another docker_storage_file."
        if volume.kind == "device":
            cure = "Declare it as docker_storage_device."
        yield Refusal(
            found="%s is %s, not a file." % (source, what), remedy="It was left alone. %s" % cure
        )
    elif declaration.device and volume.kind != "device":
        what = "is not there" if volume.kind == "absent" else "is %s" % with_article(volume.kind)
        yield Refusal(
            found="docker_storage_device is %s, which %s." % (source, what),
            remedy="Attach the disk, or name the one that is: `ls -l /dev/disk/by-id`.",
        )
    point = seen.mount_point
    if point.kind not in ("absent", "directory", "link"):
        yield Refusal(
            found="%s is %s, not a folder to mount on."
            % (declaration.mount_point, with_article(point.kind)),
            remedy="It was left alone. Move it away, or declare another docker_storage_mount_point."
            "",
        )
    elif point.kind == "link" or point.real_path != declaration.mount_point:
        yield Refusal(
            found="docker_storage_mount_point is %s, and a symbolic link on the way leads to %s."
            % (declaration.mount_point, point.real_path),
            remedy="Declare that path itself; systemd takes no mount point with a link in it.",
        )
    for variable, name, number in (
        ("docker_storage_file_owner", declaration.file_owner, seen.owner),
        ("docker_storage_file_group", declaration.file_group, seen.group),
    ):
        if declaration.file and number is None:
            yield Refusal(
                found="%s is %s, and this host knows no such name." % (variable, name),
                remedy="Create it first, or declare another.",
            )


def _incapable(case: Case) -> Optional[Refusal]:
    name, able = case.filesystem.name, case.system.filesystems
    here = [each for each in able if each in case.seen.filesystems]
    if name not in able:
        return Refusal(
            found="docker_storage_filesystem is %s, and this host is %s: its kernels have no %s, "
            "and Docker's packages for it are built without that driver."
            % (name, case.system.name, name),
            remedy="Set it to xfs, or to auto, which is xfs here.",
        )
    if name not in case.seen.filesystems:
        return Refusal(
            found="the kernel of this host has no %s, neither built in nor as a module." % name,
            remedy="Set docker_storage_filesystem to %s."
            % (" or ".join(each for each in here if each != name) or "one that it has"),
        )
    return None


def _of_users(case: Case) -> Iterator[Optional[Refusal]]:
    """Refuse somebody else's use of the same volume, or of a file that had its name."""
    declaration, seen = case.declaration, case.seen
    numbers = numbers_of(seen)
    for mount in seen.mounts:
        # A part that is bound elsewhere, as dockerd does with its own folders, is no such use.
        places = (declaration.mount_point, MOVING)
        elsewhere = mount.root == "/" and not any(is_under(mount.mount_point, p) for p in places)
        if elsewhere and mount.number in numbers:
            yield Refusal(
                found="%s is mounted on %s as well." % (declaration.source, mount.mount_point),
                remedy="One volume has one place: unmount it there, or declare that mount point.",
            )
    loops = current_loops(seen)
    if len(loops) > 1:
        yield Refusal(
            found="%s is attached to %s."
            % (declaration.file, ", ".join(loop.device for loop in loops)),
            remedy="Two devices on one file corrupt it: detach all but the one that is in use "
            "(`losetup --detach`).",
        )
    for loop in loops:
        yield _unfit_loop(declaration, loop)
    for loop in lost_loops(declaration, seen):
        yield _lost_file(case, loop)
    if seen.volume.holders:
        yield Refusal(
            found="%s is in use by %s." % (declaration.source, ", ".join(seen.volume.holders)),
            remedy="It was left alone. Declare a device or a file that nobody uses.",
        )


def _unfit_loop(declaration: StorageDeclaration, loop: LoopObserved) -> Optional[Refusal]:
    how = ""
    if loop.holders:
        how = "and part of %s" % ", ".join(loop.holders)
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
        found="%s is attached to %s %s." % (declaration.file, loop.device, how),
        remedy="Somebody uses it in another way: detach it (`losetup --detach %s`), or declare "
        "another file." % loop.device,
    )


def _lost_file(case: Case, loop: LoopObserved) -> Refusal:
    """Refuse: the data is in a file without a name, and ends with its loop device's last use."""
    file = case.declaration.file
    return Refusal(
        found="%s is attached to %s, which was deleted or replaced while in use: what is in it is "
        "lost once it is detached." % (loop.device, loop.backing_file),
        remedy="Bring it back before anything else: stop Docker, `mount -o remount,ro %s`, copy %s "
        "to a file with `dd`, unmount, and put that file in the place of %s."
        % (case.declaration.mount_point, loop.device, file or "the one that is gone"),
    )


def _of_the_ground(case: Case) -> Iterator[Optional[Refusal]]:
    """Refuse where a disk is missing: without it all of this would go to the one below it."""
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
                found="%s lies on %s, on which line %d of /etc/fstab mounts %s, and that is not "
                "mounted." % (carries[0], ground, line.number, line.source),
                remedy="Mount it first: `mount %s`." % ground,
            )


def _of_fstab(case: Case) -> Iterator[Optional[Refusal]]:
    for line in fstab_lines(case.declaration, case.seen)[1]:
        yield Refusal(
            found="line %d of /etc/fstab mounts %s on %s, which is in the way of %s on %s."
            % (
                line.number,
                line.source,
                line.mount_point,
                case.declaration.source,
                case.declaration.mount_point,
            ),
            remedy="Take that line out, or declare what it says.",
        )
