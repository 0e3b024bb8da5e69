# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the filesystem under data-root: each difference is one step, and they are in order."""

from typing import Dict, Iterator, List, Optional, Tuple

from ...words.declarations.host import Declaration
from ...words.declarations.storage import StorageDeclaration
from ...words.difference import Declared, Difference, Plan, Refusal, Unverifiable, digest
from ...words.observations.host import Look, Observation, StagedFile, StagedSet
from ...words.observations.storage import StorageLook
from ...words.tables.supported_systems import SupportedSystem
from ..activation.commit import failed_refusal
from ..activation.effect import differs
from ..host.comparison import ANY, everywhere_of, record_key, stale_staged
from ..storage_checks.faults import errors_on_record
from ..storage_checks.refusals import absence_refusals, refusals
from ..storage_checks.room import unmeasured
from ..units.text import FOLDER
from .case import Case
from .options import lacks_quota, unit_options
from .record import released_keys
from .state import (
    FILE,
    ROLE,
    SIGNATURE,
    USED,
    file_at,
    filesystem_of,
    in_words,
    is_absent,
    mounted,
    one,
)
from .steps import REFUSED, absence_steps, direct_io_refused, steps
from .units import DIRECT_IO_PATH, DIRECT_IO_SERVICE, GUARDS, guards, mount_unit, mount_unit_path

VOLUME = "storage.volume"
GUARD = "storage.guard"
STAGED = "storage.staged"
_DAEMON = "docker.service"


def look_at_storage(declaration: StorageDeclaration) -> Look:
    """Say what to look at for the filesystem's plan; nothing where nothing is managed."""
    if not declaration.source:
        return Look()
    path = mount_unit_path(declaration.mount_point)
    unit = mount_unit(declaration.mount_point)
    return Look(
        files=(path, DIRECT_IO_PATH) + GUARDS,
        globs=(
            "%s/*.mount" % FOLDER,
            "%s/%s.d/*.conf" % (FOLDER, unit.replace("\\", "[\\]")),
        ),
        units=(unit, DIRECT_IO_SERVICE, _DAEMON),
        storage=StorageLook(
            file=declaration.file,
            device=declaration.device,
            mount_point=declaration.mount_point,
            owner=declaration.file_owner,
            group=declaration.file_group,
            measures=declaration.is_mounted and declaration.adopt_existing == "move",
        ),
    )


def plan_storage(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    pending: Optional[StagedSet] = None,
) -> Plan:
    """Plan the filesystem, its units and Docker's guard; ``pending`` is all that will be staged."""
    storage, seen = declaration.storage, observed.storage
    if seen is None or not storage.source:
        return Plan(notes=_left_behind(observed))
    case = Case(
        declaration=storage,
        system=system,
        observed=observed,
        seen=seen,
        filesystem=filesystem_of(storage, system, seen),
    )
    unjudged = tuple(_unjudged(case))
    if unjudged:
        return Plan(unverifiable=unjudged)
    absent = storage.state == "absent"
    found = list(absence_refusals(case) if absent else refusals(case))
    if found:
        differences = [_refused(case, refusal) for refusal in found]
        return Plan(tuple(differences), declared=(_whole(case),))
    differences = list(absence_steps(case) if absent else steps(case))
    staged = stage_storage(storage, observed)
    failed = failed_refusal(declaration.activation, observed, pending or staged)
    differences.extend(_guard_differences(staged, observed, failed))
    differences.extend(stale_staged(STAGED, ROLE, is_answered_for, observed, staged.files))
    declared = tuple(_declarations(case, staged))
    released = released_keys(case, declared)
    return Plan(
        differences=tuple(differences),
        declared=declared,
        notes=tuple(_notes(case)),
        released=released,
    )


def stage_storage(declaration: StorageDeclaration, observed: Observation) -> StagedSet:
    """Give the guards to be staged, and what they declare."""
    wanted: Dict[str, StagedFile] = {path: StagedFile(None) for path in GUARDS}
    if not declaration.source or observed.storage is None:
        return StagedSet()
    if declaration.is_mounted:
        wanted = guards(declaration.mount_point, observed.storage.containerd_root)
    files = {path: file for path, file in wanted.items() if differs(file, file_at(observed, path))}
    digests = {record_key(GUARD, path): digest(file.text) for path, file in wanted.items()}
    return StagedSet(files, digests if files else {})


def is_answered_for(path: str) -> bool:
    """Whether this role answers for a staged file."""
    return path in GUARDS


def _unjudged(case: Case) -> Iterator[Unverifiable]:
    if "units" in case.observed.unobserved:
        reason = case.observed.unobserved["units"]
        yield Unverifiable(
            resource="storage.unit", role=ROLE, path=case.declaration.mount_point, reason=reason
        )
    if case.seen.volume.signature.unreadable:
        reason = "its signature could not be probed: %s" % case.seen.volume.signature.unreadable
        yield Unverifiable(
            resource="storage.filesystem", role=ROLE, path=case.declaration.source, reason=reason
        )


def _refused(case: Case, refusal: Refusal) -> Difference:
    source, mount_point = case.declaration.source, case.declaration.mount_point
    absent = case.declaration.state == "absent"
    return Difference(
        resource=VOLUME,
        role=ROLE,
        path=source,
        expected="absent"
        if absent
        else "%s, mounted on %s" % (one(case.filesystem.name), mount_point),
        actual=refusal.found,
        impact="none",
        sentence=_cannot(case, absent),
        refusal=refusal,
    )


def _cannot(case: Case, absent: bool) -> str:
    source, mount_point = case.declaration.source, case.declaration.mount_point
    if absent:
        return "%s cannot be taken away" % source
    if mounted(case.declaration, case.seen) is not None:
        return "%s is mounted on %s, and cannot be kept as declared" % (source, mount_point)
    return "%s cannot be mounted on %s" % (source, mount_point)


def _guard_differences(
    staged: StagedSet, observed: Observation, refusal: Optional[Refusal]
) -> Iterator[Difference]:
    for path, file in staged.files.items():
        service = path.split("/")[-2][: -len(".d")]
        yield Difference(
            resource=GUARD,
            role=ROLE,
            path=path,
            expected=file.text or "",
            actual=file_at(observed, path).text,
            impact="none",
            sentence="keep %s from starting without its filesystem" % service
            if file.text
            else "let %s start without a filesystem of its own" % service,
            refusal=refusal,
        )


def _whole(case: Case) -> Declared:
    """What a refusal is about: this volume in this place."""
    declaration = case.declaration
    wanted = digest(declaration.mount_point, declaration.size, declaration.state)
    return Declared(resource=VOLUME, role=ROLE, path=declaration.source, digest=wanted)


def _declarations(case: Case, staged: StagedSet) -> Iterator[Declared]:
    declaration, seen = case.declaration, case.seen
    source, point = declaration.source, declaration.mount_point
    yield _whole(case)
    for path in GUARDS:
        wanted = staged.declared.get(record_key(GUARD, path))
        text = file_at(case.observed, path).text
        yield Declared(resource=GUARD, role=ROLE, path=path, digest=wanted or digest(text or None))
    yield Declared(resource=STAGED, role=ROLE, path=ANY, digest=digest("what is declared"))
    unit, anywhere = mount_unit_path(point), everywhere_of(point)
    if not declaration.is_mounted:
        for resource in _RESOURCES:
            yield Declared(resource=resource, role=ROLE, path=anywhere, digest=digest("absent"))
        return
    uuid = seen.volume.signature.uuid
    if uuid and mounted(declaration, seen) is not None:
        yield Declared(resource=SIGNATURE, role=ROLE, path=uuid, digest=USED)
    options = unit_options(declaration, case.filesystem.name, case.observed.project_quota)
    yield Declared(resource=FILE, role=ROLE, path=source, digest=digest("here"))
    if declaration.file:
        owner = [declaration.file_owner, declaration.file_group, declaration.file_mode]
        yield Declared(
            resource="storage.size", role=ROLE, path=source, digest=digest(declaration.size)
        )
        yield Declared(
            resource="storage.capacity", role=ROLE, path=anywhere, digest=digest(declaration.size)
        )
        yield Declared(
            resource="storage.allocation",
            role=ROLE,
            path=source,
            digest=digest(declaration.allocation),
        )
        yield Declared(resource="storage.ownership", role=ROLE, path=source, digest=digest(owner))
        direct_io = REFUSED if direct_io_refused(case) else digest(declaration.direct_io)
        yield Declared(resource="storage.direct_io", role=ROLE, path=source, digest=direct_io)
        wanted = digest(source, point) if declaration.direct_io else digest("none")
        yield Declared(resource="storage.direct_io_unit", role=ROLE, path=anywhere, digest=wanted)
    yield Declared(resource="storage.leftover", role=ROLE, path=anywhere, digest=digest("removed"))
    yield Declared(resource="storage.tools", role=ROLE, path=anywhere, digest=digest("installed"))
    yield Declared(
        resource="storage.filesystem", role=ROLE, path=source, digest=digest(case.filesystem.name)
    )
    yield Declared(
        resource="storage.filesystem_size", role=ROLE, path=source, digest=digest(declaration.size)
    )
    yield Declared(
        resource="storage.label", role=ROLE, path=source, digest=digest(declaration.label)
    )
    yield Declared(
        resource="storage.unit", role=ROLE, path=unit, digest=digest(source, point, options)
    )
    yield Declared(
        resource="storage.unit", role=ROLE, path=anywhere, digest=digest("none of others")
    )
    yield Declared(resource="storage.enabled", role=ROLE, path=anywhere, digest=digest("enabled"))
    yield Declared(resource="storage.fstab", role=ROLE, path=anywhere, digest=digest("the unit"))
    yield Declared(
        resource="storage.content", role=ROLE, path=point, digest=digest(declaration.adopt_existing)
    )
    yield Declared(resource="storage.moved", role=ROLE, path=anywhere, digest=digest("removed"))
    yield Declared(resource="storage.mount", role=ROLE, path=point, digest=digest(source))
    yield Declared(resource="storage.options", role=ROLE, path=point, digest=digest(options))
    yield Declared(
        resource="storage.label_of_policy",
        role=ROLE,
        path=anywhere,
        digest=digest("as /var/lib/docker"),
    )


def _notes(case: Case) -> Iterator[str]:
    declaration, seen = case.declaration, case.seen
    if not declaration.is_mounted:
        return
    yield from errors_on_record(case)
    yield from unmeasured(case)
    mount = mounted(declaration, seen)
    options = unit_options(declaration, case.filesystem.name, case.observed.project_quota)
    if mount is not None and lacks_quota(options, mount):
        yield (
            "%s is mounted without pquota, which only its next mount brings: until then Docker "
            "cannot limit the size of a container." % declaration.mount_point
        )
    if direct_io_refused(case):
        yield "Direct I/O was refused by the kernel for %s." % declaration.file
    volume = seen.volume
    copied = seen.host_filesystem == "btrfs" and "C" not in volume.attributes
    if declaration.file and copied and not is_absent(seen):
        yield (
            "%s lies on a btrfs and is copied on every write: chattr +C takes effect on an empty "
            "file alone." % declaration.file
        )
    left = volume.size - volume.allocated
    if declaration.allocation == "sparse" and volume.kind == "file" and seen.free < left:
        yield (
            "%s may still take %s, and %s are free around it: writes in it will fail when those "
            "are used up." % (declaration.file, in_words(left), in_words(seen.free))
        )


def _left_behind(observed: Observation) -> Tuple[str, ...]:
    prefix = record_key("storage.mount", "/")
    points: List[str] = [
        key[len(prefix) - 1 :] for key in observed.applied.digests if key.startswith(prefix)
    ]
    return tuple(
        "What was mounted on %s as docker_storage declared before stays as it is; "
        "docker_storage_state: absent would take it away." % point
        for point in points
    )


_RESOURCES = (
    FILE,
    SIGNATURE,
    "storage.size",
    "storage.capacity",
    "storage.allocation",
    "storage.ownership",
    "storage.direct_io",
    "storage.direct_io_unit",
    "storage.leftover",
    "storage.tools",
    "storage.filesystem",
    "storage.filesystem_size",
    "storage.label",
    "storage.unit",
    "storage.enabled",
    "storage.fstab",
    "storage.content",
    "storage.moved",
    "storage.mount",
    "storage.options",
    "storage.label_of_policy",
)
