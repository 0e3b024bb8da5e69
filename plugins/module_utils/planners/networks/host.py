# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check whether Docker's networks would shadow networks of the host, or reserved ones."""

import ipaddress
import re
from typing import Any, Iterator, List, NamedTuple, Tuple

from ...words.declarations.daemon import DaemonDeclaration
from ...words.difference import Refusal
from ...words.observations.host import Observation
from ...words.paths import DAEMON_JSON
from ..daemon.document import Document
from ..daemon.meaning import canonical

ALLOW_OVERLAP = "docker_daemon_allow_network_overlap"
# The first pool for user networks by default (moby, libnetwork/ipamutils).
BUILT_IN_POOLS = tuple(ipaddress.ip_network("172.%d.0.0/16" % number) for number in range(18, 32))
# docker0's default network if no route is there (moby, libnetwork/ipamutils).
BUILT_IN_BRIDGE = "172.17.0.0/16"
# Docker's own interfaces: docker0, those of user networks, swarm's, one end of a container's pair.
_OWN_INTERFACES = re.compile(r"^(docker\d*|br-[0-9a-f]{12}|docker_gwbridge|veth\w*)$")
# A shorter prefix is half of a default route, as VPN clients write it.
_SHORTEST_ROUTE = 4


class InUse(NamedTuple):
    """A network that Docker must not take, and what shows that it is in use."""

    network: Any
    told_by: str


def overlap_refusals(
    document: Document, live: Document, declaration: DaemonDeclaration, observed: Observation
) -> Iterator[Tuple[str, Refusal]]:
    """Refuse what would take the host off one of its networks, each under its pointer.

    What is live already is compared with the reserved networks alone: a route in it is most likely
    Docker's own, to a bridge that somebody has named.
    """
    if declaration.allow_network_overlap:
        return
    taken = networks_in_use(document, declaration, observed)
    wanted = list(networks_of(document))
    for pointer, text in wanted:
        network = as_network(text)
        key = pointer.split("/")[1]
        is_new = canonical(document.get(key)) != canonical(live.get(key))
        for each in taken:
            counts = is_new or each.told_by == _RESERVED
            if counts and network is not None and overlap(network, each.network):
                yield pointer, _refusal("%s: %s is to be %s" % (DAEMON_JSON, key, text), each)
    # docker0 avoids the host's routes by itself, but not networks that no route shows.
    if not any(pointer == "/bip" for pointer, _text in wanted) and not document.get("bridge"):
        pools = [text for pointer, text in wanted if pointer.startswith("/default-address-pools")]
        bridge = ipaddress.ip_network(BUILT_IN_BRIDGE)
        for each in taken:
            if each.told_by == _RESERVED and not pools and overlap(bridge, each.network):
                found = "docker0 would take %s, for neither bip nor address pools are declared"
                yield "/bip", _refusal(found % BUILT_IN_BRIDGE, each)
    if not document.get("default-address-pools"):
        for each in taken:
            if each.told_by == _RESERVED and any(overlap(p, each.network) for p in BUILT_IN_POOLS):
                found = "user networks would come from Docker's own pools, 172.18.0.0/16 and on"
                yield "/default-address-pools", _refusal(found, each)


_RESERVED = "docker_daemon_reserved_networks"


def networks_in_use(
    document: Document, declaration: DaemonDeclaration, observed: Observation
) -> List[InUse]:
    """Give the host's networks without Docker's own, and the reserved ones."""
    own = dockers_own(document, observed)
    taken = []
    for each in observed.networks:
        network = ipaddress.ip_network(each.network)
        if network.prefixlen < _SHORTEST_ROUTE or network in own:
            continue
        if not each.interface and any(overlap(network, other) for other in own):
            continue
        told_by = "a route by %s" % each.interface if each.interface else "an address of this host"
        taken.append(InUse(network, told_by))
    for text in declaration.reserved_networks:
        taken.append(InUse(ipaddress.ip_network(text), _RESERVED))
    return taken


def dockers_own(document: Document, observed: Observation) -> List[Any]:
    """Give the networks of Docker's own interfaces."""
    own_bridge = document.get("bridge")
    return [
        ipaddress.ip_network(each.network)
        for each in observed.networks
        if _OWN_INTERFACES.match(each.interface) or each.interface == own_bridge
    ]


def as_network(text: Any) -> Any:
    """Read an address with a prefix as its network; None where it is none."""
    try:
        return ipaddress.ip_interface(str(text)).network if "/" in str(text) else None
    except ValueError:
        return None


def networks_of(document: Document) -> Iterator[Tuple[str, Any]]:
    """Give the networks that a document has Docker take, each under its pointer."""
    for key in ("bip", "bip6", "fixed-cidr", "fixed-cidr-v6"):
        if document.get(key):
            yield "/" + key, document[key]
    pools = document.get("default-address-pools")
    for each in pools if isinstance(pools, list) else ():
        if isinstance(each, dict):
            yield "/default-address-pools", each.get("base")


def overlap(one: Any, other: Any) -> bool:
    """Whether two networks have an address in common."""
    return bool(one.version == other.version and one.overlaps(other))


def _refusal(found: str, taken: InUse) -> Refusal:
    return Refusal(
        found="%s, and %s is in use (%s)." % (found, taken.network, taken.told_by),
        remedy="Containers would shadow it. Choose other networks with docker_daemon_bip and "
        "docker_daemon_address_pools, or set %s." % ALLOW_OVERLAP,
        consent=ALLOW_OVERLAP,
    )
