# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps from the present host to the declared filesystem, in the order of their execution.

After each a run may be cut off: the state that it leaves is one from which the next plan goes on.
"""

from typing import Iterator

from ...words import impacts, resources
from ...words.difference import Difference
from ...words.observations.storage import SET_ASIDE, unfinished
from .case import Case
from .options import missing_live, remount_options, unit_options
from .state import (
    SLACK,
    current_loops,
    file_at,
    in_words,
    is_absent,
    mounted,
    mounts_here,
    needs_mkfs,
    one,
    wanted_bytes,
)
from .step import step
from .unit_steps import direct_io_steps, fstab_steps, unit_steps
from .units import DIRECT_IO_PATH, is_written_by_us, mount_unit_path

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
    yield from unit_steps(case)
    yield from fstab_steps(case)
    yield from _mount(case)
    yield from _growth(case)
    yield from _live(case)
    yield from _policy(case)


def absence_steps(case: Case) -> Iterator[Difference]:
    """Give the steps to remove all of it; a device keeps its contents."""
    declaration, seen = case.declaration, case.seen
    point, source = declaration.mount_point, declaration.source
    if mounted(declaration, seen) is not None:
        yield step(
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
        yield step(
            resources.STORAGE_CAPACITY, loop.device, expected="", actual=source, sentence=sentence
        )
    yield from _leftover(case)
    if declaration.file and seen.volume.kind == "file":
        size = in_words(seen.volume.size)
        yield step(
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
            yield step(resource, path, expected="", actual=file.text, sentence="remove %s" % path)
    yield from fstab_steps(case)


def _leftover(case: Case) -> Iterator[Difference]:
    declaration = case.declaration
    if case.seen.volume.leftover:
        path, size = unfinished(declaration.file), in_words(case.seen.volume.leftover)
        sentence = "remove %s, which a run that was cut off has left" % path
        yield step(resources.STORAGE_LEFTOVER, path, expected="", actual=size, sentence=sentence)


def _tools(case: Case) -> Iterator[Difference]:
    filesystem = case.filesystem
    lacking = [tool for tool in filesystem.tools if tool not in case.seen.tools]
    if lacking:
        sentence = "install %s, which brings %s" % (filesystem.package, ", ".join(lacking))
        yield step(
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
        yield step(
            resources.STORAGE_FILE,
            source,
            expected="%s, %s" % (size, how),
            actual="absent",
            sentence=sentence,
        )
    elif declaration.file and volume.size < declaration.size:
        before, after = in_words(volume.size), in_words(declaration.size)
        sentence = "extend %s from %s to %s, %s" % (source, before, after, how)
        yield step(resources.STORAGE_SIZE, source, expected=after, actual=before, sentence=sentence)
    elif declaration.file and full and volume.allocated < volume.size:
        lacking = in_words(volume.size - volume.allocated)
        sentence = "allocate the %s of %s that are not: writes could fail there" % (lacking, source)
        yield step(
            resources.STORAGE_ALLOCATION,
            source,
            expected="all of it",
            actual="%s are not" % lacking,
            sentence=sentence,
        )
    if needs_mkfs(case.applied, seen):
        sentence = "make %s in %s" % (one(name), source)
        yield step(
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
        yield step(
            resources.STORAGE_OWNERSHIP,
            declaration.file,
            expected=told % named,
            actual=actual,
            sentence=sentence,
        )


def _content(case: Case) -> Iterator[Difference]:
    point, seen = case.declaration.mount_point, case.seen
    if not mounts_here(case.declaration, seen) and seen.mount_point.entries:
        sentence = "move what is in %s into the new filesystem" % point
        held = ", ".join(seen.mount_point.entries)
        yield step(
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
        yield step(
            resources.STORAGE_MOUNT,
            point,
            expected=declaration.source,
            actual="nothing",
            sentence=sentence,
        )
    if seen.mount_point.set_aside or (not here and seen.mount_point.entries):
        path = point + SET_ASIDE
        sentence = "remove %s, of which there is a copy in the filesystem" % path
        yield step(
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
            yield step(
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
        yield step(
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
        yield step(
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
            yield step(
                resources.STORAGE_OPTIONS,
                mount.mount_point,
                expected=after,
                actual=before,
                sentence=sentence,
            )
    yield from direct_io_steps(case)


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
            yield step(
                resources.STORAGE_LABEL_OF_POLICY,
                path,
                expected=label,
                actual=actual,
                sentence=sentence,
            )
