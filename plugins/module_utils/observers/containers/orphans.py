# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find running containers of docker.service that its daemon does not know to run.

They come about when a daemon is started with another data-root, image store, containerd or
namespace than before, and containers live through the restart.
"""

import os
import time
from typing import Dict, Iterator, NamedTuple, Sequence, Tuple

from ...words.observations.docker.containers import OrphanObserved, ShimObserved
from ...words.observations.docker.daemons import DaemonsObserved
from ...words.observations.host import DaemonObserved, UnitObserved
from ...words.tables.daemon_flags import flags_of
from ..daemon.daemon import DaemonSilent
from ..host.processes import same_path
from .containers import list_containers
from .shims import made_in, name_of, read_shims

# Docker's own namespace in containerd (moby, daemon/config).
_NAMESPACE = "moby"
# A container that is just being removed has ended after this pause, and its shim with it.
_PAUSE = 1.0


class Own(NamedTuple):
    """How docker.service's containers are recognised; an empty address says nothing."""

    address: str
    namespaces: Tuple[str, ...]
    root: str
    roots_of_others: Tuple[str, ...] = ()


def observe_orphans(
    daemon: DaemonObserved, service: UnitObserved, root: str, others: DaemonsObserved
) -> Tuple[OrphanObserved, ...]:
    """Find orphans by two looks, since containers come and go; none where the daemon is silent."""
    own = own_of(daemon, service, root, others)
    shims = [each for each in read_shims() if each.process]
    try:
        first = list(find_orphans(shims, own, _statuses())) if shims else []
        if not first:
            return ()
        time.sleep(_PAUSE)
        began = {(each.pid, each.began) for each in shims}
        shims = [each for each in read_shims() if each.process and (each.pid, each.began) in began]
        again = {each.identity: each for each in find_orphans(shims, own, _statuses())}
    except DaemonSilent:
        return ()
    return tuple(again[each.identity] for each in first if each.identity in again)


def own_of(
    daemon: DaemonObserved, service: UnitObserved, root: str, others: DaemonsObserved
) -> Own:
    """Say how docker.service's containers are recognised, from what its daemon tells."""
    flags = flags_of(service.arguments[1:])
    told = {
        key: str(daemon.settings.get(key) or (flags.get(key) or [""])[-1])
        for key in ("containerd", "containerd-namespace")
    }
    return Own(
        address=same_path(told["containerd"]),
        namespaces=(_NAMESPACE, told["containerd-namespace"]),
        root=os.path.realpath(root),
        roots_of_others=tuple(each.data_root for each in others.running if each.data_root),
    )


def find_orphans(
    shims: Sequence[ShimObserved], own: Own, statuses: Dict[str, str]
) -> Iterator[OrphanObserved]:
    """Give the shims whose container the daemon does not know, or knows as ended."""
    for shim in shims:
        status = statuses.get(shim.identity, "")
        if status not in ("", "exited"):
            continue
        root = _data_root(shim, own)
        if not _is_own(shim, root, own):
            continue
        yield OrphanObserved(
            identity=shim.identity,
            pid=shim.process,
            namespace=shim.namespace,
            name=name_of(shim.identity, root),
            data_root=root,
            status=status,
        )


def _data_root(shim: ShimObserved, own: Own) -> str:
    """Give the data-root of a container, by its folder or by its mounts."""
    if os.path.isdir(os.path.join(own.root, "containers", shim.identity)):
        return own.root
    return made_in(shim)


def _is_own(shim: ShimObserved, root: str, own: Own) -> bool:
    """Whether a container is docker.service's, not another daemon's and not from outside Docker."""
    if not root or root in own.roots_of_others:
        return False
    if root == own.root:
        return True
    is_there = not own.address or same_path(shim.address) == own.address
    return is_there and shim.namespace in own.namespaces


def _statuses() -> Dict[str, str]:
    return {each.identity: each.status for each in list_containers()}
