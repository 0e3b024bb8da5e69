# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge what prevents mounting on the declared mount point, or moving its contents."""

from typing import Iterator, Optional

from ...words.difference import Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.host import UnitObserved
from ...words.observations.storage import SET_ASIDE
from ..activation.other_daemons import at_work_in, stop_command, who
from ..storage.case import Case
from ..storage.state import (
    file_at,
    is_ours,
    is_recorded,
    is_unused,
    lost_loops,
    mounted,
    mounts_here,
    needs_mkfs,
)
from ..storage.units import is_under, is_written_by_us, mount_unit, mount_unit_path

MOVE = "docker_storage_adopt_existing"
_FEW = 3


def mount_point_refusals(case: Case) -> Iterator[Optional[Refusal]]:
    declaration, seen = case.declaration, case.seen
    unit = case.observed.units.get(mount_unit(declaration.mount_point), UnitObserved())
    if unit.mask_path:
        yield Refusal(
            found="%s is masked by %s." % (mount_unit(declaration.mount_point), unit.mask_path),
            remedy="Somebody keeps it from being mounted. Find out why, then run `systemctl unmask "
            "%s%s`."
            % (
                "--runtime " if unit.mask_path.startswith("/run/") else "",
                mount_unit(declaration.mount_point),
            ),
        )
    yield from unit_refusals(case)
    here = mounts_here(declaration, seen)
    lost = [loop.number for loop in lost_loops(declaration, seen)]
    for mount in here:
        if not is_ours(mount, seen) and mount.number not in lost:
            yield foreign_mount(case, mount.source, mount.type)
    point = seen.mount_point
    if here and point.copying:
        yield Refusal(
            found="what is mounted on %s is a copy that was never finished."
            % declaration.mount_point,
            remedy="Run `umount %s`: what was there before lies under it. Then run this again."
            % declaration.mount_point,
        )
        return
    if point.set_aside and (here or not point.entries) and not _has_the_copy(case):
        yield Refusal(
            found="%s holds what was in %s before, and nobody knows of a copy of it in %s."
            % (declaration.mount_point + SET_ASIDE, declaration.mount_point, declaration.source),
            remedy="Nothing of it is removed: move it back, or away if it is not wanted.",
        )
    if here or not point.entries:
        return
    names = ", ".join(point.entries)
    at_work = list(_at_work(case))
    others = at_work_in(declaration.mount_point, case.observed)
    if declaration.adopt_existing != "move":
        yield Refusal(
            found="%s is not empty (%s), and a mount would hide what is in it."
            % (declaration.mount_point, names),
            remedy="Move it away, or set %s to move, which moves it into the new filesystem."
            % MOVE,
            consent=MOVE,
        )
    elif point.set_aside:
        yield Refusal(
            found="%s was moved to %s before, and is not empty again (%s)."
            % (declaration.mount_point, declaration.mount_point + SET_ASIDE, names),
            remedy="Both may hold what is wanted: keep one of them, and remove the other.",
        )
    elif _was_in_use(case):
        yield Refusal(
            found="%s is not empty (%s), and %s, which was mounted on it before, is not either."
            % (declaration.mount_point, names, declaration.source),
            remedy="Only into a new filesystem is anything moved: move it away by hand.",
        )
    elif at_work:
        yield Refusal(
            found="%s is to be moved (%s), and %s is at work in it."
            % (declaration.mount_point, names, " and ".join(at_work)),
            remedy="Stop it first: `systemctl stop %s`." % " ".join(at_work),
        )
    elif others:
        yield Refusal(
            found="%s is to be moved (%s), and %s keeps its data in it."
            % (declaration.mount_point, names, " and ".join(who(each) for each in others)),
            remedy="Stop it first: `%s`." % "; ".join(stop_command(each) for each in others),
        )
    elif seen.below:
        yield Refusal(
            found="%s is to be moved, and something is mounted inside of it: %s."
            % (declaration.mount_point, ", ".join(seen.below[:_FEW])),
            remedy="Unmount that first, containers that still run included.",
        )
    elif point.subvolumes:
        yield Refusal(
            found="%s is to be moved, and Docker's btrfs driver has layers in it, which are "
            "subvolumes." % declaration.mount_point,
            remedy="They cannot be copied. Move it away by hand, and pull the images anew.",
        )


def _at_work(case: Case) -> Iterator[str]:
    """Name the units that may write to the mount point, or be woken to do so."""
    seen, point = case.seen, case.declaration.mount_point
    running = case.observed.containerd.running_root
    for names, root in (
        ((SOCKET_UNIT, DOCKER_SERVICE), seen.docker_root),
        ((CONTAINERD_SERVICE,), running or seen.containerd_root),
    ):
        for name in names if is_under(root, point) else ():
            state = case.observed.units.get(name, UnitObserved()).active_state
            if state not in ("inactive", "failed"):
                yield name


def unit_refusals(case: Case) -> Iterator[Refusal]:
    """Refuse somebody else's unit for the mount point, and what overrides ours."""
    declaration, path = case.declaration, mount_unit_path(case.declaration.mount_point)
    file = file_at(case.observed, path)
    others = file.kind == "file" and not is_written_by_us(file.text)
    if others and mounted(declaration, case.seen) is None and not case.in_place:
        yield Refusal(
            found="%s, which is not Dockwright's, mounts something else than %s on %s."
            % (path, declaration.source, declaration.mount_point),
            remedy="Remove it, or declare another docker_storage_mount_point.",
        )
    for name, drop_in in case.observed.files.items():
        if name.startswith(path + ".d/") and drop_in.kind != "absent":
            yield Refusal(
                found="%s, which is not Dockwright's, overrides the mount unit." % name,
                remedy="Declare what it says in docker_storage_mount_options, and remove it.",
            )


def _was_in_use(case: Case) -> bool:
    """Whether the filesystem may have been in use: we have not made it, or it was in its place."""
    if needs_mkfs(case.applied, case.seen):
        return False
    return not is_unused(case.applied, case.seen.volume.signature.uuid)


def _has_the_copy(case: Case) -> bool:
    """Whether what was set aside was copied into this filesystem: it is ours, and whole."""
    if needs_mkfs(case.applied, case.seen):
        return False
    return is_recorded(case.applied, case.seen.volume.signature.uuid)


def foreign_mount(case: Case, source: str, kind: str) -> Refusal:
    return Refusal(
        found="%s is already mounted, from %s (%s), not from %s."
        % (case.declaration.mount_point, source, kind, case.declaration.source),
        remedy="Run `umount %s`, or declare another docker_storage_mount_point."
        % case.declaration.mount_point,
    )
