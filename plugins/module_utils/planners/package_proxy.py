# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How apt and dnf are told of a proxy: by their environment, which only root can read."""

import re
from typing import Dict, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.proxy_declaration import (
    ProxyDeclaration,
)


def package_environment(proxy: ProxyDeclaration) -> Dict[str, str]:
    """Give the variables that apt's http method and curl, on which dnf builds, go by.

    Neither is told on its command line, which every user of the host can read. Both have the proxy
    resolve names only under the scheme socks5h, and apt knows no other (apt-transport-http(1)).
    """
    values = {
        "http_proxy": _resolving(proxy.http),
        "https_proxy": _resolving(proxy.https),
        "no_proxy": ",".join(proxy.no_proxy),
    }
    return {name: value for name, value in values.items() if value and proxy.is_declared}


def is_direct(host: str, entries: Sequence[str]) -> bool:
    """Whether a host is reached without the proxy: it, or a domain it is in, is an entry."""
    domains = [entry.lstrip("*.") for entry in entries if entry != "*"]
    return "*" in entries or any(host == each or host.endswith("." + each) for each in domains)


def _resolving(address: str) -> str:
    return re.sub(r"^socks5://", "socks5h://", address)
