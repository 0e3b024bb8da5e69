# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check addresses and networks in a daemon.json with which dockerd or a container cannot start.

All of it was tried on 20.10, 26.1 and 28.5, or read in moby (daemon/daemon_unix.go, libnetwork's
ipam); dockerd's own validation checks next to nothing of it. What dockerd merely ignores is refused
if it is declared, and left alone if it is not.
"""

import ipaddress
from typing import Any, Iterator, List, Tuple

from ...words.difference import Refusal
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import Version
from ..daemon.document import Document, pointer_of
from ..daemon_checks.circumstances import Circumstances, Found, spoken_version
from ..daemon_checks.refusals import is_foreign, place_of, refuse, wrong_value
from .addresses import BITS, bridge_complaint, read_address, read_interface
from .pools import check_pools, pools_of

_FAMILIES = {4: "an IPv4", 6: "an IPv6"}
# Since this version docker0 is in fixed-cidr, even without a bip (moby, daemon_unix.go).
_FIRST_BY_RANGE: Version = (23,)
# Since this version docker0 gets an IPv6 network even if none is configured.
_FIRST_WITH_OWN_IPV6: Version = (28,)
# The MTU of a Linux interface (linux, include/uapi/linux/if_ether.h and veth).
_LEAST_MTU, _MOST_MTU = 68, 65535
# With a smaller MTU an interface has no IPv6 (ipv6(7)).
_LEAST_MTU_OF_IPV6 = 1280
# The networks of dockerd's own pools (moby, libnetwork/ipamutils).
_BUILT_IN = ("172.16.0.0/12", "192.168.0.0/16")
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
    """Give all that is wrong with addresses and networks."""
    for check in (check_pools, _check_addresses, _check_mtu, _check_switches):
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
            yield wrong_value(known, (side.fixed,), document[side.fixed], told, wanted)
            fixed = None
        else:
            yield from _check_range(document, known, side, bridge, fixed.network)
    if document.get(side.gateway):
        yield from _check_gateway(document, known, side, bridge)


def _check_bridge(document: Document, known: Circumstances, side: _Side, bridge: Any) -> Found:
    wanted = "the bridge's address with its prefix, such as " + side.example
    # While IPv6 is off dockerd does not even read an IPv6 address.
    if side.version == 6 and is_foreign(known, (side.bip,)) and not document.get("ipv6"):
        return
    told = "it is no %s address with a prefix length" % _FAMILIES[side.version].split()[1]
    if bridge is not None:
        told = bridge_complaint(known, side.bip, bridge)
    if told:
        yield wrong_value(known, (side.bip,), document[side.bip], told, wanted)
    if document.get("bridge"):
        yield (
            pointer_of((side.bip,)),
            Refusal(
                found="%s: %s and bridge exclude each other." % (DAEMON_JSON, side.bip),
                remedy="Give the bridge's address where the bridge is made, or take bridge out of "
                "%s." % place_of(known, ("bridge",)),
            ),
        )


def _check_range(
    document: Document, known: Circumstances, side: _Side, bridge: Any, fixed: Any
) -> Found:
    keys, told = (side.fixed,), ""
    is_passed_over = False
    if bridge is not None:
        inside = fixed.prefixlen >= bridge.network.prefixlen and bridge.network.overlaps(fixed)
        if side.version == 6 and is_foreign(known, keys) and bridge.network.overlaps(fixed):
            # dockerd takes the intersection.
            return
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
    if (
        is_passed_over
        and side.version == 4
        and all(is_foreign(known, (key,)) for key in (side.fixed, side.bip))
    ):
        # dockerd serves with it, from the bridge's whole network.
        return
    if told:
        wanted = "a part of %s" % bridge.network if bridge is not None else "a larger network"
        if is_passed_over and bridge is None:
            wanted = "bip beside it, in the same network"
        yield wrong_value(known, keys, document[side.fixed], told, wanted)


def _has_room(document: Document, side: _Side, bridge: Any, fixed: Any) -> bool:
    """Whether a small range has an address that is not the bridge's, gateway's or network's."""
    if fixed.num_addresses > 8:
        return True
    taken = {read_address(document.get(side.gateway))}
    if bridge is not None:
        taken.add(bridge.ip)
        if bridge.network.prefixlen < BITS[side.version] - 1:
            taken.add(bridge.network.network_address)
        if side.version == 4 and bridge.network.prefixlen < BITS[side.version] - 1:
            taken.add(bridge.network.broadcast_address)
        return bool(set(fixed) - taken)
    # docker0 takes the first address of its network.
    return bool(fixed.num_addresses > 1)


def _check_gateway(document: Document, known: Circumstances, side: _Side, bridge: Any) -> Found:
    keys, value = (side.gateway,), document[side.gateway]
    gateway = read_address(value)
    if gateway is None:
        yield wrong_value(known, keys, value, "it is no address", "an address in docker0's network")
        return
    if side.version == 6 and not document.get("ipv6"):
        # dockerd reads it and does not use it.
        return
    if gateway.version != side.version:
        told = "it is no %s address" % _FAMILIES[side.version].split()[1]
        yield wrong_value(known, keys, value, told, "an address in docker0's network")
    elif bridge is not None:
        told = _gateway_complaint(side, bridge, gateway)
        if told:
            wanted = "another address in %s" % bridge.network
            yield wrong_value(known, keys, value, told, wanted)
    elif not document.get("bridge") and _takes_first(document, side, gateway):
        told = "it is the first address of %s, which docker0 takes" % side.fixed
        yield wrong_value(known, keys, value, told, "another address in that network")
    elif not is_foreign(known, keys) and not document.get("bridge"):
        networks = list(_of_docker0(document, side))
        if networks and not any(gateway in network for network in networks):
            told = "it is in no network that docker0 could get (%s)" % (
                ", ".join(str(each) for each in networks)
            )
            yield wrong_value(known, keys, value, told, "%s beside it, in its network" % side.bip)


def _takes_first(document: Document, side: _Side, gateway: Any) -> bool:
    """Whether docker0 itself gets the address: in IPv6 the first one, unless bip6 names another."""
    fixed = read_interface(document.get(side.fixed))
    if side.version == 4 or fixed is None or document.get(side.bip):
        return False
    return bool(gateway == fixed.network.network_address + 1)


def _gateway_complaint(side: _Side, bridge: Any, gateway: Any) -> str:
    if gateway not in bridge.network:
        return "it is outside %s (%s)" % (side.bip, bridge.network)
    if gateway == bridge.ip:
        return "it is the bridge's own address (%s), which is the gateway by itself" % side.bip
    ends = [bridge.network.network_address]
    if side.version == 4:
        ends.append(bridge.network.broadcast_address)
    if gateway in ends and bridge.network.prefixlen < BITS[side.version] - 1:
        return "it is the first or the last address of the network, which no interface can have"
    return ""


def _of_docker0(document: Document, side: _Side) -> Iterator[Any]:
    """Give the networks from which docker0 gets its own; nothing where nobody can tell."""
    fixed = read_interface(document.get(side.fixed))
    if side.version == 6:
        if fixed is not None:
            yield fixed.network
        return
    pools = [read_interface(base) for base, _size in pools_of(document)] or [
        read_interface(each) for each in _BUILT_IN
    ]
    for each in [fixed] + pools:
        if each is not None and each.version == side.version:
            yield each.network


def _check_addresses(document: Document, known: Circumstances) -> Found:
    given: List[Tuple[str, Any]] = [(key, document[key]) for key in _ADDRESSES if key in document]
    for key in _ADDRESS_LISTS:
        given.extend((key, each) for each in document.get(key) or ())
    for key, value in given:
        # An empty one counts as none for these keys, but not in a list.
        if (value or key in _ADDRESS_LISTS) and read_address(value) is None:
            told = "it is no address"
            yield wrong_value(known, (key,), value, told, "an address such as 192.0.2.1")


def _check_mtu(document: Document, known: Circumstances) -> Found:
    mtu = document.get("mtu")
    # With 0 dockerd uses its default.
    if mtu and not _LEAST_MTU <= mtu <= _MOST_MTU:
        told = "no bridge and no container's interface can have it"
        wanted = "a number from %d to %d" % (_LEAST_MTU, _MOST_MTU)
        yield wrong_value(known, ("mtu",), mtu, told, wanted)
    elif mtu and mtu < _LEAST_MTU_OF_IPV6 and document.get("ipv6"):
        told = "no interface with it has IPv6, and ipv6 is true"
        yield wrong_value(known, ("mtu",), mtu, told, "at least %d with IPv6" % _LEAST_MTU_OF_IPV6)


def _check_switches(document: Document, known: Circumstances) -> Found:
    """Check the switches: iptables' rules isolate containers (moby, daemon/daemon_unix.go)."""
    if _switch(document, known, "icc") or _switch(document, known, "iptables"):
        return
    pairs = (("icc", "iptables"), ("iptables", "icc"))
    # A declared switch is corrected before an undeclared one.
    for key, other in sorted(pairs, key=lambda pair: is_foreign(known, pair[:1])):
        if key in document:
            told = "and %s are both false, and dockerd does not start so" % other
            yield refuse(known, (key,), told, "wants one of the two to be true")
            return


def _switch(document: Document, known: Circumstances, key: str) -> bool:
    said = (known.flags.get(key) or ["true"])[-1] != "false"
    return bool(document.get(key, said))
