# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of the units that mount a filesystem at boot, and of the line of fstab before them."""

from typing import Iterator, List

from ...words import resources
from ...words.declared import digest, record_key
from ...words.difference import Difference
from ...words.observations.host import FileObserved, UnitObserved
from ...words.paths import FSTAB
from ..trust.ownership import ownership
from .case import Case
from .options import unit_options
from .state import current_loops, file_at, fstab_lines, is_said_by, mounts_here
from .step import step
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


def direct_io_refused(case: Case) -> bool:
    """Whether the kernel has refused direct I/O for this file before."""
    declaration = case.declaration
    key = record_key(resources.STORAGE_DIRECT_IO, declaration.file)
    return declaration.direct_io and case.applied.digests.get(key) == REFUSED


def unit_steps(case: Case) -> Iterator[Difference]:
    """Give the steps to the mount unit, and to the one that switches direct I/O on at boot."""
    declaration, observed = case.declaration, case.observed
    point, path = declaration.mount_point, mount_unit_path(declaration.mount_point)
    options = unit_options(declaration, case.filesystem.name, observed.project_quota)
    text = render_mount_unit(declaration.source, point, case.filesystem.name, options)
    if _is_another(file_at(observed, path), text):
        sentence = "write the mount unit of %s" % point
        yield step(
            resources.STORAGE_UNIT,
            path,
            expected=text,
            actual=file_at(observed, path).text,
            sentence=sentence,
        )
    elif observed.units.get(mount_unit(point), UnitObserved()).needs_daemon_reload:
        sentence = "have systemd read the mount unit of %s as it is" % point
        yield step(
            resources.STORAGE_UNIT, path, expected="read", actual="not read", sentence=sentence
        )
    yield from _other_units(case)
    text = render_direct_io(declaration.file, point) if keeps_direct_io(case) else ""
    file = file_at(observed, DIRECT_IO_PATH)
    if text and _is_another(file, text):
        sentence = "keep direct I/O on after every mount"
        yield step(
            resources.STORAGE_DIRECT_IO_UNIT,
            DIRECT_IO_PATH,
            expected=text,
            actual=file.text,
            sentence=sentence,
        )
    elif not text and file.kind != "absent":
        sentence = "no longer switch direct I/O on after a mount"
        yield step(
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
            yield step(
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
            yield step(
                resources.STORAGE_UNIT, path, expected="", actual=file.text, sentence=sentence
            )


def fstab_steps(case: Case) -> Iterator[Difference]:
    """Give the step to a line of fstab that the mount unit stands in for."""
    unit = mount_unit(case.declaration.mount_point)
    for line in fstab_lines(case.declaration, case.seen)[0]:
        sentence = "take line %d out of %s" % (line.number, FSTAB)
        if case.declaration.is_mounted:
            sentence += ": %s takes its place" % unit
        yield step(
            resources.STORAGE_FSTAB,
            "%s:%d" % (FSTAB, line.number),
            expected="",
            actual=line.text,
            sentence=sentence,
        )


def direct_io_steps(case: Case) -> Iterator[Difference]:
    """Give the step to a loop device that does not read and write as declared."""
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
        yield step(
            resources.STORAGE_DIRECT_IO,
            declaration.file,
            expected=wanted,
            actual=actual,
            sentence=sentence,
        )


def keeps_direct_io(case: Case) -> bool:
    """Whether a unit is to switch direct I/O on at every boot."""
    return bool(case.declaration.file) and case.declaration.direct_io


def _is_another(file: FileObserved, text: str) -> bool:
    return (file.kind, file.text) != ("file", text) or bool(ownership(file))
