# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Name orphans, containers that run on without the daemon. No run can give them back to it.

Their processes keep their networks and files, and nobody stops, restarts or lists them.
"""

from typing import Iterator

from ...words import impacts, resources
from ...words.declared import declare_anywhere
from ...words.difference import Difference
from ...words.observations.docker.containers import OrphanObserved
from ...words.observations.host import Observation
from .stop import namespace_in_use

ROLE = "docker_activation"
ORPHANS_DECLARED = declare_anywhere(resource=resources.SERVICE_ORPHAN, role=ROLE, wanted="none")


def plan_orphans(observed: Observation) -> Iterator[Difference]:
    """Name each container that runs, and that the daemon does not know to run."""
    for each in observed.orphans:
        told = "does not know it" if not each.status else "takes it for %s" % each.status
        yield Difference(
            resource=resources.SERVICE_ORPHAN,
            role=ROLE,
            path=each.identity,
            expected="known to the daemon",
            actual="runs as PID %d, and the daemon %s" % (each.pid, told),
            impact=impacts.NONE,
            sentence="container %s runs on as PID %d, and the daemon %s: %s. %s"
            % (_spoken(each), each.pid, told, _why(each, observed), _cure(each, observed)),
            only_reported=True,
        )


def _spoken(orphan: OrphanObserved) -> str:
    short = orphan.identity[:12]
    return short if orphan.name in ("", short) else "%s (%s)" % (orphan.name, short)


def _why(orphan: OrphanObserved, observed: Observation) -> str:
    """Say what the daemon had when it made the container and does not have now."""
    if orphan.data_root != _root(observed):
        told = "it was made in data-root %s, and the daemon has %s"
        return told % (orphan.data_root, _root(observed))
    if orphan.namespace != namespace_in_use(observed):
        told = "it runs in containerd's namespace %s, and the daemon uses %s"
        return told % (orphan.namespace, namespace_in_use(observed))
    if orphan.status:
        return "the daemon was started without the containerd that runs it"
    return "the daemon was started with another image store or storage driver"


def _cure(orphan: OrphanObserved, observed: Observation) -> str:
    """Say what to do; the next start does not take back a container that counts as ended."""
    end = "or end it with `kill -KILL %d`." % orphan.pid
    if not orphan.status:
        return "Give the daemon that back, and it has the container again, %s" % end
    anew = "`docker start %s`, which ends it and starts it anew" % (
        orphan.name or orphan.identity[:12]
    )
    if orphan.namespace != namespace_in_use(observed):
        return "Give the daemon that back and run %s, %s" % (anew, end)
    return "Run %s, %s" % (anew, end)


def _root(observed: Observation) -> str:
    return observed.data_root.path if observed.data_root is not None else ""
