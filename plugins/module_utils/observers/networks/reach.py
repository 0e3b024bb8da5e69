# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find addresses that the host uses: in files that name them, and from ssh's sockets.

Nothing is asked, and only addresses are kept from a file: a proxy's line may hold a password.
"""

import glob
import ipaddress
import os
import re
from typing import Any, Iterator, List, Set, Tuple

from ...words.observations.reach import (
    FILE_SERVER,
    GATEWAY,
    NAME_SERVER,
    PROXY,
    SITE,
    SSH,
    TIME_SERVER,
    AddressObserved,
    ReachObserved,
)
from ..host.files import read_text
from ..listening.listeners import parse_address
from .kernel import parse_addresses

ROOT = "/"
# Brackets, a port, a zone, a name for TLS (#) and the like can stand around an address.
_HOST = r"(\[[0-9A-Fa-f:.]+\]|[0-9]+(?:\.[0-9]+){3})"
_IN_A_URL = re.compile(r"://(?:[^/@\s]*@)?" + _HOST + r"(?![\w.-])")
# Variables that many programs read (environment(7)), with a scheme or without.
_OF_A_VARIABLE = re.compile(r"(?i)\b(?:https?|ftp|all|rsync)_proxy\s*=\s*[\"']?" + _HOST)
_VALUE = r"\s*=\s*(.*)$"
# The words before an address in each kind of file: resolv.conf(5), resolved.conf(5), chrony.conf(5)
# ...
_SOURCES: Tuple[Tuple[str, str, Tuple[str, ...]], ...] = (
    (
        NAME_SERVER,
        r"^nameserver\s+(\S+)",
        (
            "etc/resolv.conf",
            "run/systemd/resolve/resolv.conf",
            "run/NetworkManager/resolv.conf",
            "run/NetworkManager/no-stub-resolv.conf",
            "run/resolvconf/resolv.conf",
            "run/dnsmasq/resolv.conf",
            "etc/resolv.dnsmasq*",
        ),
    ),
    (
        NAME_SERVER,
        r"^(?:DNS|SERVERS)" + _VALUE,
        (
            "run/systemd/resolve/netif/*",
            "run/systemd/netif/links/*",
            "etc/systemd/resolved.conf",
            "etc/systemd/resolved.conf.d/*.conf",
            "run/systemd/resolved.conf.d/*.conf",
        ),
    ),
    (NAME_SERVER, r"^server\s*=\s*(?:/[^=]*/)?(\S+)", ("etc/dnsmasq.conf", "etc/dnsmasq.d/*")),
    (NAME_SERVER, r"^forward-addr:\s*(\S+)", ("etc/unbound/*.conf", "etc/unbound/*.d/*.conf")),
    (
        TIME_SERVER,
        r"^(?:server|peer|pool)\s+(\S+)",
        (
            "etc/chrony.conf",
            "etc/chrony.d/*.conf",
            "etc/chrony/chrony.conf",
            "etc/chrony/conf.d/*.conf",
            "etc/chrony/sources.d/*.sources",
            "run/chrony-dhcp/*.sources",
            "etc/ntp.conf",
            "etc/ntpsec/ntp.conf",
        ),
    ),
    (
        TIME_SERVER,
        r"^NTP" + _VALUE,
        (
            "etc/systemd/timesyncd.conf",
            "etc/systemd/timesyncd.conf.d/*.conf",
            "run/systemd/netif/links/*",
        ),
    ),
)
_ADDRESSED: Tuple[Tuple[str, Tuple[str, ...]], ...] = (
    (
        PROXY,
        (
            "etc/environment",
            "etc/profile.d/*.sh",
            "etc/apt/apt.conf",
            "etc/apt/apt.conf.d/*",
            "etc/dnf/dnf.conf",
            "etc/yum.conf",
        ),
    ),
    (
        SITE,
        (
            "etc/apt/sources.list",
            "etc/apt/sources.list.d/*.list",
            "etc/apt/sources.list.d/*.sources",
            "etc/yum.repos.d/*.repo",
        ),
    ),
)
_REMARKS = ("#", ";", "//", "!")
# A file server in the source of a mount (mount.nfs(8), mount.ceph(8), mount.cifs(8)).
_MOUNTED = re.compile(r"^(?://)?" + _HOST + r"(?::|/)")
_OF_SSH = re.compile(r"^(?:sshd|dropbear)")
_ESTABLISHED, _LISTENING = "01", "0A"
_DAEMON_PORT = 22


def observe_reach() -> ReachObserved:
    """Give the host's own addresses, and those of others that it reaches or is reached from."""
    own = set(_own())
    found: List[AddressObserved] = []
    for each in (_of_files, _of_mounts, _of_routes, _of_ssh):
        found.extend(
            address._replace(address=str(_plain(address.address)))
            for address in each()
            if _counts(_plain(address.address), own)
        )
    return ReachObserved(tuple(sorted(own)), tuple(dict.fromkeys(found)), tuple(_names_of_hosts()))


def addresses_in(text: str) -> Iterator[str]:
    """Give the addresses in a value, without what may stand around them."""
    for word in re.split(r"[\s,;\"']+", text):
        bare = re.split(r"[#%@]", word)[0]
        bracketed = re.match(r"^\[([^\]]+)\]", bare)
        bare = bracketed.group(1) if bracketed else bare
        if bare.count(":") == 1:
            bare = bare.partition(":")[0]
        try:
            yield str(ipaddress.ip_address(bare))
        except ValueError:
            continue


def parse_connections(text: str) -> Iterator[Tuple[str, str, int, str]]:
    """Read /proc/net/tcp or tcp6: state, inode, own port, the other side's address (proc(5))."""
    for line in text.split("\n")[1:]:
        fields = line.split()
        if len(fields) < 10:
            continue
        port = int(fields[1].partition(":")[2], 16)
        yield fields[3], fields[9], port, parse_address(fields[2].partition(":")[0])


def _of_files() -> Iterator[AddressObserved]:
    for kind, pattern, places in _SOURCES:
        for path, line in _lines(places):
            said = re.match(pattern, line)
            for address in addresses_in(said.group(1)) if said else ():
                yield AddressObserved(address, kind, path)
    for kind, places in _ADDRESSED:
        for path, line in _lines(places):
            for found in _IN_A_URL.findall(line) + _OF_A_VARIABLE.findall(line):
                for address in addresses_in(found):
                    yield AddressObserved(address, kind, path)


def _lines(places: Tuple[str, ...]) -> Iterator[Tuple[str, str]]:
    for place in places:
        for path in sorted(glob.glob(os.path.join(ROOT, place))):
            # Opening a pipe among them would wait for a writer.
            if not os.path.isfile(path):
                continue
            for line in read_text(path).split("\n"):
                if not line.strip().startswith(_REMARKS):
                    yield os.path.join("/", os.path.relpath(path, ROOT)), line.strip()


def _names_of_hosts() -> Iterator[Tuple[str, str]]:
    """Read hosts(5): addresses, and their names."""
    for _path, line in _lines(("etc/hosts",)):
        words = line.partition("#")[0].split()
        for address in addresses_in(words[0]) if words else ():
            for name in words[1:]:
                yield name.lower(), address


def _of_mounts() -> Iterator[AddressObserved]:
    for line in read_text(_proc("self/mounts")).split("\n"):
        server = _MOUNTED.match(line)
        for address in addresses_in(server.group(1)) if server else ():
            yield AddressObserved(address, FILE_SERVER, line.split(" ")[1])


def _of_routes() -> Iterator[AddressObserved]:
    for line in read_text(_proc("net/route")).split("\n")[1:]:
        fields = line.split()
        if len(fields) > 7:
            yield AddressObserved(parse_address(fields[2]), GATEWAY)
    for line in read_text(_proc("net/ipv6_route")).split("\n"):
        fields = line.split()
        if len(fields) > 9:
            yield AddressObserved(str(ipaddress.IPv6Address(bytes.fromhex(fields[4]))), GATEWAY)


def _of_ssh() -> Iterator[AddressObserved]:
    """Give where ssh sessions come from, by sockets, since sudo(8) drops SSH_CONNECTION.

    A session's process also holds what it forwards, on ports on which nobody listens.
    """
    rows = [
        row
        for name in ("tcp", "tcp6")
        for row in parse_connections(read_text(_proc("net/" + name)))
    ]
    listening = {port for state, _inode, port, _address in rows if state == _LISTENING}
    first, last = _ephemeral()
    of_ssh = _sockets_of_ssh()
    for state, inode, port, address in rows:
        is_its = inode in of_ssh if of_ssh else port == _DAEMON_PORT
        serves = port in listening or not first <= port <= last
        if state == _ESTABLISHED and is_its and serves:
            yield AddressObserved(address, SSH)


def _ephemeral() -> Tuple[int, int]:
    """Give the range of ports for outgoing connections (ip(7))."""
    words = read_text(_proc("sys/net/ipv4/ip_local_port_range")).split()
    return (int(words[0]), int(words[1])) if len(words) == 2 else (32768, 60999)


def _sockets_of_ssh() -> Set[str]:
    """Give the numbers of the sockets that ssh's processes hold."""
    found: Set[str] = set()
    for pid in _names(_proc("")):
        if not pid.isdigit() or not _OF_SSH.match(read_text(_proc(pid + "/comm"))):
            continue
        for name in _names(_proc(pid + "/fd")):
            try:
                target = os.readlink(_proc("%s/fd/%s" % (pid, name)))
            except OSError:
                continue
            if target.startswith("socket:["):
                found.add(target[len("socket:[") : -1])
    return found


def _names(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _own() -> Iterator[str]:
    for address in parse_addresses(read_text(_proc("net/fib_trie")).split("\n")):
        yield str(address)
    for line in read_text(_proc("net/if_inet6")).split("\n"):
        if line.split():
            yield str(ipaddress.IPv6Address(bytes.fromhex(line.split()[0])))


def _plain(text: str) -> Any:
    """Read an address; an IPv4 address in an IPv6 socket becomes a plain IPv4 address."""
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def _counts(address: Any, own: Set[str]) -> bool:
    """Whether it is another host's, beyond this link: link-local ones collide with no network."""
    everywhere = address.is_loopback or address.is_multicast or address.is_unspecified
    is_of_the_link = address.version == 6 and address.is_link_local
    return not (everywhere or is_of_the_link or str(address) in own)


def _proc(name: str) -> str:
    return os.path.join(ROOT, "proc", name)
