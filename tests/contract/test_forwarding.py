"""What can be reached through a host of ours: no more than through one made by hand.

dockerd sets the policy of FORWARD to DROP only if it switches forwarding on itself. Otherwise the
oldest engine here lets everybody with a route reach every port of every container, and all of them
let a host forward between networks that have nothing to do with Docker. One host is enough: to its
kernel, a namespace with its own network is like another machine.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.containers import trust_registry
from tests.lab import Lab

ROLE = str(Path(__file__).with_name("kernel.yml"))
FORWARD = "/proc/sys/net/ipv4/ip_forward"
BEGINS = "/etc/sysctl.d/00-as-a-kernel-begins.conf"
# The state of forwarding, and what happens to a packet that no rule of FORWARD accepts.
STATE = f"echo $(cat {FORWARD}) $(iptables -S FORWARD | sed -n 's/^-P FORWARD //p')"
# A machine of that name, on a network of its own behind this host.
MACHINE = """\
ip netns add {name}
ip link add {name} type veth peer name inside netns {name}
ip address add {network}.1/24 dev {name}
ip link set {name} up
ip -n {name} address add {network}.2/24 dev inside
ip -n {name} link set inside up
ip -n {name} route add default via {network}.1
"""
SERVES = "ip netns exec other setsid python3 -m http.server 80 >/dev/null 2>&1 </dev/null &"
# From a namespace, or from the host itself.
REACHES = """\
{inside} python3 - {address} <<'END'
import socket, sys
try:
    socket.create_connection((sys.argv[1], 80), timeout=1).close()
    print("reached")
except OSError:
    print("not reached")
END
"""


@pytest.fixture(scope="module")
def host(lab: Lab) -> Iterator[Lab]:
    """A host as it is after a boot, made a Docker host by site.yml, with the oldest engine."""
    one = lab.one()
    one.reset()
    # A lab host inherits the machine's forwarding; a machine's own kernel begins without any.
    one.each(f"echo 'net.ipv4.ip_forward = 0' > {BEGINS}")
    one.each(f"echo 0 > {FORWARD}; iptables -P FORWARD ACCEPT")
    version = one.variables(one.hosts[0])["lab_engines"][0]["version"]
    ran = one.playbook("site.yml", "-e", json.dumps({"docker_engine_version": version}))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    yield one
    one.each(f"rm {BEGINS}")


def told(host: Lab, script: str) -> str:
    (printed,) = host.each(script).values()
    return printed


def reached(host: Lab) -> dict[str, str]:
    """Give what a neighbour reaches through the host, and the host itself."""
    for name, network in (("neighbour", "10.76.0"), ("other", "10.77.0")):
        host.each(MACHINE.format(name=name, network=network))
    image = f"{trust_registry(host)}/library/busybox"
    host.each(f"{SERVES} docker run --detach --rm --name unpublished {image} httpd -f -p 80")
    shown = "docker inspect -f '{{.NetworkSettings.IPAddress}}' unpublished"
    behind = {"another network": "10.77.0.2", "a container": told(host, shown)}
    found = {
        f"{what} from {name or 'the host'}": told(
            host, REACHES.format(inside=f"ip netns exec {name}" if name else "", address=address)
        )
        for what, address in behind.items()
        for name in ("neighbour", "")
    }
    host.each("docker kill unpublished; ip netns delete neighbour; ip netns delete other")
    return found


BY_HAND = {
    "another network from neighbour": "not reached",
    "another network from the host": "reached",
    "a container from neighbour": "not reached",
    "a container from the host": "reached",
}


def test_a_first_start_forwards_no_more_than_by_hand(host: Lab) -> None:
    assert told(host, STATE) == "1 DROP"
    assert reached(host) == BY_HAND


def test_a_boot_forwards_no_more_than_by_hand(host: Lab) -> None:
    host.command("restart", *host.hosts)
    told(host, "systemctl is-system-running --wait || true")
    assert told(host, STATE) == "1 DROP"
    assert reached(host) == BY_HAND


def test_forwarding_that_went_off_comes_back_as_dockerd_switches_it_on(host: Lab) -> None:
    told(host, f"echo 0 > {FORWARD}; iptables -P FORWARD ACCEPT")
    ran = host.playbook(ROLE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "changed=1" in ran.stdout
    assert told(host, STATE) == "1 DROP"
