# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declare each part of a filesystem, for the record and the causes of differences."""

from typing import Any, Dict, Iterator

from ...words import resources
from ...words.declared import (
    Declared,
    anywhere_of,
    declare_anywhere,
    declare_at,
    declare_by_digest,
    digest,
    record_key,
)
from ...words.observations.host import StagedSet
from ...words.resources import Resource
from .case import Case
from .options import unit_options
from .state import ROLE, USED, file_at, mounted
from .unit_steps import REFUSED, direct_io_refused
from .units import GUARDS, mount_unit_path

# Declared absent of a filesystem that is there.
_RESOURCES = (
    resources.STORAGE_FILE,
    resources.STORAGE_SIGNATURE,
    resources.STORAGE_SIZE,
    resources.STORAGE_CAPACITY,
    resources.STORAGE_ALLOCATION,
    resources.STORAGE_OWNERSHIP,
    resources.STORAGE_DIRECT_IO,
    resources.STORAGE_DIRECT_IO_UNIT,
    resources.STORAGE_LEFTOVER,
    resources.STORAGE_TOOLS,
    resources.STORAGE_FILESYSTEM,
    resources.STORAGE_FILESYSTEM_SIZE,
    resources.STORAGE_LABEL,
    resources.STORAGE_UNIT,
    resources.STORAGE_ENABLED,
    resources.STORAGE_FSTAB,
    resources.STORAGE_CONTENT,
    resources.STORAGE_MOVED,
    resources.STORAGE_MOUNT,
    resources.STORAGE_OPTIONS,
    resources.STORAGE_LABEL_OF_POLICY,
)


def declarations(case: Case, staged: StagedSet) -> Iterator[Declared]:
    """Name all that is declared of a filesystem and can be as declared."""
    declaration, seen = case.declaration, case.seen
    point = declaration.mount_point
    yield declare_volume(case)
    for path in GUARDS:
        wanted = staged.declared.get(record_key(resources.STORAGE_GUARD, path))
        wanted = wanted or digest(file_at(case.observed, path).text or None)
        yield declare_by_digest(
            resource=resources.STORAGE_GUARD, role=ROLE, path=path, digest=wanted
        )
    yield declare_anywhere(resource=resources.STORAGE_STAGED, role=ROLE, wanted="what is declared")
    if not declaration.is_mounted:
        for resource in _RESOURCES:
            yield declare_anywhere(resource=resource, role=ROLE, of=point, wanted="absent")
        return
    uuid = seen.volume.signature.uuid
    if uuid and mounted(declaration, seen) is not None:
        yield declare_signature(uuid, USED)
    for resource, value in _of_source(case).items():
        yield declare_at(resource=resource, role=ROLE, path=declaration.source, wanted=value)
    for resource, value in _of_mount_point(case).items():
        yield declare_at(resource=resource, role=ROLE, path=point, wanted=value)
    for resource, value in _anywhere(case).items():
        yield declare_anywhere(resource=resource, role=ROLE, of=point, wanted=value)
    yield from _direct_io(case)
    options = unit_options(declaration, case.filesystem.name, case.observed.project_quota)
    yield declare_by_digest(
        resource=resources.STORAGE_UNIT,
        role=ROLE,
        path=mount_unit_path(point),
        digest=digest(declaration.source, point, options),
    )


def declare_volume(case: Case) -> Declared:
    """Declare what a refusal is about: this volume in this place."""
    declaration = case.declaration
    return declare_by_digest(
        resource=resources.STORAGE_VOLUME,
        role=ROLE,
        path=declaration.source,
        digest=digest(declaration.mount_point, declaration.size, declaration.state),
    )


def declare_signature(uuid: str, state: str) -> Declared:
    """Name a filesystem of ours for the record: ``MADE``, or ``USED`` since."""
    return declare_by_digest(
        resource=resources.STORAGE_SIGNATURE, role=ROLE, path=uuid, digest=state
    )


def declare_direct_io_refused(file: str) -> Declared:
    """Name, for the record, a file for which the kernel has refused direct I/O."""
    return declare_by_digest(
        resource=resources.STORAGE_DIRECT_IO, role=ROLE, path=file, digest=REFUSED
    )


def _of_source(case: Case) -> Dict[Resource, Any]:
    declaration = case.declaration
    wanted: Dict[Resource, Any] = {
        resources.STORAGE_FILE: "here",
        resources.STORAGE_FILESYSTEM: case.filesystem.name,
        resources.STORAGE_FILESYSTEM_SIZE: declaration.size,
        resources.STORAGE_LABEL: declaration.label,
    }
    if declaration.file:
        owner = [declaration.file_owner, declaration.file_group, declaration.file_mode]
        wanted[resources.STORAGE_SIZE] = declaration.size
        wanted[resources.STORAGE_ALLOCATION] = declaration.allocation
        wanted[resources.STORAGE_OWNERSHIP] = owner
    return wanted


def _of_mount_point(case: Case) -> Dict[Resource, Any]:
    declaration = case.declaration
    return {
        resources.STORAGE_CONTENT: declaration.adopt_existing,
        resources.STORAGE_MOUNT: declaration.source,
        resources.STORAGE_OPTIONS: unit_options(
            declaration, case.filesystem.name, case.observed.project_quota
        ),
    }


def _anywhere(case: Case) -> Dict[Resource, Any]:
    """Name what differs on things with names of the host's: a loop device, a line, another unit."""
    wanted: Dict[Resource, Any] = {
        resources.STORAGE_LEFTOVER: "removed",
        resources.STORAGE_TOOLS: "installed",
        resources.STORAGE_UNIT: "none of others",
        resources.STORAGE_ENABLED: "enabled",
        resources.STORAGE_FSTAB: "the unit",
        resources.STORAGE_MOVED: "removed",
        resources.STORAGE_LABEL_OF_POLICY: "as /var/lib/docker",
    }
    if case.declaration.file:
        wanted[resources.STORAGE_CAPACITY] = case.declaration.size
    return wanted


def _direct_io(case: Case) -> Iterator[Declared]:
    declaration = case.declaration
    if not declaration.file:
        return
    if direct_io_refused(case):
        yield declare_direct_io_refused(declaration.file)
    else:
        yield declare_at(
            resource=resources.STORAGE_DIRECT_IO,
            role=ROLE,
            path=declaration.file,
            wanted=declaration.direct_io,
        )
    unit = digest(declaration.source, declaration.mount_point)
    yield declare_by_digest(
        resource=resources.STORAGE_DIRECT_IO_UNIT,
        role=ROLE,
        path=anywhere_of(declaration.mount_point),
        digest=unit if declaration.direct_io else digest("none"),
    )
