# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the plan of the filesystem under data-root: one deed for each difference, in order."""

import os
from typing import Callable, Dict, List, Tuple

from ...observers.host.applied import RECORD, observe_applied
from ...observers.host.files import observe_file
from ...observers.storage.mounts import observe_mounts
from ...observers.storage.storage import observe_storage
from ...planners.storage.declarations import declare_direct_io_refused
from ...planners.storage.plan import is_answered_for, look_at_storage, stage_storage
from ...planners.storage.state import SLACK, current_loops, filesystem_of, mounted, wanted_bytes
from ...planners.storage.steps import FILE_LABEL
from ...planners.storage.units import mount_unit, mount_unit_path
from ...words import resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declarations.host import Declaration
from ...words.declarations.proxy import ProxyDeclaration
from ...words.declarations.storage import StorageDeclaration
from ...words.difference import Difference, Plan
from ...words.observations.host import Observation, StagedSet
from ...words.observations.storage import StorageObserved
from ...words.paths import DATA_ROOT, FSTAB
from ...words.tables.filesystems import Filesystem, fill
from ...words.tables.supported_systems import SupportedSystem, find_supported
from ..engine.packages import package_installer
from ..host import command
from ..host.applied import record_applied, record_ownership
from ..host.command import ApplyFailed
from ..host.files import remove, sweep, write
from ..host.folders import make_folder
from ..host.staging import stage
from ..units import units
from . import content, volume

# The programs that write labels, and the policy that has labels for containers.
_LABELLING = ("policycoreutils-python-utils", "container-selinux")


class Work:
    """What the deeds share: the declaration, and what a person should know in the end."""

    def __init__(
        self,
        declaration: StorageDeclaration,
        system: SupportedSystem,
        observed: Observation,
        filesystem: Filesystem,
        proxy: ProxyDeclaration,
    ) -> None:
        self.declaration = declaration
        self.system = system
        self.observed = observed
        self.filesystem = filesystem
        self.warnings: List[str] = []
        limits = EngineDeclaration((), lock_timeout=declaration.lock_timeout, proxy=proxy)
        self.installer = package_installer(system, limits)

    def look(self) -> StorageObserved:
        """Look again, since an earlier deed may have changed what this one acts on."""
        look, before = look_at_storage(self.declaration).storage, self.observed.storage
        if look is None or before is None:
            raise ApplyFailed("There is no filesystem to look at.")
        return observe_storage(look, observe_mounts(), before.docker_root, before.containerd_root)


def apply_storage(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[str, ...]:
    """Carry out the steps and stage Docker's guard; give what a person should know.

    :raises ApplyFailed: where a step fails; earlier steps stand, and the next run goes on from
        there.
    """
    system = find_supported(observed.system.distribution, observed.system.version)
    if system is None or observed.storage is None:
        return ()
    storage = declaration.storage
    filesystem = filesystem_of(storage, system, observed.storage)
    # A move that was cut off has left it mounted there.
    content.leave()
    work = Work(storage, system, observed, filesystem, declaration.engine.proxy)
    sweep(os.path.dirname(path) for path in (RECORD, FSTAB, mount_unit_path(storage.mount_point)))
    for difference in plan.differences:
        deed = _DEEDS.get(difference.resource)
        if deed is not None:
            _do(deed, work, difference)
    _stage(storage, observed)
    return tuple(work.warnings)


def _do(deed: "Deed", work: Work, difference: Difference) -> None:
    try:
        deed(work, difference)
    except OSError as error:
        told = "It was to %s, and the system said: %s (%s)."
        raise ApplyFailed(told % (difference.sentence, error.strerror, error.filename))


def _stage(declaration: StorageDeclaration, observed: Observation) -> None:
    """Stage the guards beside what other roles have staged."""
    ours = stage_storage(declaration, observed)
    others = observed.staged
    files = {path: file for path, file in others.files.items() if not is_answered_for(path)}
    declared = {
        key: each
        for key, each in others.declared.items()
        if not key.startswith(resources.STORAGE_GUARD + " ")
    }
    wanted = StagedSet(dict(files, **ours.files), dict(declared, **ours.declared))
    if wanted.files == others.files:
        return
    record_ownership(ours.declared, observe_applied())
    stage(wanted)


def _remove_leftover(work: Work, difference: Difference) -> None:
    del work
    remove(difference.path)


def _install_tools(work: Work, difference: Difference) -> None:
    work.installer.install_prerequisites([difference.path])


def _change_file(work: Work, difference: Difference) -> None:
    if difference.expected:
        volume.begin_file(work.declaration, work.look())
    else:
        remove(difference.path)


def _make_filesystem(work: Work, difference: Difference) -> None:
    del difference
    volume.make_filesystem(work.declaration, work.filesystem)


def _change_size(work: Work, difference: Difference) -> None:
    del difference
    volume.extend(work.declaration)


def _change_ownership(work: Work, difference: Difference) -> None:
    volume.own(difference.path, work.declaration, work.look())


def _change_unit(work: Work, difference: Difference) -> None:
    """Write or remove a unit; disable it before it goes, while systemd still knows its links."""
    path = difference.path
    file = observe_file(path)
    if difference.expected == "":
        if file.kind != "absent":
            command.run(
                ["systemctl", "--quiet", "disable", os.path.basename(path)], accepted=(0, 1)
            )
        remove(path)
    elif difference.actual != "not read":
        volume.record_use(work.look().volume.signature.uuid)
        write(path, difference.expected)
        units.systemctl("daemon-reload")
        # It may have been wanted by another unit than it is now.
        units.systemctl("reenable", "--quiet", os.path.basename(path))
    units.systemctl("daemon-reload")


def _enable(work: Work, difference: Difference) -> None:
    del work
    # Links to a unit that was in another folder before are made anew.
    units.systemctl("reenable", "--quiet", difference.path)


def _take_out_of_fstab(work: Work, difference: Difference) -> None:
    del work
    file = observe_file(FSTAB)
    lines = file.text.split("\n")
    if difference.actual in lines:
        lines.remove(difference.actual)
        write(FSTAB, "\n".join(lines), file.mode)
    units.systemctl("daemon-reload")


def _move_content(work: Work, difference: Difference) -> None:
    seen = work.look()
    grows = 0 < seen.volume.filesystem_bytes < wanted_bytes(work.declaration, seen) - SLACK
    content.move(work.declaration, work.filesystem, difference.path, grows)


def _remove_moved(work: Work, difference: Difference) -> None:
    if mounted(work.declaration, work.look()) is None:
        raise ApplyFailed("%s stays: nothing is mounted in its place." % difference.path)
    content.remove_moved(difference.path, work.declaration.mount_point)


def _change_mount(work: Work, difference: Difference) -> None:
    point = difference.path
    if not difference.expected:
        command.run(["umount", point])
        return
    volume.record_use(work.look().volume.signature.uuid)
    unit = mount_unit(point)
    make_folder(point)
    if os.listdir(point):
        raise ApplyFailed(
            "%s is not empty any more, and a mount would hide what is in it. It was left alone."
            % point
        )
    units.reset_failed(unit)
    cursor = units.journal_cursor(unit)
    try:
        # It takes time to read a large log.
        units.systemctl("start", unit, seconds=command.STILL)
    except ApplyFailed as failed:
        words = units.journal_tail(unit, 10, cursor)
        told = "%s could not be mounted: %s Its journal said:\n%s"
        raise ApplyFailed(told % (work.declaration.source, failed, words))
    if content.is_half_a_copy(point):
        command.run(["umount", point])
        raise ApplyFailed(
            "%s holds a copy that was never finished, and what it was made of is not in %s any "
            "more. Put that back, or remove the copy." % (work.declaration.source, point)
        )


def _remount(work: Work, difference: Difference) -> None:
    mount = mounted(work.declaration, work.look())
    if mount is None:
        raise ApplyFailed("%s is not mounted any more." % difference.path)
    options = "remount," + difference.expected
    # Where source and mount point are both named, fstab is not read (mount(8), "remount").
    command.run(["mount", "-o", options, mount.source, mount.mount_point])


def _change_capacity(work: Work, difference: Difference) -> None:
    if difference.expected:
        command.run(["losetup", "--set-capacity", difference.path])
    elif any(loop.device == difference.path for loop in current_loops(work.look())):
        command.run(["losetup", "--detach", difference.path])


def _grow(work: Work, difference: Difference) -> None:
    del difference
    seen = work.look()
    mount = mounted(work.declaration, seen)
    if mount is None:
        raise ApplyFailed("%s is not mounted, so it cannot grow." % work.declaration.mount_point)
    values = {"device": mount.source, "mount_point": mount.mount_point}
    command.run(fill(work.filesystem.grow, **values))
    if work.declaration.file:
        # ext4 zeroes its new groups, and a loop device punches holes for zeros into its file.
        volume.extend(work.declaration)


def _label(work: Work, difference: Difference) -> None:
    mount = mounted(work.declaration, work.look())
    if mount is None:
        raise ApplyFailed("%s is not mounted, so it gets no label." % work.declaration.mount_point)
    values = {"device": mount.source, "mount_point": mount.mount_point}
    command.run(fill(work.filesystem.relabel, label=difference.expected, **values))


def _switch_direct_io(work: Work, difference: Difference) -> None:
    """Switch direct I/O where the kernel can; a refusal goes on record and is not tried again."""
    said = ""
    for loop in current_loops(work.look()):
        if loop.direct_io == work.declaration.direct_io:
            continue
        try:
            command.run(["losetup", "--direct-io=" + difference.expected, loop.device])
        except ApplyFailed as failed:
            said = str(failed)
    left = [
        loop.device
        for loop in current_loops(work.look())
        if loop.direct_io != work.declaration.direct_io
    ]
    if left:
        refused = declare_direct_io_refused(work.declaration.file)
        record_applied(Plan(declared=(refused,)), observe_applied())
        told = "Direct I/O stays as it is for %s, for the kernel refuses it. %s"
        work.warnings.append((told % (", ".join(left), said)).strip())


def _label_for_policy(work: Work, difference: Difference) -> None:
    """Tell SELinux's policy of the path, and label what is there (semanage-fcontext(8))."""
    path = difference.path
    work.installer.install_prerequisites(_LABELLING)
    rule = (
        ["--type", FILE_LABEL, path]
        if difference.expected == FILE_LABEL
        else ["--equal", DATA_ROOT, path]
    )
    if path != DATA_ROOT:
        try:
            command.run(["semanage", "fcontext", "--add"] + rule)
        except ApplyFailed:
            command.run(["semanage", "fcontext", "--modify"] + rule)
    # Nothing below it: containers' files have labels of their own.
    command.run(["restorecon", path])


Deed = Callable[[Work, Difference], None]
_DEEDS: Dict[str, Deed] = {
    resources.STORAGE_LEFTOVER: _remove_leftover,
    resources.STORAGE_TOOLS: _install_tools,
    resources.STORAGE_FILE: _change_file,
    resources.STORAGE_FILESYSTEM: _make_filesystem,
    resources.STORAGE_SIZE: _change_size,
    resources.STORAGE_ALLOCATION: _change_size,
    resources.STORAGE_OWNERSHIP: _change_ownership,
    resources.STORAGE_UNIT: _change_unit,
    resources.STORAGE_DIRECT_IO_UNIT: _change_unit,
    resources.STORAGE_ENABLED: _enable,
    resources.STORAGE_FSTAB: _take_out_of_fstab,
    resources.STORAGE_CONTENT: _move_content,
    resources.STORAGE_MOUNT: _change_mount,
    resources.STORAGE_MOVED: _remove_moved,
    resources.STORAGE_CAPACITY: _change_capacity,
    resources.STORAGE_FILESYSTEM_SIZE: _grow,
    resources.STORAGE_LABEL: _label,
    resources.STORAGE_OPTIONS: _remount,
    resources.STORAGE_DIRECT_IO: _switch_direct_io,
    resources.STORAGE_LABEL_OF_POLICY: _label_for_policy,
}
