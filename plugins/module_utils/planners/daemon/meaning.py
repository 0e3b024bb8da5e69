# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a value of daemon.json means to dockerd, however it is spelt.

Two values with the same meaning are no difference, and need neither a reload nor a restart. Only
what every engine since 20.10 reads alike counts as the same.
"""

import ipaddress
import json
import re
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple, cast

from ...words.tables.daemon_defaults import DAEMON_DEFAULTS
from ...words.tables.daemon_options import OPTIONS

# go-units, RAMInBytes and FromHumanSize: a number and a unit, in any case, with or without i and b.
_SIZE = re.compile(r"^(?P<number>\d+)(?P<blank> ?)(?P<unit>[kmgtp]?)i?b?$", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_EMPTY: Dict[str, Any] = {"text": "", "list": [], "pools": [], "map": {}}
_SCHEME = re.compile(r"(?i)^https?://")


def meaning(key: str, value: Any) -> Any:
    """Give what a value means; None where dockerd does the same without the key.

    For an empty value dockerd takes the flag's own default (moby, daemon/config, mergo).
    """
    option = OPTIONS.get(key)
    if value is None or (option is not None and value == _EMPTY.get(option.kind)):
        return None
    plain = _plain((key,), value)
    if key in DAEMON_DEFAULTS and canonical(plain) == canonical(
        _plain((key,), DAEMON_DEFAULTS[key])
    ):
        return None
    return plain


def is_same(keys: Sequence[str], one: Any, other: Any) -> bool:
    """Whether two values of a leaf mean the same; null is no value."""
    if canonical(one) == canonical(other):
        return True
    if one is None or other is None:
        return False
    if len(keys) == 1:
        return canonical(meaning(keys[0], one)) == canonical(meaning(keys[0], other))
    return canonical(_plain(keys, one)) == canonical(_plain(keys, other))


def canonical(value: Any) -> str:
    """Write a value so that only equal values are written alike: 1 is not true."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def tidy_path(value: str) -> str:
    """Write a path without what makes no difference: ``//``, ``/./`` and a slash at the end.

    ``..`` stays, since the folder before it may be a link. /var/run is /run on every system with
    systemd (file-hierarchy(7)).
    """
    if not value.startswith("/"):
        return value
    path = "/" + "/".join(part for part in value.split("/") if part not in ("", "."))
    return path[len("/var") :] if (path + "/").startswith("/var/run/") else path


def declared_root(path: str) -> str:
    """Give a data-root's declared name: with userns-remap the daemon tells a folder in it."""
    return re.sub(r"/\d+\.\d+/?$", "", path)


def plain_registry(text: str) -> str:
    """Name an insecure registry as dockerd does: no scheme, and a network's first address."""
    text = _SCHEME.sub("", text)
    try:
        return plain_network(text) if "/" in text else text
    except ValueError:
        return text


def plain_network(text: str) -> str:
    """Write a network by its first address, as Go's net.ParseCIDR does."""
    return str(ipaddress.ip_network(text, strict=False))


def plain_mirrors(value: Sequence[str]) -> List[str]:
    """Write each mirror once, without the slash that dockerd adds."""
    return list(dict.fromkeys(re.sub(r"(?<!/)/$", "", str(each)) for each in value))


def plain_pools(value: Sequence[Mapping[str, Any]]) -> List[Tuple[str, Any]]:
    """Write address pools; Go ignores the case of their fields."""
    return [(plain_network(pool["base"]), pool["size"]) for pool in map(pool_of, value)]


def pool_of(value: Mapping[str, Any]) -> Dict[str, Any]:
    """Read one address pool as Go does (encoding/json: names match in any case)."""
    return {name.lower(): each for name, each in value.items()}


def _plain(keys: Sequence[str], value: Any) -> Any:
    """Write a leaf in a plain form; a value of a wrong kind stays as it is."""
    if len(keys) == 1 and isinstance(value, dict):
        return {name: _plain((keys[0], name), each) for name, each in value.items()}
    known = _LEAVES.get("/".join(keys))
    if known is None:
        return value
    try:
        return known(value)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        return value


def _file(value: str) -> str:
    # A slash at the end asks for a folder.
    return value if value.endswith("/") else tidy_path(value)


def _address(value: str) -> str:
    return str(ipaddress.ip_address(value))


def _interface(value: str) -> str:
    return str(ipaddress.ip_interface(value)) if "/" in value else value


def _range(value: str) -> str:
    return plain_network(value) if "/" in value else value


def _size(value: str) -> Any:
    found = _SIZE.match(value)
    if found is None:
        return value
    return int(found.group("number")) * 1024 ** _POWERS[found.group("unit").lower()]


def _size_of_a_log(value: str) -> Any:
    """Lower the unit's case only, since a driver may count in thousands."""
    found = _SIZE.match(value)
    return found.group("number") + found.group("unit").lower() if found else value


def _set(value: Sequence[str]) -> List[str]:
    return sorted(set(_texts(value)))


def _addresses(value: Sequence[str]) -> List[str]:
    return [_address(each) for each in _texts(value)]


def _registries(value: Sequence[str]) -> List[str]:
    return sorted({plain_registry(each) for each in _texts(value)})


def _options(value: Sequence[str]) -> List[str]:
    found = [each.partition("=") for each in _texts(value)]
    return [name.strip().lower() + equals + said.strip() for name, equals, said in found]


def _texts(value: Any) -> List[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError("no list of text")
    return cast("List[str]", value)


# Functions that write a leaf in a plain form; a list that dockerd takes for a set has no order.
_LEAVES: Dict[str, Callable[[Any], Any]] = {
    "allow-nondistributable-artifacts": _set,
    "authorization-plugins": lambda value: list(dict.fromkeys(_texts(value))),
    "bip": _interface,
    "bip6": _interface,
    "data-root": tidy_path,
    "default-address-pools": plain_pools,
    "default-gateway": _address,
    "default-gateway-v6": _address,
    "default-shm-size": _size,
    "dns": _addresses,
    "exec-opts": _options,
    "exec-root": tidy_path,
    "fixed-cidr": _range,
    "fixed-cidr-v6": _range,
    "graph": tidy_path,
    "host-gateway-ip": _address,
    "host-gateway-ips": _addresses,
    "hosts": lambda value: sorted(_texts(value)),
    "init-path": _file,
    "insecure-registries": _registries,
    "ip": _address,
    "labels": _set,
    "log-opts/max-buffer-size": _size_of_a_log,
    "log-opts/max-size": _size_of_a_log,
    "node-generic-resources": _set,
    "pidfile": _file,
    "registry-mirrors": lambda value: plain_mirrors(_texts(value)),
    "seccomp-profile": _file,
    "tlscacert": _file,
    "tlscert": _file,
    "tlskey": _file,
    "userland-proxy-path": _file,
}
