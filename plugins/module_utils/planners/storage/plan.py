# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the filesystem under data-root: each difference is one step, and they are in order."""

from typing import Dict, Iterator, List, Optional, Tuple

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.declarations.storage import StorageDeclaration
from ...words.declared import digest, record_key
from ...words.difference import Difference, Plan, Refusal, Unverifiable
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import Look, Observation, StagedFile, StagedSet
from ...words.observations.storage import StorageLook
from ...words.paths import UNIT_FOLDER
from ...words.tables.supported_systems import SupportedSystem
from ..activation.commit import failed_refusal
from ..activation.effect import differs
from ..host.comparison import stale_staged
from ..storage_checks.faults import errors_on_record
from ..storage_checks.refusals import absence_refusals, refusals
from ..storage_checks.room import unmeasured
from .case import Case
from .declarations import declarations, declare_volume
from .options import lacks_quota, unit_options
from .record import released_keys
from .state import ROLE, file_at, filesystem_of, in_words, is_absent, mounted, one
from .steps import absence_steps, steps
from .unit_steps import direct_io_refused
from .units import DIRECT_IO_PATH, DIRECT_IO_SERVICE, GUARDS, guards, mount_unit, mount_unit_path


def look_at_storage(declaration: StorageDeclaration) -> Look:
    """Say what to look at for the filesystem's plan; nothing where nothing is managed."""
    if not declaration.source:
        return Look()
    path = mount_unit_path(declaration.mount_point)
    unit = mount_unit(declaration.mount_point)
    return Look(
        files=(path, DIRECT_IO_PATH) + GUARDS,
        globs=(
            "%s/*.mount" % UNIT_FOLDER,
            "%s/%s.d/*.conf" % (UNIT_FOLDER, unit.replace("\\", "[\\]")),
        ),
        units=(unit, DIRECT_IO_SERVICE, DOCKER_SERVICE),
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
        return Plan(tuple(differences), declared=(declare_volume(case),))
    differences = list(absence_steps(case) if absent else steps(case))
    staged = stage_storage(storage, observed)
    failed = failed_refusal(declaration.activation, observed, pending or staged)
    differences.extend(_guard_differences(staged, observed, failed))
    differences.extend(
        stale_staged(resources.STORAGE_STAGED, ROLE, is_answered_for, observed, staged.files)
    )
    declared = tuple(declarations(case, staged))
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
    digests = {
        record_key(resources.STORAGE_GUARD, path): digest(file.text)
        for path, file in wanted.items()
    }
    return StagedSet(files, digests if files else {})


def is_answered_for(path: str) -> bool:
    """Whether this role answers for a staged file."""
    return path in GUARDS


def _unjudged(case: Case) -> Iterator[Unverifiable]:
    if "units" in case.observed.unobserved:
        reason = case.observed.unobserved["units"]
        yield Unverifiable(
            resource=resources.STORAGE_UNIT,
            role=ROLE,
            path=case.declaration.mount_point,
            reason=reason,
        )
    if case.seen.volume.signature.unreadable:
        reason = "its signature could not be probed: %s" % case.seen.volume.signature.unreadable
        yield Unverifiable(
            resource=resources.STORAGE_FILESYSTEM,
            role=ROLE,
            path=case.declaration.source,
            reason=reason,
        )


def _refused(case: Case, refusal: Refusal) -> Difference:
    source, mount_point = case.declaration.source, case.declaration.mount_point
    absent = case.declaration.state == "absent"
    return Difference(
        resource=resources.STORAGE_VOLUME,
        role=ROLE,
        path=source,
        expected="absent"
        if absent
        else "%s, mounted on %s" % (one(case.filesystem.name), mount_point),
        actual=refusal.found,
        impact=impacts.NONE,
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
            resource=resources.STORAGE_GUARD,
            role=ROLE,
            path=path,
            expected=file.text or "",
            actual=file_at(observed, path).text,
            impact=impacts.NONE,
            sentence="keep %s from starting without its filesystem" % service
            if file.text
            else "let %s start without a filesystem of its own" % service,
            refusal=refusal,
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
    prefix = record_key(resources.STORAGE_MOUNT, "/")
    points: List[str] = [
        key[len(prefix) - 1 :] for key in observed.applied.digests if key.startswith(prefix)
    ]
    return tuple(
        "What was mounted on %s as docker_storage declared before stays as it is; "
        "docker_storage_state: absent would take it away." % point
        for point in points
    )
