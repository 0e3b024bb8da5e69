"""The kernel's tables of routes and addresses, as real hosts show them."""

import ipaddress
import sys

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.networks import (
    kernel as networks,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    NetworkObserved,
)

ROUTES = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
br-52421e419750	0003D50A	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth0	0000FEA9	00000000	0001	0	0	1000	0000FFFF	0	0	0
tun0	00000080	00000000	0001	0	0	0	00000080	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
eth1	0800000A	00000000	0005	0	0	0	FFFFFFFF	0	0	0
"""
ROUTES_6 = """\
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 \
00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 \
00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 \
00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo
fd000000000000000000000000000002 80 00000000000000000000000000000000 00 \
00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 \
00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
"""
ADDRESSES = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 0.0.0.0/4 2 0 2
        |-- 0.0.0.0
           /0 universe UNICAST
        +-- 10.213.3.0/31 1 0 0
           |-- 10.213.3.0
              /24 link UNICAST
           |-- 10.213.3.1
              /32 host LOCAL
        |-- 10.213.3.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     |-- 203.0.113.9
        /32 host LOCAL
Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 203.0.113.9
        /32 host LOCAL
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="the table was captured on such a machine")
def test_routes_have_a_network_and_an_interface() -> None:
    assert list(networks.parse_routes(ROUTES.splitlines())) == [
        NetworkObserved("10.213.3.0/24", "br-52421e419750"),
        NetworkObserved("192.0.2.0/24", "eth0"),
        NetworkObserved("169.254.0.0/16", "eth0"),
        NetworkObserved("128.0.0.0/1", "tun0"),
        NetworkObserved("172.17.0.0/16", "docker0"),
        NetworkObserved("10.0.0.8/32", "eth1"),
    ]


def test_routes_of_ipv6() -> None:
    assert list(networks.parse_routes_6(ROUTES_6.splitlines())) == [
        NetworkObserved("fd00::/64", "eth0"),
        NetworkObserved("fe80::/64", "eth0"),
        NetworkObserved("::1/128", "lo"),
        NetworkObserved("fd00::2/128", "eth0"),
        NetworkObserved("ff00::/8", "eth0"),
    ]


def test_own_addresses_are_the_local_ones() -> None:
    assert [str(each) for each in networks.parse_addresses(ADDRESSES.splitlines())] == [
        "10.213.3.1",
        "127.0.0.1",
        "203.0.113.9",
        "203.0.113.9",
    ]


@pytest.mark.parametrize("lines", [[], [""], ["Iface	Destination"], ["", "eth0	00000000"]])
def test_a_table_that_is_short_holds_nothing(lines: list[str]) -> None:
    assert not list(networks.parse_routes(lines))
    assert not list(networks.parse_routes_6(lines))
    assert not list(networks.parse_addresses(lines))


@pytest.mark.skipif(sys.byteorder != "little", reason="the table was captured on such a machine")
def test_a_host_is_on_its_routes_and_on_addresses_that_none_covers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = {"route": ROUTES, "ipv6_route": ROUTES_6, "fib_trie": ADDRESSES}
    monkeypatch.setattr(
        networks, "_lines", lambda path: tables[path.rpartition("/")[2]].splitlines()
    )
    assert networks.observe_networks() == (
        NetworkObserved("10.213.3.0/24", "br-52421e419750"),
        NetworkObserved("192.0.2.0/24", "eth0"),
        NetworkObserved("169.254.0.0/16", "eth0"),
        NetworkObserved("128.0.0.0/1", "tun0"),
        NetworkObserved("172.17.0.0/16", "docker0"),
        NetworkObserved("10.0.0.8/32", "eth1"),
        NetworkObserved("fd00::/64", "eth0"),
        NetworkObserved("fd00::2/128", "eth0"),
    )
    tables["route"] = ""
    found = networks.observe_networks()
    assert NetworkObserved("203.0.113.9/32", "") in found
    assert not [each for each in found if each.network.startswith("127.")]


def test_a_kernel_without_ipv6_has_no_such_table() -> None:
    assert networks._lines("/proc/net/no_such_table") == []


def test_this_machine_s_tables_are_understood() -> None:
    for each in networks.observe_networks():
        assert ipaddress.ip_network(each.network).prefixlen > 0
