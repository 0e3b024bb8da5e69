# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps from the present host to the declared filesystem, in the order of their execution.

After each a run may be cut off: the state that it leaves is one from which the next plan goes on.
"""

from typing import Iterator, List

from ...words.difference import Difference, digest
from ...words.observations.host import FileObserved, UnitObserved
from ...words.observations.storage import SET_ASIDE, unfinished
from ..host.comparison import record_key
from ..trust.ownership import MODE
from .case import Case
from .options import missing_live, remount_options, unit_options
from .state import (
    FILE,
    ROLE,
    SLACK,
    current_loops,
    file_at,
    fstab_lines,
    in_words,
    is_absent,
    is_said_by,
    mounted,
    mounts_here,
    needs_mkfs,
    one,
    wanted_bytes,
)
from .units import (
    DIRECT_IO_PATH,
    DIRECT_IO_SERVICE,
    is_written_by_us,
    mount_unit,
    mount_unit_path,
    render_direct_io,
    render_mount_unit,
)

FSTAB = "/etc/fstab"
REFUSED = digest("refused")
# SELinux's types for a file that is mounted by loop, and for what container runtimes keep.
FILE_LABEL, ROOT_LABEL = "mount_loopback_t", "container_var_lib_t"


def steps(case: Case) -> Iterator[Difference]:
    """Give the steps to have the filesystem mounted as declared; none where it is."""
    yield from _leftover(case)
    yield from _tools(case)
    yield from _volume(case)
    yield from _ownership(case)
    # This comes before anything mounts it at a boot: half a copy would hide the whole.
    yield from _content(case)
    yield from _units(case)
    yield from _fstab(case)
    yield from _mount(case)
    yield from _growth(case)
    yield from _live(case)
    yield from _policy(case)


def absence_steps(case: Case) -> Iterator[Difference]:
    """Give the steps to remove all of it; a device keeps its contents."""
    declaration, seen = case.declaration, case.seen
    point, source = declaration.mount_point, declaration.source
    if mounted(declaration, seen) is not None:
        yield _step("storage.mount", point, "", source, "unmount %s" % point, "data")
    # One that mount(8) has attached goes with the mount; losetup's, as in the notes, stays.
    for loop in current_loops(seen):
        sentence = "detach %s from %s" % (loop.device, source)
        yield _step("storage.capacity", loop.device, "", source, sentence)
    yield from _leftover(case)
    if declaration.file and seen.volume.kind == "file":
        size = in_words(seen.volume.size)
        yield _step(FILE, source, "", size, "delete %s (%s)" % (source, size), "data")
    # They say whose the file is, so they stay until it is gone.
    for path in (mount_unit_path(point), DIRECT_IO_PATH):
        file = file_at(case.observed, path)
        if file.kind != "absent" and (is_written_by_us(file.text) or case.in_place):
            resource = "storage.direct_io_unit" if path == DIRECT_IO_PATH else "storage.unit"
            yield _step(resource, path, "", file.text, "remove %s" % path)
    yield from _fstab(case)


def direct_io_refused(case: Case) -> bool:
    """Whether the kernel has refused direct I/O for this file before."""
    declaration = case.declaration
    key = record_key("storage.direct_io", declaration.file)
    return declaration.direct_io and case.applied.digests.get(key) == REFUSED


def _leftover(case: Case) -> Iterator[Difference]:
    declaration = case.declaration
    if case.seen.volume.leftover:
        path, size = unfinished(declaration.file), in_words(case.seen.volume.leftover)
        sentence = "remove %s, which a run that was cut off has left" % path
        yield _step("storage.leftover", path, "", size, sentence)


def _tools(case: Case) -> Iterator[Difference]:
    filesystem = case.filesystem
    lacking = [tool for tool in filesystem.tools if tool not in case.seen.tools]
    if lacking:
        sentence = "install %s, which brings %s" % (filesystem.package, ", ".join(lacking))
        yield _step("storage.tools", filesystem.package, "installed", "not installed", sentence)


def _volume(case: Case) -> Iterator[Difference]:
    """Make the volume: a file gets its name only once there is a whole filesystem in it."""
    declaration, seen, name = case.declaration, case.seen, case.filesystem.name
    volume, source = seen.volume, declaration.source
    full = declaration.allocation == "full"
    how = "all of it allocated" if full else "allocated as it fills"
    if declaration.file and is_absent(seen):
        size = in_words(declaration.size)
        sentence = "create %s: %s, %s" % (source, size, how)
        yield _step(FILE, source, "%s, %s" % (size, how), "absent", sentence)
    elif declaration.file and volume.size < declaration.size:
        before, after = in_words(volume.size), in_words(declaration.size)
        sentence = "extend %s from %s to %s, %s" % (source, before, after, how)
        yield _step("storage.size", source, after, before, sentence)
    elif declaration.file and full and volume.allocated < volume.size:
        lacking = in_words(volume.size - volume.allocated)
        sentence = "allocate the %s of %s that are not: writes could fail there" % (lacking, source)
        yield _step("storage.allocation", source, "all of it", "%s are not" % lacking, sentence)
    if needs_mkfs(case.applied, seen):
        sentence = "make %s in %s" % (one(name), source)
        yield _step("storage.filesystem", source, name, "none", sentence)


def _ownership(case: Case) -> Iterator[Difference]:
    declaration, volume = case.declaration, case.seen.volume
    if not declaration.file or is_absent(case.seen):
        return
    wanted = (declaration.file_mode, case.seen.owner, case.seen.group)
    if (volume.mode, volume.owner, volume.group) != wanted:
        told = "mode %04o, owner %s:%s"
        named = (declaration.file_mode, declaration.file_owner, declaration.file_group)
        actual = told % (volume.mode, volume.owner, volume.group)
        sentence = "give %s mode %04o and the owner %s:%s" % ((declaration.file,) + named)
        yield _step("storage.ownership", declaration.file, told % named, actual, sentence)


def _units(case: Case) -> Iterator[Difference]:
    declaration, observed = case.declaration, case.observed
    point, path = declaration.mount_point, mount_unit_path(declaration.mount_point)
    options = unit_options(declaration, case.filesystem.name, observed.project_quota)
    text = render_mount_unit(declaration.source, point, case.filesystem.name, options)
    if _is_another(file_at(observed, path), text):
        sentence = "write the mount unit of %s" % point
        yield _step("storage.unit", path, text, file_at(observed, path).text, sentence)
    elif observed.units.get(mount_unit(point), UnitObserved()).needs_daemon_reload:
        sentence = "have systemd read the mount unit of %s as it is" % point
        yield _step("storage.unit", path, "read", "not read", sentence)
    yield from _other_units(case)
    text = render_direct_io(declaration.file, point) if _keeps_direct_io(case) else ""
    file = file_at(observed, DIRECT_IO_PATH)
    if text and _is_another(file, text):
        sentence = "keep direct I/O on after every mount"
        yield _step("storage.direct_io_unit", DIRECT_IO_PATH, text, file.text, sentence)
    elif not text and file.kind != "absent":
        sentence = "no longer switch direct I/O on after a mount"
        yield _step("storage.direct_io_unit", DIRECT_IO_PATH, "", file.text, sentence)
    for name, wanted in ((mount_unit(point), True), (DIRECT_IO_SERVICE, bool(text))):
        state = observed.units.get(name, UnitObserved()).unit_file_state
        if wanted and state != "enabled":
            sentence = "enable %s, so that it comes with the host" % name
            yield _step("storage.enabled", name, "enabled", state or "no such unit", sentence)


def _other_units(case: Case) -> Iterator[Difference]:
    """Name units of ours that mount the same elsewhere, as was declared before."""
    source, own = case.declaration.source, mount_unit_path(case.declaration.mount_point)
    for path, file in case.observed.files.items():
        ours = path.endswith(".mount") and path != own and is_written_by_us(file.text)
        if ours and is_said_by(file.text, source):
            sentence = "remove %s, which mounts %s where it was declared before" % (path, source)
            yield _step("storage.unit", path, "", file.text, sentence)


def _fstab(case: Case) -> Iterator[Difference]:
    unit = mount_unit(case.declaration.mount_point)
    for line in fstab_lines(case.declaration, case.seen)[0]:
        sentence = "take line %d out of %s" % (line.number, FSTAB)
        if case.declaration.is_mounted:
            sentence += ": %s takes its place" % unit
        yield _step("storage.fstab", "%s:%d" % (FSTAB, line.number), "", line.text, sentence)


def _content(case: Case) -> Iterator[Difference]:
    point, seen = case.declaration.mount_point, case.seen
    if not mounts_here(case.declaration, seen) and seen.mount_point.entries:
        sentence = "move what is in %s into the new filesystem" % point
        held = ", ".join(seen.mount_point.entries)
        yield _step("storage.content", point, "in the filesystem", held, sentence, "data")


def _mount(case: Case) -> Iterator[Difference]:
    declaration, seen = case.declaration, case.seen
    point, here = declaration.mount_point, mounts_here(declaration, seen)
    if not here:
        sentence = "mount %s on %s" % (declaration.source, point)
        yield _step("storage.mount", point, declaration.source, "nothing", sentence)
    if seen.mount_point.set_aside or (not here and seen.mount_point.entries):
        path = point + SET_ASIDE
        sentence = "remove %s, of which there is a copy in the filesystem" % path
        yield _step("storage.moved", path, "", "set aside", sentence)


def _growth(case: Case) -> Iterator[Difference]:
    """Extend the loop device, and then the filesystem, to the volume's size."""
    declaration, seen = case.declaration, case.seen
    volume, size = seen.volume, wanted_bytes(declaration, seen)
    if needs_mkfs(case.applied, seen):
        return
    for loop in current_loops(seen):
        if loop.size < size:
            sentence = "have %s take up all of %s" % (loop.device, declaration.file)
            after, before = in_words(size), in_words(loop.size)
            yield _step("storage.capacity", loop.device, after, before, sentence)
    if 0 < volume.filesystem_bytes < size - SLACK:
        before, after = in_words(volume.filesystem_bytes), in_words(size)
        sentence = "grow the %s from %s to %s while it is in use" % (
            case.filesystem.name,
            before,
            after,
        )
        yield _step("storage.filesystem_size", declaration.source, after, before, sentence)


def _live(case: Case) -> Iterator[Difference]:
    """Give what is changed on a filesystem in use."""
    declaration, seen = case.declaration, case.seen
    mount = mounted(declaration, seen)
    label = seen.volume.signature.label
    if declaration.label and not needs_mkfs(case.applied, seen) and label != declaration.label:
        sentence = "give the filesystem the label %s" % declaration.label
        yield _step("storage.label", declaration.source, declaration.label, label, sentence)
    if mount is not None:
        options = unit_options(declaration, case.filesystem.name, case.observed.project_quota)
        lacking, surplus = missing_live(options, mount)
        if lacking or surplus:
            after, before = ",".join(remount_options(options, surplus)), ",".join(mount.options)
            sentence = "remount %s with %s" % (mount.mount_point, after)
            yield _step("storage.options", mount.mount_point, after, before, sentence)
    yield from _direct_io(case)


def _direct_io(case: Case) -> Iterator[Difference]:
    declaration, seen = case.declaration, case.seen
    if not declaration.file or direct_io_refused(case):
        return
    wanted = "on" if declaration.direct_io else "off"
    loops: List[str] = [
        loop.device for loop in current_loops(seen) if loop.direct_io != declaration.direct_io
    ]
    if not mounts_here(declaration, seen) and not current_loops(seen) and declaration.direct_io:
        loops = ["its loop device"]
    for device in loops:
        sentence = "switch direct I/O %s for %s" % (wanted, device)
        actual = "off" if declaration.direct_io else "on"
        yield _step("storage.direct_io", declaration.file, wanted, actual, sentence)


def _policy(case: Case) -> Iterator[Difference]:
    """Give the file and the mount the labels of SELinux's policy for such things."""
    declaration, seen = case.declaration, case.seen
    if not seen.selinux:
        return
    # Until it is mounted, nobody has seen the label of its root.
    is_here = mounted(declaration, seen) is not None
    root = seen.mount_point.security_context if is_here else ""
    wanted = [(declaration.mount_point, ROOT_LABEL, root)]
    if declaration.file:
        label = "" if is_absent(seen) else seen.volume.security_context
        wanted.append((declaration.file, FILE_LABEL, label))
    for path, label, context in wanted:
        actual = context.split(":")[2] if context.count(":") >= 2 else context
        if actual != label:
            sentence = "label %s as SELinux's %s" % (path, label)
            yield _step("storage.label_of_policy", path, label, actual, sentence)


def _keeps_direct_io(case: Case) -> bool:
    return bool(case.declaration.file) and case.declaration.direct_io


def _is_another(file: FileObserved, text: str) -> bool:
    return (file.kind, file.text, file.mode, file.owner, file.group) != ("file", text, MODE, 0, 0)


def _step(
    resource: str, path: str, expected: str, actual: str, sentence: str, impact: str = "none"
) -> Difference:
    return Difference(
        resource=resource,
        role=ROLE,
        path=path,
        expected=expected,
        actual=actual,
        impact=impact,
        sentence=sentence,
    )
