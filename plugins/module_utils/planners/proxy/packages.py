# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell apt and dnf of a proxy, by their environment, which only root can read."""

import ipaddress
import re
from typing import Dict, Sequence

from ...words.declarations.proxy import ProxyDeclaration

_PORTS = {"http": 80, "https": 443, "socks5": 1080}


def package_environment(proxy: ProxyDeclaration) -> Dict[str, str]:
    """Give the variables that apt's http method, and curl in dnf, use.

    An address without a port gets dockerd's default port (Go, net/http, portMap): curl would take
    1080.

    Neither gets it on its command line, which every user of the host can read. Both let the proxy
    resolve names only with the scheme socks5h, and apt knows no other (apt-transport-http(1)).
    """
    values = {
        "http_proxy": _resolving(_with_port(proxy.http)),
        "https_proxy": _resolving(_with_port(proxy.https)),
        # Neither knows a star before a domain.
        "no_proxy": ",".join(re.sub(r"^\*(?=\.)", "", entry) for entry in proxy.no_proxy),
    }
    return {name: value for name, value in values.items() if value and proxy.is_declared}


def is_direct(host: str, entries: Sequence[str]) -> bool:
    """Whether a host is reached without the proxy, by dockerd's rules.

    A domain means itself and what is in it; one after a dot or a star means only the latter; a
    network means addresses (golang.org/x/net/http/httpproxy, config.useProxy).
    """
    return any(_stands_for(entry.lower(), host.lower()) for entry in entries)


def _stands_for(entry: str, host: str) -> bool:
    inner = entry[1:] if entry.startswith("*.") else entry
    if entry == "*" or inner == host or host.endswith("." + inner.lstrip(".")):
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry)
    except ValueError:
        return False


def _with_port(address: str) -> str:
    scheme, _slashes, rest = address.partition("://")
    authority = rest.partition("/")[0]
    if not rest or re.search(r":[0-9]+\Z", authority.rpartition("@")[2]):
        return address
    return "%s://%s:%d%s" % (scheme, authority, _PORTS[scheme], rest[len(authority) :])


def _resolving(address: str) -> str:
    return re.sub(r"^socks5://", "socks5h://", address)
