# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Addresses and networks as dockerd reads them, and those that cannot be used."""

import ipaddress
import re
from typing import Any

from ...words.tables.daemon_options import Version
from ..daemon_checks.circumstances import Circumstances, spoken_version
from ..daemon_checks.refusals import is_foreign

# Go accepts no leading zeros, no netmask and no zone (net.ParseCIDR).
_IPV4 = r"(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}"
_ADDRESS = re.compile(r"^(?:%s|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$" % _IPV4)
_CIDR = re.compile(r"^(?:%s|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/\d{1,3}$" % _IPV4)
BITS = {4: 32, 6: 128}
# Since this version a network of two addresses has two usable ones (moby, libnetwork/ipam).
_FIRST_WITH_TWO: Version = (23,)
_NO_NETWORK = ipaddress.ip_network("0.0.0.0/8")


def read_address(value: Any) -> Any:
    """Read an address as Go does; None where it is none."""
    try:
        return ipaddress.ip_address(value) if _ADDRESS.match(value) else None
    except (TypeError, ValueError):
        return None


def read_interface(value: Any) -> Any:
    """Read an address with its prefix length as Go does; None where it is none."""
    try:
        return ipaddress.ip_interface(value) if _CIDR.match(value) else None
    except (TypeError, ValueError):
        return None


def bridge_complaint(known: Circumstances, key: str, bridge: Any) -> str:
    """Say why a bridge cannot have this address, or leaves none for containers; or nothing."""
    network, bits = bridge.network, BITS[bridge.version]
    if network.prefixlen == bits:
        return "a network of one address has none left for a container"
    if network.prefixlen == 0:
        return "it leaves no other network"
    if bridge.version == 6 and network.prefixlen == bits - 1:
        return "a network of two addresses has none left for a container"
    if network.prefixlen == bits - 1:
        if known.version and known.version < _FIRST_WITH_TWO:
            return "before %s dockerd can use neither address of a network of two" % (
                spoken_version(_FIRST_WITH_TWO)
            )
        return ""
    if bridge.ip == network.network_address:
        return "it is the network's own address, which no interface can have"
    if bridge.version == 4 and bridge.ip == network.broadcast_address:
        return (
            "it is the network's last address, its broadcast address, which no interface can have"
        )
    return use_complaint(known, key, bridge.network)


def use_complaint(known: Circumstances, key: str, network: Any) -> str:
    """Say why no container could have an address in a network, whatever else is in it."""
    if network.is_multicast or (network.version == 4 and _NO_NETWORK.overlaps(network)):
        return "no interface can have an address in it"
    if network.is_loopback and not is_foreign(known, (key,)):
        return "127.0.0.0/8 is each host's own, and no packet leaves it"
    return ""
