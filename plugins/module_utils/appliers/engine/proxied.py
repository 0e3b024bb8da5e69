# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch over http and https through a proxy, which may be a SOCKS5 one (RFC 1928, RFC 1929)."""

import functools
import http.client
import socket
import ssl
import struct
import urllib.parse
import urllib.request
from typing import Any, BinaryIO, Dict, NamedTuple, Optional, Sequence

from ...planners.proxy.packages import is_direct
from ...words.declarations.proxy import ProxyDeclaration

_VERSION, _OPEN, _BY_PASSWORD, _CONNECT, _BY_NAME = 5, 0, 2, 1, 3
_PORT = 1080
# The answers of a SOCKS5 proxy (RFC 1928, 6).
_ANSWERS = (
    "succeeded",
    "general failure",
    "connection not allowed",
    "network unreachable",
    "host unreachable",
    "connection refused",
    "time to live expired",
    "command not supported",
    "address type not supported",
)


class Socks(NamedTuple):
    """A SOCKS5 proxy; ``user`` is empty if the proxy asks for none."""

    host: str
    port: int = _PORT
    user: str = ""
    password: str = ""


def opener(proxy: ProxyDeclaration) -> urllib.request.OpenerDirector:
    """Give an opener of addresses; without a proxy it uses the environment, as urllib does.

    Each request is judged by itself, for a site may redirect from http to https or to another host.
    """
    if not proxy.is_declared:
        return urllib.request.build_opener()
    addresses = {"http": proxy.http, "https": proxy.https}
    socks = {
        scheme: _socks(address)
        for scheme, address in addresses.items()
        if address.startswith("socks5://")
    }
    plain = {
        scheme: address for scheme, address in addresses.items() if address and scheme not in socks
    }
    return urllib.request.build_opener(
        _ByProxy(plain, proxy.no_proxy),
        _ByHttp(socks.get("http"), proxy.no_proxy),
        _ByHttps(socks.get("https"), proxy.no_proxy),
    )


def connect(socks: Socks, host: str, port: int, seconds: float) -> socket.socket:
    """Have the proxy connect to a host; the proxy resolves the host's name.

    :raises OSError: in the proxy's own words.
    """
    sock = socket.create_connection((socks.host, socks.port), seconds)
    try:
        with sock.makefile("rb") as answer:
            _greet(sock, answer, socks)
            name = host.encode("idna")
            request = struct.pack("!BBBBB", _VERSION, _CONNECT, 0, _BY_NAME, len(name))
            sock.sendall(request + name + struct.pack("!H", port))
            _version, status, _reserved, kind = struct.unpack("!BBBB", _read(answer, 4))
            if status:
                told = _ANSWERS[status] if status < len(_ANSWERS) else "status %d" % status
                raise OSError("the SOCKS proxy %s answered: %s" % (socks.host, told))
            length = {1: 4, 4: 16}.get(kind) or _read(answer, 1)[0]
            _read(answer, length + 2)
    except BaseException:
        sock.close()
        raise
    return sock


def _greet(sock: socket.socket, answer: BinaryIO, socks: Socks) -> None:
    methods = bytes((_OPEN, _BY_PASSWORD)) if socks.user else bytes((_OPEN,))
    sock.sendall(bytes((_VERSION, len(methods))) + methods)
    version, method = struct.unpack("!BB", _read(answer, 2))
    if version != _VERSION or method not in methods:
        raise OSError("%s is no SOCKS5 proxy that lets these credentials in" % socks.host)
    if method == _BY_PASSWORD:
        user, password = socks.user.encode("utf-8"), socks.password.encode("utf-8")
        sock.sendall(
            bytes((1, len(user))) + user + bytes((len(password),)) + password,
        )
        if _read(answer, 2)[1]:
            raise OSError("the SOCKS proxy %s did not believe the credentials" % socks.host)


def _read(answer: BinaryIO, length: int) -> bytes:
    found = answer.read(length)
    if len(found) != length:
        raise OSError("the SOCKS proxy ended the connection")
    return found


def _socks(address: str) -> Socks:
    parts = urllib.parse.urlsplit(address)
    unquote = urllib.parse.unquote
    return Socks(
        host=parts.hostname or "",
        port=parts.port or _PORT,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, socks: Socks, **more: Any) -> None:
        super().__init__(host, **more)
        self._socks = socks

    def connect(self) -> None:
        self.sock = connect(self._socks, self.host, self.port, self.timeout or _no_time())


class _SecureConnection(http.client.HTTPSConnection):
    def __init__(self, host: str, socks: Socks, **more: Any) -> None:
        super().__init__(host, **more)
        self._socks = socks

    def connect(self) -> None:
        sock = connect(self._socks, self.host, self.port, self.timeout or _no_time())
        self.sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)


def _no_time() -> float:
    raise ValueError("a connection through a proxy wants a time limit")


class _ByProxy(urllib.request.ProxyHandler):
    def __init__(self, proxies: Dict[str, str], direct: Sequence[str]) -> None:
        super().__init__(proxies)
        self._direct = direct

    def proxy_open(self, req: urllib.request.Request, proxy: str, type: str) -> Any:
        if _is_direct(req, self._direct):
            return None
        return super().proxy_open(req, proxy, type)


class _ByHttp(urllib.request.HTTPHandler):
    def __init__(self, socks: Optional[Socks], direct: Sequence[str]) -> None:
        super().__init__()
        self._socks, self._direct = socks, direct

    def http_open(self, req: urllib.request.Request) -> Any:
        if self._socks is None or _is_direct(req, self._direct):
            return super().http_open(req)
        return self.do_open(functools.partial(_Connection, socks=self._socks), req)


class _ByHttps(urllib.request.HTTPSHandler):
    def __init__(self, socks: Optional[Socks], direct: Sequence[str]) -> None:
        super().__init__()
        self._socks, self._direct = socks, direct

    def https_open(self, req: urllib.request.Request) -> Any:
        if self._socks is None or _is_direct(req, self._direct):
            return super().https_open(req)
        return self.do_open(functools.partial(_SecureConnection, socks=self._socks), req)


def _is_direct(request: urllib.request.Request, entries: Sequence[str]) -> bool:
    return is_direct(urllib.parse.urlsplit(request.full_url).hostname or "", entries)
