# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Addresses and networks in a daemon.json with which dockerd or a container could not start.

All of it was tried on 20.10, 26.1 and 28.5, or read in moby (daemon/daemon_unix.go, libnetwork's
ipam): dockerd's own validation sees next to nothing of it. What dockerd merely passes over is
refused where it is declared, and left alone where it serves with it unasked.
"""

import ipaddress
import re
from typing import Any, Iterator, List, Sequence, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.daemon_options import Version
from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.planners.circumstances import (
    Circumstances,
    Found,
    spoken_version,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    Document,
    pointer_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_meaning import pool_of
from ansible_collections.dockwright.host.plugins.module_utils.planners.value_refusals import (
    is_foreign,
    refuse,
    wrong_value,
)

# Go reads no leading zeros, no netmask and no zone (net.ParseCIDR).
_IPV4 = r"(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}"
_ADDRESS = re.compile(r"^(?:%s|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$" % _IPV4)
_CIDR = re.compile(r"^(?:%s|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/\d{1,3}$" % _IPV4)
_BITS = {4: 32, 6: 128}
_FAMILIES = {4: "an IPv4", 6: "an IPv6"}
# From here on a network of two addresses has two that can be used (moby, libnetwork/ipam).
_FIRST_WITH_TWO: Version = (23,)
# From here on docker0 is where fixed-cidr is, without a bip as well (moby, daemon_unix.go).
_FIRST_BY_RANGE: Version = (23,)
# From here on pools are not split before they are used, and may begin with one of IPv6.
_FIRST_SPLIT_LATER: Version = (27,)
_FIRST_OF_ANY_ORDER: Version = (23,)
# From here on docker0 gets an IPv6 network without being given one.
_FIRST_WITH_OWN_IPV6: Version = (28,)
_MOST_SUBNETS = 24
# What an interface of Linux takes (linux, include/uapi/linux/if_ether.h and veth).
_LEAST_MTU, _MOST_MTU = 68, 65535
# dockerd's own pools hold these (moby, libnetwork/ipamutils).
_BUILT_IN = ("172.16.0.0/12", "192.168.0.0/16")
_NO_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_SHORT_CUTS = {
    "bip": "docker_daemon_bip",
    "default-address-pools": "docker_daemon_address_pools",
}
_ADDRESS_LISTS = ("dns", "host-gateway-ips")
_ADDRESSES = ("ip", "host-gateway-ip")


class _Side:
    """The keys of one family: the bridge's address, the range for containers, the gateway."""

    def __init__(self, version: int, bip: str, fixed: str, gateway: str, example: str) -> None:
        self.version, self.bip, self.fixed, self.gateway = version, bip, fixed, gateway
        self.example = example


_SIDES = (
    _Side(4, "bip", "fixed-cidr", "default-gateway", "192.168.200.1/24"),
    _Side(6, "bip6", "fixed-cidr-v6", "default-gateway-v6", "fd00:1::1/64"),
)


def check_networks(document: Document, known: Circumstances) -> Found:
    """Give everything that is wrong with addresses and networks."""
    for check in (_check_pools, _check_addresses, _check_mtu):
        yield from check(document, known)
    for side in _SIDES:
        yield from _check_side(document, known, side)
    is_old = bool(known.version) and known.version < _FIRST_WITH_OWN_IPV6
    if is_old and document.get("ipv6") and not document.get("fixed-cidr-v6"):
        yield refuse(
            known,
            ("ipv6",),
            "is true, and fixed-cidr-v6 is not there: before %s dockerd does not start so"
            % spoken_version(_FIRST_WITH_OWN_IPV6),
            "wants fixed-cidr-v6 beside it, such as fd00:1::/64",
        )


def _wrong(
    known: Circumstances, keys: Tuple[str, ...], value: Any, told: str, wanted: str
) -> Tuple[str, Refusal]:
    """Refuse a value; one of these may be declared in a variable of its own as well."""
    pointer, refusal = wrong_value(known, keys, value, told, wanted)
    variable = _SHORT_CUTS.get(keys[0])
    if variable and not is_foreign(known, keys):
        remedy = refusal.remedy.replace("in docker", "in %s or docker" % variable)
        refusal = refusal._replace(remedy=remedy)
    return pointer, refusal


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


def _check_side(document: Document, known: Circumstances, side: _Side) -> Found:
    bridge = read_interface(document.get(side.bip))
    bridge = bridge if bridge is not None and bridge.version == side.version else None
    if document.get(side.bip):
        yield from _check_bridge(document, known, side, bridge)
    fixed = read_interface(document.get(side.fixed))
    if document.get(side.fixed):
        if fixed is None or fixed.version != side.version or fixed.ip.version != side.version:
            told = "it is no %s network" % _FAMILIES[side.version].split()[1]
            wanted = "a network such as %s" % ipaddress.ip_interface(side.example).network
            yield _wrong(known, (side.fixed,), document[side.fixed], told, wanted)
            fixed = None
        else:
            yield from _check_range(document, known, side, bridge, fixed.network)
    if document.get(side.gateway):
        yield from _check_gateway(document, known, side, bridge)


def _check_bridge(document: Document, known: Circumstances, side: _Side, bridge: Any) -> Found:
    wanted = "the bridge's address with its prefix, such as " + side.example
    # An IPv6 address is not even read while IPv6 is off.
    if side.version == 6 and is_foreign(known, (side.bip,)) and not document.get("ipv6"):
        return
    told = "it is no %s address with a prefix length" % _FAMILIES[side.version].split()[1]
    if bridge is not None:
        told = _bridge_complaint(known, side, bridge)
    if told:
        yield _wrong(known, (side.bip,), document[side.bip], told, wanted)
    if document.get("bridge"):
        yield (
            pointer_of((side.bip,)),
            Refusal(
                "daemon.json: %s and bridge exclude each other." % side.bip,
                "Give the bridge's address where the bridge is made, or take bridge out.",
            ),
        )


def _bridge_complaint(known: Circumstances, side: _Side, bridge: Any) -> str:
    network, bits = bridge.network, _BITS[side.version]
    if network.prefixlen == bits:
        return "a network of one address has none left for a container"
    if network.prefixlen == bits - 1:
        if known.version and known.version < _FIRST_WITH_TWO:
            return "before %s dockerd can use neither address of a network of two" % (
                spoken_version(_FIRST_WITH_TWO)
            )
        return ""
    if bridge.ip == network.network_address:
        return "it is the network's own address, which no interface can have"
    if side.version == 4 and bridge.ip == network.broadcast_address:
        return (
            "it is the network's last address, its broadcast address, which no interface can have"
        )
    return _use_complaint(known, (side.bip,), bridge.network)


def _use_complaint(known: Circumstances, keys: Sequence[str], network: Any) -> str:
    """Say why no container could have an address in a network, whatever else is in it."""
    if network.is_multicast or (network.version == 4 and _NO_NETWORK.overlaps(network)):
        return "no interface can have an address in it"
    if network.is_loopback and not is_foreign(known, tuple(keys)):
        return "127.0.0.0/8 is each host's own, and no packet leaves it"
    return ""


def _check_range(
    document: Document, known: Circumstances, side: _Side, bridge: Any, fixed: Any
) -> Found:
    keys, told = (side.fixed,), ""
    is_passed_over = False
    if bridge is not None:
        inside = fixed.prefixlen >= bridge.network.prefixlen and bridge.network.overlaps(fixed)
        is_passed_over = not inside
        told = "" if inside else "it is not inside %s (%s)" % (side.bip, bridge.network)
    elif side.version == 4 and not document.get("bridge") and known.version:
        first = known.version < _FIRST_BY_RANGE and not document.get("default-address-pools")
        if first and not ipaddress.ip_network("172.17.0.0/16").overlaps(fixed):
            is_passed_over = True
            told = "before %s dockerd goes by it inside bip alone, and there is no bip" % (
                spoken_version(_FIRST_BY_RANGE)
            )
    if not told and not _has_room(document, side, bridge, fixed):
        told = "it has no address left for a container"
    if is_passed_over and all(is_foreign(known, (key,)) for key in (side.fixed, side.bip)):
        # dockerd serves with it, from the bridge's whole network.
        return
    if told:
        wanted = "a part of %s" % bridge.network if bridge is not None else "a larger network"
        if is_passed_over and bridge is None:
            wanted = "bip beside it, in the same network"
        yield _wrong(known, keys, document[side.fixed], told, wanted)


def _has_room(document: Document, side: _Side, bridge: Any, fixed: Any) -> bool:
    """Whether a small range has an address that neither bridge, gateway nor network takes."""
    if fixed.num_addresses > 8:
        return True
    taken = {read_address(document.get(side.gateway))}
    if bridge is not None:
        taken.add(bridge.ip)
        if bridge.network.prefixlen < _BITS[side.version] - 1:
            taken.add(bridge.network.network_address)
        if side.version == 4 and bridge.network.prefixlen < _BITS[side.version] - 1:
            taken.add(bridge.network.broadcast_address)
        return bool(set(fixed) - taken)
    # docker0 takes the first of its own.
    return bool(fixed.num_addresses > 1)


def _check_gateway(document: Document, known: Circumstances, side: _Side, bridge: Any) -> Found:
    keys, value = (side.gateway,), document[side.gateway]
    gateway = read_address(value)
    if gateway is None:
        yield _wrong(known, keys, value, "it is no address", "an address in docker0's network")
        return
    if side.version == 6 and not document.get("ipv6"):
        # dockerd reads it, and has no use for it.
        return
    if gateway.version != side.version:
        told = "it is no %s address" % _FAMILIES[side.version].split()[1]
        yield _wrong(known, keys, value, told, "an address in docker0's network")
    elif bridge is not None:
        told = _gateway_complaint(side, bridge, gateway)
        if told:
            wanted = "another address in %s" % bridge.network
            yield _wrong(known, keys, value, told, wanted)
    elif not is_foreign(known, keys) and not document.get("bridge"):
        networks = list(_of_docker0(document, side))
        if networks and not any(gateway in network for network in networks):
            told = "it is in no network that docker0 could get (%s)" % (
                ", ".join(str(each) for each in networks)
            )
            yield _wrong(known, keys, value, told, "%s beside it, in its network" % side.bip)


def _gateway_complaint(side: _Side, bridge: Any, gateway: Any) -> str:
    if gateway not in bridge.network:
        return "it is outside %s (%s)" % (side.bip, bridge.network)
    if gateway == bridge.ip:
        return "it is the bridge's own address (%s), which is the gateway by itself" % side.bip
    ends = [bridge.network.network_address]
    if side.version == 4:
        ends.append(bridge.network.broadcast_address)
    if gateway in ends and bridge.network.prefixlen < _BITS[side.version] - 1:
        return "it is the first or the last address of the network, which no interface can have"
    return ""


def _of_docker0(document: Document, side: _Side) -> Iterator[Any]:
    """Give the networks out of which docker0 gets its own; nothing where nobody can tell."""
    fixed = read_interface(document.get(side.fixed))
    if side.version == 6:
        if fixed is not None:
            yield fixed.network
        return
    pools = [read_interface(base) for base, _size in _pools(document)] or [
        read_interface(each) for each in _BUILT_IN
    ]
    for each in [fixed] + pools:
        if each is not None and each.version == side.version:
            yield each.network


def _pools(document: Document) -> Iterator[Tuple[Any, Any]]:
    for each in document.get("default-address-pools") or ():
        pool = pool_of(each)
        yield pool["base"], pool["size"]


def _check_pools(document: Document, known: Circumstances) -> Found:
    keys = ("default-address-pools",)
    families: List[int] = []
    for base, size in _pools(document):
        pool = read_interface(base)
        if pool is None:
            told, wanted = (
                "it is no network with a prefix length",
                "a network such as 10.200.0.0/16",
            )
            yield _wrong(known, keys, base, told, wanted)
            continue
        families.append(pool.version)
        told, wanted = _pool_complaint(known, pool, size)
        if told:
            yield _wrong(known, keys, "%s with size %s" % (base, size), told, wanted)
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
    network, bits = pool.network, _BITS[pool.version]
    if not network.prefixlen <= size <= bits:
        told = "a network of /%s does not fit into it" % size
        return told, "a size from %d to %d" % (network.prefixlen, max(bits - 2, network.prefixlen))
    told = _use_complaint(known, ("default-address-pools",), network)
    if pool.version == 4:
        told = told or _bridge_complaint(known, _SIDES[0], _first_of(network, size))
    split_at_once = bool(known.version) and known.version < _FIRST_SPLIT_LATER
    if split_at_once and size - network.prefixlen > _MOST_SUBNETS:
        told = "before %s dockerd makes all 2^%d networks of it when it starts" % (
            spoken_version(_FIRST_SPLIT_LATER),
            size - network.prefixlen,
        )
    return told, "a base such as 10.200.0.0/16 with size 24"


def _first_of(network: Any, size: int) -> Any:
    """The address docker0 would get in the first network of a pool."""
    first = network.network_address + (1 if size < _BITS[network.version] - 1 else 0)
    return ipaddress.ip_interface("%s/%d" % (first, size))


def _check_addresses(document: Document, known: Circumstances) -> Found:
    given: List[Tuple[str, Any]] = [(key, document[key]) for key in _ADDRESSES if key in document]
    for key in _ADDRESS_LISTS:
        given.extend((key, each) for each in document.get(key) or ())
    for key, value in given:
        if value and read_address(value) is None:
            told = "it is no address"
            yield _wrong(known, (key,), value, told, "an address such as 192.0.2.1")


def _check_mtu(document: Document, known: Circumstances) -> Found:
    mtu = document.get("mtu")
    # With 0 dockerd goes by its own.
    if mtu and not _LEAST_MTU <= mtu <= _MOST_MTU:
        told = "no bridge and no container's interface can have it"
        wanted = "a number from %d to %d" % (_LEAST_MTU, _MOST_MTU)
        yield _wrong(known, ("mtu",), mtu, told, wanted)
