# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Know the containers that were there before a commit, and ask after each of them afterwards."""

import time
from typing import NamedTuple, Optional, Sequence, Tuple

from ...observers.containers.containers import end_of, list_containers, observe_deeds
from ...observers.containers.shims import name_of, read_shims
from ...observers.daemon.daemon import DaemonSilent
from ...observers.daemon.data_root import folder_of_containers, has_lost_folder, place_of
from ...planners.containers.fate import (
    FORGOTTEN,
    HAVE_PROCESSES,
    KNOWN,
    RUNS,
    ContainerDue,
    Verdict,
    are_due,
    is_missing,
    is_running,
    judge,
)
from ...planners.containers.stop import namespace_in_use
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.docker.containers import ContainerListed, ContainerSeen
from ...words.observations.host import Observation, UnitObserved


class Before(NamedTuple):
    """The containers before a commit, what is due of each, and where their folders lie.

    ``place`` identifies that folder, should another one hide it; ``since`` is the time of the look.
    """

    containers: Tuple[ContainerDue, ...] = ()
    folder: str = ""
    place: Tuple[int, int] = (0, 0)
    since: float = 0.0


def look_before(observed: Observation, stops: bool, is_left_behind: bool) -> Before:
    """See which containers there are, and say what is due of each.

    ``stops`` tells that running ones are stopped, ``is_left_behind`` that the daemon will not know
    them any more. Both are consented to.
    """
    since, folder = time.time(), ""
    if observed.data_root is not None:
        folder = folder_of_containers(observed.data_root.path)
    if observed.daemon is None:
        due = _by_shims(observed, FORGOTTEN if is_left_behind else KNOWN if stops else RUNS)
    else:
        due = _by_the_daemon(stops, is_left_behind)
    return Before(containers=due, folder=folder, place=place_of(folder), since=since)


def ask_after(before: Before) -> Optional[Verdict]:
    """Say what is wrong with the containers that were there before; None where nothing is.

    What somebody had the daemon do to a container meanwhile is not the commit's doing.

    :raises DaemonSilent: with the reason.
    """
    if not before.containers:
        return None
    listed = {each.identity: each.status for each in list_containers()}
    doubtful = [
        each for each in before.containers if listed.get(each.identity, "") not in HAVE_PROCESSES
    ]
    if not doubtful:
        return None
    shims = {each.identity for each in read_shims() if each.process}
    missing = [
        each
        for each in doubtful
        if is_missing(each, listed.get(each.identity, ""), each.identity in shims)
    ]
    if not missing:
        return None
    deeds = observe_deeds([each.identity for each in missing], before.since, time.time())
    seen = []
    for each in missing:
        end = end_of(each.identity)
        seen.append(
            (
                each,
                ContainerSeen(
                    status=end.status,
                    exit_code=end.exit_code,
                    restarts=end.restarts,
                    has_shim=each.identity in shims,
                    has_folder=has_lost_folder(before.folder, before.place, each.identity),
                    deeds=deeds.get(each.identity, ()),
                ),
            )
        )
    verdict = judge(seen)
    return verdict if verdict.sentence else None


def tell_stopped(names: Sequence[str]) -> Tuple[str, ...]:
    """Name containers that ran before and no longer run, which was consented to."""
    if not names:
        return ()
    try:
        listed = {each.name: each.status for each in list_containers()}
    except DaemonSilent:
        return ()
    stopped = [name for name in names if name in listed and listed[name] not in HAVE_PROCESSES]
    gone = [name for name in names if name not in listed]
    told = []
    if stopped:
        told.append(
            "These containers do not run now, and have no restart policy that starts them again: "
            + ", ".join(stopped)
        )
    if gone:
        told.append("The daemon does not have these containers any more: " + ", ".join(gone))
    return tuple(told)


def _by_the_daemon(stops: bool, is_left_behind: bool) -> Tuple[ContainerDue, ...]:
    try:
        listed = list_containers()
        if is_left_behind:
            return are_due(listed, FORGOTTEN, FORGOTTEN)
        if not stops:
            return are_due(listed, RUNS)
        return tuple(
            ContainerDue(each.identity, each.name, RUNS if _comes_back(each) else KNOWN)
            for each in listed
        )
    except DaemonSilent:
        return ()


def _comes_back(container: ContainerListed) -> bool:
    """Whether a running container is one that the daemon starts again whenever it starts."""
    return is_running(container.status) and end_of(container.identity).restarts


def _by_shims(observed: Observation, due: str) -> Tuple[ContainerDue, ...]:
    """Find running containers by their shims; only a daemon that was up must keep them running."""
    root = observed.data_root.path if observed.data_root is not None else ""
    namespace = namespace_in_use(observed)
    is_up = observed.units.get(DOCKER_SERVICE, UnitObserved()).active_state == "active"
    return tuple(
        ContainerDue(
            each.identity,
            name_of(each.identity, root),
            KNOWN if due == RUNS and not is_up else due,
        )
        for each in read_shims()
        if each.namespace == namespace and each.process
    )
