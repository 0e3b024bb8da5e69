# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The daemon's own word: what ``GET /info`` tells of each key of daemon.json.

For each key it agrees, disagrees or is silent. It agrees only where it tells the whole value, and
disagrees only where the value cannot be the file's (moby, daemon/info.go and info_unix.go; the
settings are those of observers/daemon/daemon.py).
"""

import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

from ...words.tables.daemon_defaults import DAEMON_DEFAULTS
from ...words.tables.daemon_options import EMBEDDED, OF_FEATURES, SNAPSHOTTER
from ..image_store.store import is_own
from ..units.docker_unit import DockerUnit
from .document import Document
from .meaning import canonical, declared_root, plain_mirrors, plain_pools, plain_registry, tidy_path

# These features count by themselves.
STORE, CDI, OWN_CONTAINERD = (OF_FEATURES + each for each in (SNAPSHOTTER, "cdi", EMBEDDED))
# dockerd's names for its proxies, in daemon.json below proxies and as flags (since 23.0).
PROXY_KEYS = ("http-proxy", "https-proxy", "no-proxy")
# /info shows these although nobody has declared them.
_OWN_INSECURE = {"127.0.0.0/8", "::1/128"}
_OWN_RUNTIMES = {"runc", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"}
# What it tells on every host for a key without a file or flag: dockerd's defaults.
_TOLD_BY_DEFAULT = (
    "debug",
    "default-runtime",
    "experimental",
    "live-restore",
    "log-driver",
    "no-new-privileges",
    "selinux-enabled",
)
_UNSET: Dict[str, Any] = {
    "authorization-plugins": [],
    "default-address-pools": [],
    "insecure-registries": [],
    "labels": [],
    "node-generic-resources": [],
    "registry-mirrors": [],
    "runtimes": {},
}
_UNSET.update({key: DAEMON_DEFAULTS[key] for key in _TOLD_BY_DEFAULT})
# If a file has these they are told as written; their defaults depend on the engine.
_WHERE_SAID = (
    "cdi-spec-dirs",
    "data-root",
    "default-cgroupns-mode",
    "init-path",
    "storage-driver",
    "userland-proxy",
    "userland-proxy-path",
)
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]+)")
_Word = Optional[bool]


def agreements(document: Document, settings: Mapping[str, Any], unit: DockerUnit) -> Set[str]:
    """Name the keys whose value in the file the daemon uses, by its own word."""
    words = _words(document, settings, unit)
    return {key for key, word in words.items() if word is True}


def disagreements(
    document: Document, settings: Mapping[str, Any], unit: DockerUnit
) -> Tuple[str, ...]:
    """Name the keys for which the daemon's own word differs from the file.

    A key that is also on the command line is not compared. A key that no file has is compared only
    if systemd fills nothing into the command line.
    """
    return tuple(
        key
        for key, word in sorted(_words(document, settings, unit).items())
        if word is False and (unit.is_plain or key.split(".")[0] in document)
    )


def is_so_already(key: str, document: Document, settings: Mapping[str, Any]) -> bool:
    """Whether a change only states what the daemon does already, such as its storage driver."""
    return key in document and _word(key, document, settings) is True


def _words(
    document: Document, settings: Mapping[str, Any], unit: DockerUnit
) -> Dict[str, Optional[bool]]:
    flags = set(unit.flags)
    if flags.intersection(PROXY_KEYS):
        flags.add("proxies")
    keys = set(_UNSET) | set(_WHERE_SAID) | set(_OWN_WORD)
    words = {key: _word(key, document, settings) for key in keys if key.split(".")[0] not in flags}
    # /info does not tell the other features.
    if words.get(STORE) is True and list(document.get("features", {})) == [SNAPSHOTTER]:
        words["features"] = True
    return words


def _word(key: str, document: Document, settings: Mapping[str, Any]) -> _Word:
    own = _OWN_WORD.get(key)
    try:
        if own is not None:
            return own(document, settings)
        value = document.get(key, _UNSET.get(key))
        if value is None or settings.get(key) is None:
            return None
        return _told(key, value) == _told(key, settings[key])
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        # A value of a wrong kind is refused elsewhere, in the end by dockerd.
        return None


def _told(key: str, value: Any) -> str:
    """Write a value as /info would tell it."""
    if key == "registry-mirrors":
        value = plain_mirrors(value)
    elif key == "authorization-plugins":
        value = list(dict.fromkeys(value))
    elif key in ("labels", "node-generic-resources"):
        value = sorted({str(each) for each in value})
    elif key == "insecure-registries":
        value = sorted({plain_registry(str(each)) for each in value} - _OWN_INSECURE)
    elif key == "default-address-pools":
        value = plain_pools(value)
    elif key == "data-root":
        value = tidy_path(declared_root(str(value)))
    return canonical(value)


def _runtimes(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare runtimes: names are told, and the path of a runtime that has one, nothing more."""
    said, told = document.get("runtimes", {}), settings.get("runtimes")
    if told is None:
        return None
    if set(said) - _OWN_RUNTIMES != set(told) - _OWN_RUNTIMES:
        return False
    paths = settings.get("runtimes.path") or {}
    plain = all(
        set(each) <= {"path", "runtimeArgs"}
        and [each.get("path"), each.get("runtimeArgs") or []] == paths.get(name)
        for name, each in said.items()
    )
    return True if plain else None


def _exec_opts(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare exec-opts, in which dockerd looks only for the cgroup driver."""
    told = settings.get("exec-opts")
    said = [each for each in document.get("exec-opts", []) if _option(each)[0] == _CGROUP_DRIVER]
    if not told or len(said) != 1:
        return None
    return _option(said[0])[1] == _option(told[0])[1]


_CGROUP_DRIVER = "native.cgroupdriver"


def _option(text: str) -> Tuple[str, str]:
    name, _equals, value = text.partition("=")
    return name.strip().lower(), value.strip()


def _namespace(document: Document, settings: Mapping[str, Any]) -> _Word:
    said, told = document.get("containerd-namespace"), settings.get("containerd-namespace")
    # With remapped root the daemon adds its numbers to the namespace's name.
    if not said or not told or document.get("userns-remap"):
        return None
    return bool(said == told)


def _store(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare the store: a driver's name may be containerd's; other roots have graph drivers."""
    said, told = document.get("features", {}).get(SNAPSHOTTER), settings.get(STORE)
    if not isinstance(said, bool) or told is None:
        return None
    if said == told:
        return True
    return None if document.get("storage-driver") or document.get("userns-remap") else False


def _cdi(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare CDI: if it is off no folder is told; if none is told, a file may have said so."""
    said, told = document.get("features", {}).get("cdi"), settings.get(CDI)
    if not isinstance(said, bool) or told is None:
        return None
    return None if said and not told else said == bool(told)


def _own_containerd(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare containerd's address: dockerd's own one listens elsewhere than the system's."""
    said, told = document.get("features", {}).get(EMBEDDED), settings.get("containerd")
    if said is not True or not told:
        return None
    return is_own(told, document)


def _containerd(document: Document, settings: Mapping[str, Any]) -> _Word:
    said, told = document.get("containerd"), settings.get("containerd")
    # dockerd puts its own before it.
    if not said or not told or document.get("features", {}).get(EMBEDDED):
        return None
    return bool(said == told)


def _firewall(document: Document, settings: Mapping[str, Any]) -> _Word:
    said, told = document.get("firewall-backend"), settings.get("firewall-backend")
    return bool(said == told) if said and told in ("iptables", "nftables") else None


def _seccomp(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare the seccomp profile: each series names its own one differently (20.10: default)."""
    own = ("", "default", "builtin")
    said, told = document.get("seccomp-profile", ""), settings.get("seccomp-profile")
    if told is None:
        return None
    if said == told or (said in own and told in own):
        return True
    return None if said == "unconfined" else False


def _userns(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare userns-remap: it is told that root is remapped, but not to which user."""
    said, told = bool(document.get("userns-remap")), settings.get("userns-remap")
    if told is None:
        return None
    return (None if said else True) if said == told else False


def _proxies(document: Document, settings: Mapping[str, Any]) -> _Word:
    """Compare proxies: names, passwords and where they were set are not told."""
    said, told = document.get("proxies"), settings.get("proxies")
    if not isinstance(said, dict) or told is None:
        return None
    words: List[_Word] = []
    for key in PROXY_KEYS:
        if said.get(key):
            words.append(same_proxy(key, said[key], told.get(key, "")))
    return False if False in words else None if None in words else True


def same_proxy(key: str, said: str, told: str) -> _Word:
    """Whether two proxies are the same; None where only their users may differ."""
    if key == "no-proxy":
        return _entries(said) == _entries(told)
    ours, theirs = _address(said), _address(told)
    if ours is None or theirs is None:
        return None
    if ours[0] != theirs[0] or (ours[1] is theirs[1] is False):
        return ours[0] == theirs[0]
    return None if ours[1] and theirs[1] else False


def shown_proxy(text: str) -> str:
    """Write a proxy without its name and password."""
    head, scheme, rest = text.partition("://")
    authority, slash, path = (rest if scheme else text).partition("/")
    if "@" in path:
        return "(not shown)"
    return (head + scheme if scheme else "") + authority.rpartition("@")[2] + slash + path


def _address(text: str) -> Optional[Tuple[Tuple[str, str], bool]]:
    """Read a proxy's address as far as it is told: scheme, host, and whether it has a user.

    None where Go may read it differently (golang.org/x/net/http/httpproxy).
    """
    if not text:
        return ("", ""), False
    parts = _ADDRESS.match(text)
    if parts is None:
        return None
    _user, at, host = parts.group("authority").rpartition("@")
    return (parts.group("scheme").lower(), host.lower()), bool(at)


def _entries(text: str) -> Set[str]:
    return {each.strip().lower() for each in text.split(",") if each.strip()}


_OWN_WORD: Dict[str, Callable[[Document, Mapping[str, Any]], _Word]] = {
    "containerd": _containerd,
    "containerd-namespace": _namespace,
    "exec-opts": _exec_opts,
    "firewall-backend": _firewall,
    "proxies": _proxies,
    "runtimes": _runtimes,
    "seccomp-profile": _seccomp,
    "userns-remap": _userns,
    CDI: _cdi,
    OWN_CONTAINERD: _own_containerd,
    STORE: _store,
}
