# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check whether Docker's networks take away addresses that the host reaches or is reached from.

No route shows these: name servers, a proxy, a mirror, whoever is logged in. What is about to be set
is refused. For what is committed already it is a note, since the verdict must not depend on who
looks.
"""

import ipaddress
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Tuple

from ...words.declarations.host import Declaration
from ...words.difference import Refusal
from ...words.observations.host import Observation, StagedSet
from ...words.observations.reach import NAME_SERVER, SSH, AddressObserved
from ...words.paths import DAEMON_JSON
from ..activation.effect import effect_on_daemon
from ..daemon.document import Document, keys_of
from .addresses import read_interface
from .host import ALLOW_OVERLAP, as_network, dockers_own, networks_of, overlap

# Where clouds offer metadata to a machine, without a route of its own.
_METADATA = (
    ("100.100.100.200", "the metadata service of Alibaba Cloud"),
    ("169.254.169.254", "the metadata service of clouds"),
    ("fd00:ec2::254", "the metadata service of Amazon's cloud"),
)
# dockerd's defaults, in this order, for docker0 and for user networks (moby, libnetwork/ipamutils):
# it takes the first one that contains neither a route nor a name server of resolv.conf
# (libnetwork/netutils).
BUILT_IN = tuple(
    [ipaddress.ip_network("172.%d.0.0/16" % number) for number in range(17, 32)]
    + [ipaddress.ip_network("192.168.%d.0/20" % number) for number in range(0, 256, 16)]
)
_LONGEST_OF_THE_FIRST = 16
_RESOLVED = ("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf")
_DOCUMENT, _BRIDGE = "of %s" % DAEMON_JSON, "/bip"
# With one of these keys docker0 takes no network by default.
_SAYING = ("bip", "fixed-cidr", "default-address-pools", "bridge")
_HOST = re.compile(
    r"^(?:[A-Za-z][\w+-]*://)?(?:[^/@]*@)?(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d+)?(?:/|$)"
)


class Reached(NamedTuple):
    """An address, and what tells of it; ``is_ours`` tells that it is declared, or in daemon.json.

    dockerd ``avoids`` networks with it by itself, if it may choose. ``is_session`` means somebody
    logged in, who will be elsewhere the next time.
    """

    address: Any
    told_by: str
    is_ours: bool = False
    avoids: bool = False
    is_session: bool = False


def reach_refusals(
    document: Document, live: Document, declaration: Declaration, observed: Observation
) -> Iterator[Tuple[str, Refusal]]:
    """Refuse networks about to be set that contain such an address, each under its pointer."""
    if declaration.daemon.allow_network_overlap:
        return
    reached = list(_reached(document, declaration, observed))
    new = _new_networks(document, live, observed)
    for pointer, text in new:
        for each in _inside(reached, text, document):
            yield (
                pointer,
                _refusal("%s of %s is to be %s" % (keys_of(pointer)[0], DAEMON_JSON, text), each),
            )
    taken = _taken_by_itself(document, reached, observed)
    was_said = any(live.get(key) and not document.get(key) for key in _SAYING)
    if taken is not None and (was_said or not _has_started(observed)):
        found = "docker0 would take %s, for neither bip nor address pools are declared" % taken
        for each in _inside(reached, str(taken), document):
            yield _BRIDGE, _refusal(found, each)


def note_reach(
    document: Document, live: Document, declaration: Declaration, observed: Observation
) -> Iterator[str]:
    """Tell of such addresses in what is committed, and in the pools of user networks."""
    if declaration.daemon.allow_network_overlap:
        return
    reached = list(_reached(document, declaration, observed))
    new = _new_networks(document, live, observed)
    for pointer, text in networks_of(document):
        if (pointer, text) not in new:
            for told in _told(_inside(reached, text, document)):
                yield (
                    "%s of %s is %s, and %s is in it: while Docker has that network, the host does "
                    "not reach it." % (keys_of(pointer)[0], DAEMON_JSON, text, told)
                )
    if document.get("default-address-pools"):
        return
    routed = [ipaddress.ip_network(each.network) for each in observed.networks]
    pools = [pool for pool in BUILT_IN if not any(overlap(pool, route) for route in routed)]
    avoided = [each.address for each in reached if each.avoids]
    pools = [pool for pool in pools if not any(address in pool for address in avoided)]
    if pools and not _has_started(observed):
        # docker0's own network, which is judged by itself.
        pools = pools[1:]
    for pool in pools:
        found = [each for each in reached if each.address in pool]
        if pool.prefixlen > _LONGEST_OF_THE_FIRST:
            # Nobody makes as many networks as come before these.
            found = [each for each in found if not each.is_session]
        for told in _told(found):
            yield (
                "A user network may get %s, and %s is in it. dockerd passes over networks with a "
                "route or a name server of /etc/resolv.conf alone. Declare "
                "docker_daemon_address_pools." % (pool, told)
            )


def _reached(
    document: Document, declaration: Declaration, observed: Observation
) -> Iterator[Reached]:
    """Give all addresses, except the host's own and those at Docker's own bridges."""
    own = set(observed.reach.own)
    bridges = dockers_own(document, observed)
    for each in _all(document, declaration, observed):
        at_a_bridge = any(each.address in network for network in bridges)
        if str(each.address) not in own and not at_a_bridge:
            yield each


def _all(document: Document, declaration: Declaration, observed: Observation) -> Iterator[Reached]:
    for seen in observed.reach.others:
        yield Reached(
            address=ipaddress.ip_address(seen.address),
            told_by=_spoken(seen),
            avoids=seen.kind == NAME_SERVER and seen.source in _RESOLVED,
            is_session=seen.kind == SSH,
        )
    for text, told_by in _METADATA:
        yield Reached(address=ipaddress.ip_address(text), told_by=told_by)
    proxy = declaration.proxy
    given = [(proxy.http, "docker_proxy_http"), (proxy.https, "docker_proxy_https")]
    given.extend((url, "docker_engine_repo_urls") for url in declaration.engine.repo_urls)
    given.extend(_given(document))
    for text, told_by in given:
        for address in _addresses(text, observed.reach.names):
            yield Reached(address=address, told_by="named by %s" % told_by, is_ours=True)


def _given(document: Document) -> Iterator[Tuple[Any, str]]:
    """Give the values of daemon.json that name an address."""
    for key in ("registry-mirrors", "insecure-registries", "dns"):
        values = document.get(key)
        for value in values if isinstance(values, list) else ():
            yield value, "%s %s" % (key, _DOCUMENT)
    for key, names in (("proxies", ("http-proxy", "https-proxy")), ("log-opts", ())):
        values = document.get(key)
        for name, value in sorted(values.items()) if isinstance(values, dict) else ():
            if name in names or str(name).endswith(("-address", "-url")):
                yield value, "%s.%s %s" % (key, name, _DOCUMENT)


def _addresses(value: Any, names: Sequence[Tuple[str, str]]) -> Iterator[Any]:
    """Give the address in a value, which may be a URL, or those of a name in /etc/hosts."""
    network = as_network(value)
    if network is not None and network.num_addresses > 1:
        # A registry that may be used without TLS is no address that is reached.
        return
    found = _HOST.match(value) if isinstance(value, str) else None
    host = found.group(1).strip("[]").lower() if found else str(value)
    for text in [host] + [address for name, address in names if name == host]:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if not (address.is_loopback or address.is_unspecified):
            yield address


def _spoken(seen: AddressObserved) -> str:
    if seen.kind == SSH:
        return "an ssh session comes from there"
    return "%s, by %s" % (seen.kind, seen.source) if seen.source else seen.kind


def _inside(reached: List[Reached], text: Any, document: Document) -> List[Reached]:
    """Give those in a network, except what is declared to be at the bridge's own address."""
    network = as_network(text)
    if network is None:
        return []
    bridges = [read_interface(document.get(key)) for key in ("bip", "bip6")]
    at_the_bridge = [each.ip for each in bridges if each is not None]
    return [
        each
        for each in reached
        if each.address in network and not (each.is_ours and each.address in at_the_bridge)
    ]


def _told(found: List[Reached]) -> List[str]:
    """Name each address once; a session is told without its address."""
    by_address: Dict[str, List[str]] = {}
    for each in found:
        if each.is_session:
            by_address.setdefault("", [])
        else:
            by_address.setdefault(str(each.address), []).append(each.told_by)
    return [
        "%s (%s)" % (address, "; ".join(dict.fromkeys(why)))
        if address
        else "an address that an ssh session comes from"
        for address, why in by_address.items()
    ]


def _new_networks(
    document: Document, live: Document, observed: Observation
) -> List[Tuple[str, Any]]:
    """Give the networks that are about to take effect: to be written, or not read yet."""
    effect = effect_on_daemon(observed, StagedSet())
    unread = [key for key in effect.keys if key not in effect.unknown]
    committed = [
        as_network(text)
        for pointer, text in networks_of(live)
        if pointer.split("/")[1] not in unread
    ]
    return [
        (pointer, text)
        for pointer, text in networks_of(document)
        if not any(_holds(each, as_network(text)) for each in committed)
    ]


def _holds(outer: Any, inner: Any) -> bool:
    """Whether a network contains another one wholly."""
    if outer is None or inner is None or outer.version != inner.version:
        return False
    return bool(outer.prefixlen <= inner.prefixlen and inner.network_address in outer)


def _taken_by_itself(document: Document, reached: List[Reached], observed: Observation) -> Any:
    """Give the network that dockerd chooses for docker0 by default; None for none."""
    if any(document.get(key) for key in _SAYING):
        return None
    routed = [ipaddress.ip_network(each.network) for each in observed.networks]
    avoided = [each.address for each in reached if each.avoids]
    for pool in BUILT_IN:
        is_routed = any(overlap(pool, route) and route.prefixlen for route in routed)
        if not is_routed and not any(address in pool for address in avoided):
            return pool
    return None


def _has_started(observed: Observation) -> bool:
    """Whether Docker has had its networks already; then they count as committed."""
    has_bridge = any(each.interface == "docker0" for each in observed.networks)
    return has_bridge or observed.daemon is not None or observed.applied.activation is not None


def _refusal(found: str, each: Reached) -> Refusal:
    return Refusal(
        found="%s, and %s is in it (%s)." % (found, each.address, each.told_by),
        remedy="The host would no longer reach that address. Choose other networks with "
        "docker_daemon_bip and docker_daemon_address_pools, or set %s." % ALLOW_OVERLAP,
        consent=ALLOW_OVERLAP,
    )
