# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of the proxy: what the arguments mean. Pure."""

import ipaddress
import re
from typing import Any, Dict, Iterator, Mapping, NamedTuple, Tuple

from ..told_value import told_value
from .drop_in import NO_COMMON_WORD, require_carried
from .error import DeclarationError

# What docker_proxy is told of other roles: registries that need no proxy, where that is asked.
PROXY_GIVEN: Dict[str, Dict[str, Any]] = {
    "registry_mirrors": {"type": "list", "elements": "str", "default": []},
}

# The kinds of proxy that Go's net/http can use (net/http, Transport.Proxy).
_SCHEMES = ("http", "https", "socks5")
_ADDRESSES = ("http", "https", "all")
# A name in any letters (Go, net/http, idnaASCII), or an address; IPv6 has brackets.
_HOST = re.compile(r"^(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|[\w.-]+)(?::(?P<port>[0-9]{1,5}))?\Z")
# What may stand unescaped in the user part of an address (RFC 3986, 3.2.1; Go, net/url).
_PLAIN_CREDENTIALS = re.compile(r"^(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*\Z")
_ADDRESS = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.+)$", re.DOTALL)
# Never through a proxy: this host itself, and Alibaba Cloud's metadata service.
LOCAL = ("localhost", "127.0.0.1", "::1", "100.100.100.200")


class ProxyDeclaration(NamedTuple):
    """What is declared of the proxy.

    ``http`` and ``https`` are the proxies' addresses for dockerd, empty for a direct way;
    ``no_proxy`` is what it reaches directly all the same. With ``packages`` the package manager
    uses the proxies as well. ``idle`` names declared variables without effect, since there is no
    proxy.
    """

    http: str = ""
    https: str = ""
    no_proxy: Tuple[str, ...] = ()
    packages: bool = False
    idle: Tuple[str, ...] = ()

    @property
    def is_declared(self) -> bool:
        """Whether there is a proxy."""
        return bool(self.http or self.https)

    @property
    def environment(self) -> Dict[str, str]:
        """Give dockerd's variables (golang.org/x/net/http/httpproxy, FromEnvironment)."""
        if not self.is_declared:
            return {}
        values = {
            "HTTP_PROXY": self.http,
            "HTTPS_PROXY": self.https,
            "NO_PROXY": ",".join(self.no_proxy),
        }
        return {name: value for name, value in values.items() if value}


def declare_proxy(arguments: Mapping[str, Any]) -> ProxyDeclaration:
    """Read the arguments of ``docker_proxy``.

    :raises DeclarationError: for a value without meaning, or one that systemd cannot carry.
    """
    addresses = {name: _address(name, arguments[name]) for name in _ADDRESSES}
    http, https = (addresses[name] or addresses["all"] for name in ("http", "https"))
    if arguments["packages"] and any(each.startswith("https://") for each in (http, https)):
        raise DeclarationError(
            "docker_proxy_packages is true, and the proxy's own address begins with https://, by "
            "which no signing key can be fetched. It wants http:// or socks5://."
        )
    entries = list(arguments["no_proxy"])
    given = {"docker_proxy_no_proxy": bool(entries), "docker_proxy_packages": arguments["packages"]}
    idle = () if http or https else tuple(name for name, said in given.items() if said)
    if arguments["no_proxy_local"]:
        entries.extend(LOCAL)
        entries.extend(_host(mirror) for mirror in _mirrors(arguments))
    for entry in entries:
        require_carried("docker_proxy_no_proxy", entry)
        if has_credentials(entry):
            raise DeclarationError(
                "docker_proxy_no_proxy has an entry that may hold a password. It wants hosts, "
                "domains, addresses and networks alone, which everybody may read."
            )
    # One element may hold several entries, as the variable itself does.
    named = [part.strip(" ") for entry in entries for part in entry.split(",")]
    return ProxyDeclaration(
        http=http,
        https=https,
        no_proxy=tuple(dict.fromkeys(part for part in named if part)),
        packages=bool(arguments["packages"]),
        idle=idle,
    )


def _mirrors(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Give the mirrors' addresses; docker_daemon refuses those that are none."""
    mirrors = arguments.get("registry_mirrors")
    for mirror in mirrors if isinstance(mirrors, (list, tuple)) else ():
        if isinstance(mirror, str):
            yield mirror


def has_credentials(address: str) -> bool:
    """Whether an address may hold a name or a password, if only by mistake."""
    return "@" in address or "%40" in address


def secrets_of(arguments: Mapping[str, Any]) -> Tuple[str, ...]:
    """Give the texts in the arguments that must never be shown.

    These are addresses with credentials, the credentials, and the password. A password that is a
    common word is left out, since removing it would garble all that is told.
    """
    found = []
    addresses = [str(arguments[name]) for name in _ADDRESSES if arguments.get(name)]
    addresses.extend(_mirrors(arguments))
    addresses.extend(str(each) for each in arguments.get("no_proxy") or ())
    for address in addresses:
        if has_credentials(address):
            credentials = address.split("://", 1)[-1].rpartition("@")[0]
            name, _colon, password = credentials.partition(":")
            found.extend([address, credentials])
            found.extend(each for each in (password or name,) if len(each) >= NO_COMMON_WORD)
    return tuple(dict.fromkeys(each for each in found if each))


def _address(name: str, text: str) -> str:
    address = text.strip(" ")
    if not address:
        return ""
    shown = "an address with credentials" if has_credentials(address) else told_value(address)
    require_carried("docker_proxy_%s" % name, address, shown)
    match = _ADDRESS.match(address)
    scheme = match.group("scheme").lower() if match else ""
    # Go lets the proxy resolve names, whichever of them it is (net/http, socks_bundle.go).
    scheme = "socks5" if scheme in ("socks", "socks5h") else scheme
    if match is None or scheme not in _SCHEMES:
        raise DeclarationError(
            "docker_proxy_%s is %s. It wants a whole address: http://, https:// or socks5://, "
            "then the proxy's host and port, such as http://proxy.example.com:3128." % (name, shown)
        )
    rest = match.group("rest")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in rest[len(authority) :]:
        raise DeclarationError(
            "docker_proxy_%s is %s that hold a slash, a question mark or a hash. Write them in per "
            "cent: %%2F, %%3F, %%23." % (name, shown)
        )
    if not _PLAIN_CREDENTIALS.match(authority.rpartition("@")[0]):
        raise DeclarationError(
            "docker_proxy_%s is %s that hold characters no address can. Write them in per cent, "
            "@ as %%40, a blank as %%20: dockerd could not read the address, would go without the "
            "proxy, and show the password in `docker info`." % (name, shown)
        )
    if not _is_host(authority.rpartition("@")[2]):
        raise DeclarationError(
            "docker_proxy_%s is %s, whose host or port is none. It wants a host and a port from 1 "
            "to 65535, such as http://proxy.example.com:3128." % (name, shown)
        )
    return "%s://%s" % (scheme, rest)


def _is_host(text: str) -> bool:
    """Whether Go could connect to this host, with or without a port."""
    found = _HOST.match(text)
    if found is None or not 0 < int(found.group("port") or 1) < 65536:
        return False
    try:
        ipaddress.IPv6Address(found.group("address") or "::1")
    except ValueError:
        return False
    return True


def _host(address: str) -> str:
    """Give the host of a registry mirror's address, as NO_PROXY names it."""
    authority = address.split("://", 1)[-1].split("/", 1)[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]
