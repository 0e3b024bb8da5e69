# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the kernel's routes and addresses from /proc (proc(5)), without a command or network."""

import ipaddress
import struct
from typing import Iterator, List, Tuple

from ...words.observations.host import NetworkObserved
from ..host.files import read_text

# Routes that every host has and that nothing collides with: link-local, multicast, loopback.
_EVERYWHERE = tuple(
    ipaddress.ip_network(text) for text in ("fe80::/10", "ff00::/8", "::1/128", "127.0.0.0/8")
)


def observe_networks() -> Tuple[NetworkObserved, ...]:
    """Give every network to which the host has a route, and all its own addresses."""
    found = list(parse_routes(_lines("/proc/net/route")))
    found.extend(parse_routes_6(_lines("/proc/net/ipv6_route")))
    routed = [ipaddress.ip_network(each.network) for each in found]
    for address in parse_addresses(_lines("/proc/net/fib_trie")):
        if not any(address.version == network.version and address in network for network in routed):
            found.append(NetworkObserved("%s/32" % address, ""))
    return tuple(each for each in dict.fromkeys(found) if not _is_everywhere(each.network))


def parse_routes(lines: List[str]) -> Iterator[NetworkObserved]:
    """Read /proc/net/route: numbers in the machine's byte order. A default route is skipped."""
    for line in lines[1:]:
        fields = line.split()
        if len(fields) < 8:
            continue
        address, mask = (
            ipaddress.IPv4Address(struct.pack("=I", int(fields[index], 16))) for index in (1, 7)
        )
        network = ipaddress.ip_network("%s/%s" % (address, mask), strict=False)
        if network.prefixlen:
            yield NetworkObserved(str(network), fields[0])


def parse_routes_6(lines: List[str]) -> Iterator[NetworkObserved]:
    """Read /proc/net/ipv6_route."""
    for line in lines:
        fields = line.split()
        if len(fields) < 10 or int(fields[1], 16) == 0:
            continue
        address = ipaddress.IPv6Address(bytes.fromhex(fields[0]))
        network = ipaddress.ip_network("%s/%d" % (address, int(fields[1], 16)), strict=False)
        yield NetworkObserved(str(network), fields[9])


def parse_addresses(lines: List[str]) -> Iterator[ipaddress.IPv4Address]:
    """Read the host's own addresses from /proc/net/fib_trie."""
    address = ""
    for line in lines:
        words = line.split()
        if words[:1] == ["|--"]:
            address = words[1]
        elif words[:3] == ["/32", "host", "LOCAL"] and address:
            yield ipaddress.IPv4Address(address)


def _lines(path: str) -> List[str]:
    # A kernel without IPv6 has no such file.
    return read_text(path).splitlines()


def _is_everywhere(text: str) -> bool:
    network = ipaddress.ip_network(text)
    return any(
        network.version == each.version and network.network_address in each for each in _EVERYWHERE
    )
