# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Name a root of containerd that its next start would no longer use.

Whoever moves it in containerd's own configuration leaves behind what Docker keeps in it: images, if
containerd's store is in use, and what is known of running containers.
"""

from typing import Iterator, Optional

from ...words import impacts, resources
from ...words.declared import declare_anywhere
from ...words.difference import Difference, Refusal
from ...words.observations.host import Observation
from ...words.paths import CONTAINERD_SOCKET
from .data import Held
from .store import CONTAINERD, NAMESPACE, store_in_use

ROLE = "docker_activation"
CONTAINERD_ROOT_DECLARED = declare_anywhere(
    resource=resources.SERVICE_CONTAINERD_ROOT, role=ROLE, wanted="where it is"
)


def plan_containerd_root(observed: Observation, restarts: bool) -> Iterator[Difference]:
    """Report what would be left behind; refuse it where this run ``restarts`` containerd."""
    seen = observed.containerd
    if not seen.running_root or seen.running_root == seen.root:
        return
    held = _held(observed).spoken()
    if not held:
        return
    named = "%s names %s" % (seen.said_by, seen.root)
    back = "take the root out of %s" % seen.said_by
    if not seen.said_by:
        named = "no file names that any more, so %s is the next" % seen.root
        back = "name the root in /etc/containerd/config.toml again"
    found = (
        "containerd runs with the root %s, and %s: after the next start of containerd Docker would "
        "not see %s." % (seen.running_root, named, held)
    )
    remedy = "Stop Docker and containerd and move %s to %s, or %s." % (
        seen.running_root,
        seen.root,
        back,
    )
    yield Difference(
        resource=resources.SERVICE_CONTAINERD_ROOT,
        role=ROLE,
        path=seen.said_by or seen.running_root,
        expected=seen.running_root,
        actual=seen.root,
        impact=impacts.NONE,
        sentence="%s %s" % (found, remedy),
        refusal=Refusal(found="this run would restart containerd, and " + found, remedy=remedy)
        if restarts
        else None,
        only_reported=not restarts,
    )


def _held(observed: Observation) -> Held:
    daemon = observed.daemon
    if daemon is None:
        by_namespace = observed.containerd.images.get(observed.containerd.running_root, {})
        images: Optional[int] = None
        if by_namespace is not None:
            images = by_namespace.get(NAMESPACE, 0)
        return Held(images)
    store = store_in_use(daemon)
    if store.kind == CONTAINERD and store.place in ("", CONTAINERD_SOCKET):
        return Held(daemon.images, daemon.containers)
    address = daemon.settings.get("containerd")
    return Held(0, daemon.containers_running if address in (None, CONTAINERD_SOCKET) else 0)
