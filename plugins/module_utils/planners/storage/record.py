# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell which keys of the record belong to one filesystem: a host may have several.

What was declared on a mount point names its volume by a digest. So a filesystem is recognised after
it was given another file or another place.
"""

from typing import Iterable, Mapping, Set, Tuple

from ...words import resources
from ...words.declared import Declared, anywhere_of, digest, record_key
from .case import Case
from .units import mount_unit_path

_SHARED = (record_key(resources.STORAGE_GUARD, ""), record_key(resources.STORAGE_STAGED, ""))


def released_keys(case: Case, declared: Iterable[Declared]) -> Tuple[str, ...]:
    """Name what was declared of this filesystem before and is not now."""
    declaration, digests = case.declaration, case.applied.digests
    still = {each.key for each in declared}
    paths = _paths(declaration.source, declaration.mount_point, digests)
    if not declaration.is_mounted:
        # Its volume may stay, and is then nobody's.
        paths.add(case.seen.volume.signature.uuid)
    return tuple(
        key
        for key in digests
        if key.startswith("storage.") and not key.startswith(_SHARED)
        if key not in still and key.partition(" ")[2] in paths
    )


def _paths(source: str, point: str, digests: Mapping[str, str]) -> Set[str]:
    """Name the parts of a filesystem in the record's keys: its volumes, its places, their units."""
    prefix = record_key(resources.STORAGE_MOUNT, "")
    places = {key[len(prefix) :]: told for key, told in digests.items() if key.startswith(prefix)}
    points = {point} | {each for each, told in places.items() if told == digest(source)}
    told_here = {places[each] for each in points if each in places}
    prefix = record_key(resources.STORAGE_FILE, "")
    volumes = [key[len(prefix) :] for key in digests if key.startswith(prefix)]
    sources = {source} | {each for each in volumes if digest(each) in told_here}
    found = points | sources
    for each in points:
        found.update((anywhere_of(each), mount_unit_path(each)))
    return found
