# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check whether another data-root is Docker's former one, before a start on a stray one.

A start by hand or without its daemon.json begins with an empty data-root, and a pull brings an
image into it. Going back to the data-root on record, with all its contents, loses nothing that
cannot be had again: the stray one's images stay there, and are named. Containers and volumes cannot
be had again, so these need consent.
"""

from typing import NamedTuple, Optional, Tuple

from ...words import resources
from ...words.declarations.daemon import DaemonDeclaration
from ...words.declared import digest, record_key
from ...words.observations.host import DataRootObserved, Observation, RootToBeObserved
from ..daemon.document import Document
from ..daemon.meaning import tidy_path


class Change(NamedTuple):
    """A change of Docker's place: ``root`` is the coming data-root, ``seen`` is its contents.

    ``moves`` tells that it is not the present one, ``remap`` is the new userns-remap, None where
    that stays.
    """

    root: str
    seen: RootToBeObserved
    moves: bool = False
    remap: Optional[str] = None


def root_to_be(wanted: str, observed: Observation) -> RootToBeObserved:
    """Give what was seen of a declared data-root."""
    for path, seen in observed.roots_to_be.items():
        if tidy_path(path) == tidy_path(wanted):
            return seen
    return RootToBeObserved()


def is_going_back(
    change: Change, document: Document, declaration: DaemonDeclaration, observed: Observation
) -> bool:
    """Whether the change leads to what is on record, and there is something to go back to."""
    if not observed.applied.trusted or not (change.moves or change.remap is not None):
        return False
    if change.moves and not _is_recorded_root(change.root, document, declaration, observed):
        return False
    if change.remap is not None and not _is_recorded("userns-remap", document, observed):
        return False
    return any(
        sum(each.images.values()) or each.containers or each.volumes
        for each in _roots(change, document)
    )


def spoken_contents(change: Change, document: Document) -> str:
    """Count what there is to go back to."""
    roots = _roots(change, document)
    counts = (
        (sum(sum(each.images.values()) for each in roots), "image"),
        (sum(each.containers for each in roots), "container"),
        (sum(each.volumes for each in roots), "volume"),
    )
    told = ["%d %s%s" % (count, name, "" if count == 1 else "s") for count, name in counts if count]
    return ", ".join(told)


def _roots(change: Change, document: Document) -> Tuple[DataRootObserved, ...]:
    """Give the folders in which a daemon with this document finds its data."""
    return change.seen.remapped if document.get("userns-remap") else (change.seen.contents,)


def _is_recorded_root(
    root: str, document: Document, declaration: DaemonDeclaration, observed: Observation
) -> bool:
    if _is_recorded("graph" if _is_old(document) else "data-root", document, observed):
        return True
    # A filesystem in the default place is data-root even if daemon.json does not say so.
    mount = record_key(resources.STORAGE_MOUNT, tidy_path(root))
    is_kept = tidy_path(root) == declaration.storage_mount_point
    return is_kept and mount in observed.applied.digests


def _is_old(document: Document) -> bool:
    return "graph" in document and "data-root" not in document


def _is_recorded(key: str, document: Document, observed: Observation) -> bool:
    """Whether a key was applied as it will be or, without it, nothing was applied of it."""
    applied, value = observed.applied, document.get(key)
    recorded = applied.digests.get(record_key(resources.DAEMON_JSON, "/" + key))
    return recorded == (None if value is None else digest(applied.salt, value))
