# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a container that was there before a commit: its own end, or the commit's doing."""

from typing import Iterable, List, NamedTuple, Sequence, Tuple

from ...words.observations.docker.containers import ContainerListed, ContainerSeen

# What is due of a container afterwards: that it runs, that the daemon knows it, or only that it
# does not run on without a daemon.
RUNS, KNOWN, FORGOTTEN = "runs", "is known", "may be forgotten"
# The states in which a listed container has processes (moby, container/state.go).
HAVE_PROCESSES = ("running", "paused", "restarting")
# The states without processes; empty where the daemon does not know the container.
_ENDED = ("", "exited")
_GOING = ("removing", "dead")
# Killed by a signal (128 + its number), or lost by the daemon.
_NOT_BY_ITSELF = (137, 143, 255)
_NAMED = 10


class ContainerDue(NamedTuple):
    """A container that was there before, and what is due of it afterwards."""

    identity: str
    name: str
    due: str = RUNS


class Verdict(NamedTuple):
    """What is wrong with containers; ``is_lost`` means that time will not mend it."""

    sentence: str
    is_lost: bool


def are_due(
    listed: Iterable[ContainerListed], running: str, others: str = KNOWN
) -> Tuple[ContainerDue, ...]:
    """Say what is due of containers, by whether they run now."""
    return tuple(
        ContainerDue(each.identity, each.name, running if is_running(each.status) else others)
        for each in listed
    )


def is_running(status: str) -> bool:
    """Whether a container has come up; a restarting one has not."""
    return status in ("running", "paused")


def is_missing(container: ContainerDue, status: str, has_shim: bool) -> bool:
    """Whether a container needs a closer look, by its state in the daemon's list."""
    if status in HAVE_PROCESSES:
        return False
    return has_shim or container.due == RUNS or (container.due == KNOWN and not status)


def judge(seen: Sequence[Tuple[ContainerDue, ContainerSeen]]) -> Verdict:
    """Say what is wrong with containers; an empty sentence where nothing is."""
    orphans = [each for each, found in seen if _is_orphan(found)]
    lost = [each for each, found in seen if not _is_orphan(found) and _is_lost(each, found)]
    ended = [each for each, found in seen if not _is_orphan(found) and _is_ended(each, found)]
    told: List[str] = []
    if orphans:
        told.append(
            "containers run on, and the daemon does not know that they run: " + _names(orphans)
        )
    if lost:
        told.append("the daemon does not know containers that it had before: " + _names(lost))
    if ended:
        told.append("containers that ran before do not run: " + _names(ended))
    return Verdict("; ".join(told), bool(orphans or lost))


def _is_orphan(seen: ContainerSeen) -> bool:
    return seen.has_shim and seen.status in _ENDED


def _is_lost(container: ContainerDue, seen: ContainerSeen) -> bool:
    """Whether the daemon has lost a container; one that somebody removed leaves no folder."""
    if container.due == FORGOTTEN or seen.status:
        return False
    return seen.has_folder and "destroy" not in seen.deeds


def _is_ended(container: ContainerDue, seen: ContainerSeen) -> bool:
    """Whether a container that should run has ended, neither by itself nor by somebody's deed."""
    if container.due != RUNS or not seen.status or seen.status in HAVE_PROCESSES + _GOING:
        return False
    if seen.deeds:
        return False
    return seen.restarts or seen.exit_code in _NOT_BY_ITSELF


def _names(containers: Sequence[ContainerDue]) -> str:
    names = sorted(each.name or each.identity[:12] for each in containers)
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (" and %d more" % more if more > 0 else "")
