# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check address pools in a daemon.json of which dockerd makes no usable network.

Tried on 20.10, 26.1 and 28.5 (moby, libnetwork/ipamutils and ipam). All of them drop host bits, and
take duplicates and overlaps once.
"""

import ipaddress
from typing import Any, Iterator, List, Tuple

from ...words.tables.daemon_options import Version
from ..daemon.document import Document
from ..daemon.meaning import pool_of
from ..daemon_checks.circumstances import Circumstances, Found, spoken_version
from ..daemon_checks.refusals import refuse, wrong_value
from .addresses import BITS, bridge_complaint, read_interface, use_complaint

_KEY = "default-address-pools"
# Since this version pools are split only when they are used.
_FIRST_SPLIT_LATER: Version = (27,)
# Since this version the first pool may be an IPv6 one.
_FIRST_OF_ANY_ORDER: Version = (23,)
_MOST_SUBNETS = 24


def check_pools(document: Document, known: Circumstances) -> Found:
    """Give all that is wrong with the pools."""
    keys = (_KEY,)
    families: List[int] = []
    for base, size in pools_of(document):
        pool = read_interface(base)
        if pool is None:
            told, wanted = (
                "it is no network with a prefix length",
                "a network such as 10.200.0.0/16",
            )
            yield wrong_value(known, keys, base, told, wanted)
            continue
        families.append(pool.version)
        told, wanted = _pool_complaint(known, pool, size)
        if told:
            yield wrong_value(known, keys, "%s with size %s" % (base, size), told, wanted)
    if families and 4 not in families:
        told = "has no IPv4 network, and docker0 needs one"
        yield refuse(known, keys, told, "wants a base such as 10.200.0.0/16 as well")
    elif families and families[0] != 4 and () < known.version < _FIRST_OF_ANY_ORDER:
        told = "begins with an IPv6 network, and before %s dockerd takes docker0's from it" % (
            spoken_version(_FIRST_OF_ANY_ORDER)
        )
        yield refuse(known, keys, told, "wants an IPv4 network first")


def _pool_complaint(known: Circumstances, pool: Any, size: int) -> Tuple[str, str]:
    """Say why a pool cannot be split into networks, and what is wanted instead."""
    network, bits = pool.network, BITS[pool.version]
    if not network.prefixlen <= size <= bits:
        told = "a network of /%s does not fit into it" % size
        return told, "a size from %d to %d" % (network.prefixlen, max(bits - 2, network.prefixlen))
    told = use_complaint(known, _KEY, network)
    if pool.version == 4:
        told = told or bridge_complaint(known, _KEY, _first_of(network, size))
    split_at_once = bool(known.version) and known.version < _FIRST_SPLIT_LATER
    if split_at_once and size - network.prefixlen > _MOST_SUBNETS:
        told = "before %s dockerd makes all 2^%d networks of it when it starts" % (
            spoken_version(_FIRST_SPLIT_LATER),
            size - network.prefixlen,
        )
    return told, "a base such as 10.200.0.0/16 with size 24"


def _first_of(network: Any, size: int) -> Any:
    """Give docker0's address in the first network of a pool."""
    first = network.network_address + (1 if size < BITS[network.version] - 1 else 0)
    return ipaddress.ip_interface("%s/%d" % (first, size))


def pools_of(document: Document) -> Iterator[Tuple[Any, Any]]:
    """Give base and size of each pool."""
    for each in document.get(_KEY) or ():
        pool = pool_of(each)
        yield pool["base"], pool["size"]
