# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps from the present host to the declared filesystem, in the order of their execution.

After each a run may be cut off: the state that it leaves is one from which the next plan goes on.
"""

from typing import Iterator, List

from ...words import impacts, resources
from ...words.declared import digest, record_key
from ...words.difference import Difference
from ...words.impacts import Impact
from ...words.observations.host import FileObserved, UnitObserved
from ...words.observations.storage import SET_ASIDE, unfinished
from ...words.paths import FSTAB
from ...words.resources import Resource
from ..trust.ownership import ownership
from .case import Case
from .options import missing_live, remount_options, unit_options
from .state import (
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

# What the record holds where the kernel has refused direct I/O.
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
        yield _step(
            resources.STORAGE_MOUNT,
            point,
            expected="",
            actual=source,
            sentence="unmount %s" % point,
            impact=impacts.DATA,
        )
    # A loop device that mount(8) attached goes with the mount; one from losetup, as in the notes,
    # stays.
    for loop in current_loops(seen):
        sentence = "detach %s from %s" % (loop.device, source)
        yield _step(
            resources.STORAGE_CAPACITY, loop.device, expected="", actual=source, sentence=sentence
        )
    yield from _leftover(case)
    if declaration.file and seen.volume.kind == "file":
        size = in_words(seen.volume.size)
        yield _step(
            resources.STORAGE_FILE,
            source,
            expected="",
            actual=size,
            sentence="delete %s (%s)" % (source, size),
            impact=impacts.DATA,
        )
    # They say whose the file is, so they stay until it is gone.
    for path in (mount_unit_path(point), DIRECT_IO_PATH):
        file = file_at(case.observed, path)
        if file.kind != "absent" and (is_written_by_us(file.text) or case.in_place):
            resource = (
                resources.STORAGE_DIRECT_IO_UNIT
                if path == DIRECT_IO_PATH
                else resources.STORAGE_UNIT
            )
            yield _step(resource, path, expected="", actual=file.text, sentence="remove %s" % path)
    yield from _fstab(case)


def direct_io_refused(case: Case) -> bool:
    """Whether the kernel has refused direct I/O for this file before."""
    declaration = case.declaration
    key = record_key(resources.STORAGE_DIRECT_IO, declaration.file)
    return declaration.direct_io and case.applied.digests.get(key) == REFUSED


def _leftover(case: Case) -> Iterator[Difference]:
    declaration = case.declaration
    if case.seen.volume.leftover:
        path, size = unfinished(declaration.file), in_words(case.seen.volume.leftover)
        sentence = "remove %s, which a run that was cut off has left" % path
        yield _step(resources.STORAGE_LEFTOVER, path, expected="", actual=size, sentence=sentence)


def _tools(case: Case) -> Iterator[Difference]:
    filesystem = case.filesystem
    lacking = [tool for tool in filesystem.tools if tool not in case.seen.tools]
    if lacking:
        sentence = "install %s, which brings %s" % (filesystem.package, ", ".join(lacking))
        yield _step(
            resources.STORAGE_TOOLS,
            filesystem.package,
            expected="installed",
            actual="not installed",
            sentence=sentence,
        )


def _volume(case: Case) -> Iterator[Difference]:
    """Make the volume: a file gets its name only once there is a whole filesystem in it."""
    declaration, seen, name = case.declaration, case.seen, case.filesystem.name
    volume, source = seen.volume, declaration.source
    full = declaration.allocation == "full"
    how = "all of it allocated" if full else "allocated as it fills"
    if declaration.file and is_absent(seen):
        size = in_words(declaration.size)
        sentence = "create %s: %s, %s" % (source, size, how)
        yield _step(
            resources.STORAGE_FILE,
            source,
            expected="%s, %s" % (size, how),
            actual="absent",
            sentence=sentence,
        )
    elif declaration.file and volume.size < declaration.size:
        before, after = in_words(volume.size), in_words(declaration.size)
        sentence = "extend %s from %s to %s, %s" % (source, before, after, how)
        yield _step(
            resources.STORAGE_SIZE, source, expected=after, actual=before, sentence=sentence
        )
    elif declaration.file and full and volume.allocated < volume.size:
        lacking = in_words(volume.size - volume.allocated)
        sentence = "allocate the %s of %s that are not: writes could fail there" % (lacking, source)
        yield _step(
            resources.STORAGE_ALLOCATION,
            source,
            expected="all of it",
            actual="%s are not" % lacking,
            sentence=sentence,
        )
    if needs_mkfs(case.applied, seen):
        sentence = "make %s in %s" % (one(name), source)
        yield _step(
            resources.STORAGE_FILESYSTEM, source, expected=name, actual="none", sentence=sentence
        )


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
        yield _step(
            resources.STORAGE_OWNERSHIP,
            declaration.file,
            expected=told % named,
            actual=actual,
            sentence=sentence,
        )


def _units(case: Case) -> Iterator[Difference]:
    declaration, observed = case.declaration, case.observed
    point, path = declaration.mount_point, mount_unit_path(declaration.mount_point)
    options = unit_options(declaration, case.filesystem.name, observed.project_quota)
    text = render_mount_unit(declaration.source, point, case.filesystem.name, options)
    if _is_another(file_at(observed, path), text):
        sentence = "write the mount unit of %s" % point
        yield _step(
            resources.STORAGE_UNIT,
            path,
            expected=text,
            actual=file_at(observed, path).text,
            sentence=sentence,
        )
    elif observed.units.get(mount_unit(point), UnitObserved()).needs_daemon_reload:
        sentence = "have systemd read the mount unit of %s as it is" % point
        yield _step(
            resources.STORAGE_UNIT, path, expected="read", actual="not read", sentence=sentence
        )
    yield from _other_units(case)
    text = render_direct_io(declaration.file, point) if _keeps_direct_io(case) else ""
    file = file_at(observed, DIRECT_IO_PATH)
    if text and _is_another(file, text):
        sentence = "keep direct I/O on after every mount"
        yield _step(
            resources.STORAGE_DIRECT_IO_UNIT,
            DIRECT_IO_PATH,
            expected=text,
            actual=file.text,
            sentence=sentence,
        )
    elif not text and file.kind != "absent":
        sentence = "no longer switch direct I/O on after a mount"
        yield _step(
            resources.STORAGE_DIRECT_IO_UNIT,
            DIRECT_IO_PATH,
            expected="",
            actual=file.text,
            sentence=sentence,
        )
    for name, wanted in ((mount_unit(point), True), (DIRECT_IO_SERVICE, bool(text))):
        state = observed.units.get(name, UnitObserved()).unit_file_state
        if wanted and state != "enabled":
            sentence = "enable %s, so that it comes with the host" % name
            yield _step(
                resources.STORAGE_ENABLED,
                name,
                expected="enabled",
                actual=state or "no such unit",
                sentence=sentence,
            )


def _other_units(case: Case) -> Iterator[Difference]:
    """Name units of ours that mount the same elsewhere, as was declared before."""
    source, own = case.declaration.source, mount_unit_path(case.declaration.mount_point)
    for path, file in case.observed.files.items():
        ours = path.endswith(".mount") and path != own and is_written_by_us(file.text)
        if ours and is_said_by(file.text, source):
            sentence = "remove %s, which mounts %s where it was declared before" % (path, source)
            yield _step(
                resources.STORAGE_UNIT, path, expected="", actual=file.text, sentence=sentence
            )


def _fstab(case: Case) -> Iterator[Difference]:
    unit = mount_unit(case.declaration.mount_point)
    for line in fstab_lines(case.declaration, case.seen)[0]:
        sentence = "take line %d out of %s" % (line.number, FSTAB)
        if case.declaration.is_mounted:
            sentence += ": %s takes its place" % unit
        yield _step(
            resources.STORAGE_FSTAB,
            "%s:%d" % (FSTAB, line.number),
            expected="",
            actual=line.text,
            sentence=sentence,
        )


def _content(case: Case) -> Iterator[Difference]:
    point, seen = case.declaration.mount_point, case.seen
    if not mounts_here(case.declaration, seen) and seen.mount_point.entries:
        sentence = "move what is in %s into the new filesystem" % point
        held = ", ".join(seen.mount_point.entries)
        yield _step(
            resources.STORAGE_CONTENT,
            point,
            expected="in the filesystem",
            actual=held,
            sentence=sentence,
            impact=impacts.DATA,
        )


def _mount(case: Case) -> Iterator[Difference]:
    declaration, seen = case.declaration, case.seen
    point, here = declaration.mount_point, mounts_here(declaration, seen)
    if not here:
        sentence = "mount %s on %s" % (declaration.source, point)
        yield _step(
            resources.STORAGE_MOUNT,
            point,
            expected=declaration.source,
            actual="nothing",
            sentence=sentence,
        )
    if seen.mount_point.set_aside or (not here and seen.mount_point.entries):
        path = point + SET_ASIDE
        sentence = "remove %s, of which there is a copy in the filesystem" % path
        yield _step(
            resources.STORAGE_MOVED, path, expected="", actual="set aside", sentence=sentence
        )


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
            yield _step(
                resources.STORAGE_CAPACITY,
                loop.device,
                expected=after,
                actual=before,
                sentence=sentence,
            )
    if 0 < volume.filesystem_bytes < size - SLACK:
        before, after = in_words(volume.filesystem_bytes), in_words(size)
        sentence = "grow the %s from %s to %s while it is in use" % (
            case.filesystem.name,
            before,
            after,
        )
        yield _step(
            resources.STORAGE_FILESYSTEM_SIZE,
            declaration.source,
            expected=after,
            actual=before,
            sentence=sentence,
        )


def _live(case: Case) -> Iterator[Difference]:
    """Give what is changed on a filesystem in use."""
    declaration, seen = case.declaration, case.seen
    mount = mounted(declaration, seen)
    label = seen.volume.signature.label
    if declaration.label and not needs_mkfs(case.applied, seen) and label != declaration.label:
        sentence = "give the filesystem the label %s" % declaration.label
        yield _step(
            resources.STORAGE_LABEL,
            declaration.source,
            expected=declaration.label,
            actual=label,
            sentence=sentence,
        )
    if mount is not None:
        options = unit_options(declaration, case.filesystem.name, case.observed.project_quota)
        lacking, surplus = missing_live(options, mount)
        if lacking or surplus:
            after, before = ",".join(remount_options(options, surplus)), ",".join(mount.options)
            sentence = "remount %s with %s" % (mount.mount_point, after)
            yield _step(
                resources.STORAGE_OPTIONS,
                mount.mount_point,
                expected=after,
                actual=before,
                sentence=sentence,
            )
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
        yield _step(
            resources.STORAGE_DIRECT_IO,
            declaration.file,
            expected=wanted,
            actual=actual,
            sentence=sentence,
        )


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
            yield _step(
                resources.STORAGE_LABEL_OF_POLICY,
                path,
                expected=label,
                actual=actual,
                sentence=sentence,
            )


def _keeps_direct_io(case: Case) -> bool:
    return bool(case.declaration.file) and case.declaration.direct_io


def _is_another(file: FileObserved, text: str) -> bool:
    return (file.kind, file.text) != ("file", text) or bool(ownership(file))


def _step(
    resource: Resource,
    path: str,
    *,
    expected: str,
    actual: str,
    sentence: str,
    impact: Impact = impacts.NONE,
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
