# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Explain what an entry of NO_PROXY means where that is not what it seems to mean.

dockerd reads it as golang.org/x/net/http/httpproxy does (config.init).
"""

import ipaddress
import re
from typing import Tuple

_WANTED = "It wants a host, a domain, an address or a network."
_WITH_PORT = re.compile(r"^(?:\[(?P<bracketed>[^\[\]]*)\]|(?P<plain>[^:\[\]]*)):(?P<port>[^:]*)\Z")
_NUMBERS = re.compile(r"^[0-9.]+(?:-[0-9.]+)?\Z")


def explained(entry: str) -> str:
    """Say what an entry leaves out; empty where it does what it says, or means nothing."""
    if fault(entry):
        return ""
    if entry == "*":
        return "everything is reached without the proxy, which is then declared for nothing."
    if _is_network(entry):
        return (
            "a network stands for registries that are named by an address; one that is named by "
            "a host name goes through the proxy, though its address is in it."
        )
    if entry.startswith(("*.", ".")):
        domain = entry.lstrip("*.")
        return "it leaves out %s itself. %s stands for both." % (domain, domain)
    return ""


def fault(entry: str) -> str:
    """Say why an entry means nothing; empty where it means something."""
    if entry == "*" or _is_network(entry) or _is_address(entry):
        return ""
    host, port = _parted(entry)
    wrong: Tuple[Tuple[bool, str], ...] = (
        ("://" in entry, "a scheme"),
        ("/" in entry, "a path, or is no network that there can be"),
        (bool(re.search(r"\s", entry)), "a blank"),
        (bool(re.search(r"[\"'`]", entry)), "a quotation mark"),
        (";" in entry, "a semicolon, and only commas part entries"),
        ("*" in re.sub(r"^\*\.", "", entry), "a star inside"),
        (not host, "a port without a host"),
        (bool(port) and not _is_port(port), "a port that is none"),
        ("[" in entry and not _is_address(host), "brackets, which only an address with a port has"),
        (host.endswith("."), "a dot at its end"),
        (bool(_NUMBERS.match(host)) and not _is_address(host), "numbers that are no address"),
    )
    for found, name in wrong:
        if found:
            return "it has %s, and stands for nothing. %s" % (name, _WANTED)
    return ""


def _parted(entry: str) -> Tuple[str, str]:
    """Split an entry into host and port, as Go's net.SplitHostPort does."""
    found = _WITH_PORT.match(entry)
    if found is None:
        return entry, ""
    return found.group("bracketed") or found.group("plain") or "", found.group("port")


def _is_port(text: str) -> bool:
    return bool(re.match(r"^[0-9]{1,5}\Z", text)) and 0 < int(text) < 65536


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    # Go accepts a network only with the length of its prefix (net.ParseCIDR).
    return bool(re.search(r"/[0-9]+\Z", entry))
