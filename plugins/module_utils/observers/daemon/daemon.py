# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a running daemon about itself.

Connecting to the socket would start a stopped daemon (docker.socket), so callers ask only while
docker.service is active.
"""

import contextlib
import http.client
import json
import re
import socket
import urllib.parse
from typing import Any, Dict, List, Tuple

from ...words.observations.host import DaemonObserved
from ...words.paths import DOCKER_SOCKET
from ..listening.listening import other_addresses
from .containerd import own_root, told_root

# /info tells in this way that images are in containerd's store (moby, daemon/containerd).
_SNAPSHOTTER = "io.containerd.snapshotter.v1"
# The socket of dockerd's own containerd, in the exec-root (moby, libcontainerd/supervisor).
_OWN_CONTAINERD = "/docker/containerd/containerd.sock"
# The runtimes that every engine has.
_OWN_RUNTIMES = ("runc", "io.containerd.runc.v2")


class DaemonSilent(Exception):
    """The daemon did not answer in time, or its answer could not be understood."""


class _NobodyListens(DaemonSilent):
    """The path is missing, or nobody listens on a socket there."""


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def observe_daemon(path: str = "", seconds: float = 10) -> DaemonObserved:
    """Read ``GET /info``, and name the running containers.

    The paths hold no API version, so the daemon's own counts.

    :raises DaemonSilent: with the reason.
    """
    daemon = parse_info(get_from_daemon("/info", path, seconds))
    if not daemon.containers_running:
        return daemon
    return daemon._replace(
        running=parse_containers(get_from_daemon("/containers/json", path, seconds))
    )


def observe_published(path: str = "", seconds: float = 5) -> Tuple[int, ...]:
    """Give the ports of the host that running containers publish.

    :raises DaemonSilent: with the reason.
    """
    return parse_published(get_from_daemon("/containers/json", path, seconds))


def ping_daemon(path: str = "", seconds: float = 5) -> None:
    """Ask ``GET /_ping``.

    :raises DaemonSilent: where the answer is not OK.
    """
    if get_from_daemon("/_ping", path, seconds).strip() != "OK":
        raise DaemonSilent("%s: GET /_ping did not answer OK" % path)


def observe_reload(since: float, until: float, path: str = "") -> bool:
    """Whether the daemon reported a reload between two times, in seconds since the epoch.

    A reload that failed is only in the daemon's log (moby, daemon/reload.go).

    :raises DaemonSilent: with the reason.
    """
    filters = urllib.parse.quote(json.dumps({"type": ["daemon"], "event": ["reload"]}))
    query = "/events?since=%.6f&until=%.6f&filters=%s" % (since, until, filters)
    return bool(get_from_daemon(query, path, 10).strip())


def parse_info(body: str) -> DaemonObserved:
    """Read the answer of ``GET /info``."""
    try:
        info = json.loads(body)
        return DaemonObserved(
            server_version=info["ServerVersion"],
            containers_running=int(info["ContainersRunning"]),
            live_restore=bool(info["LiveRestoreEnabled"]),
            settings=_settings(info),
            running=(),
            containers=int(info.get("Containers") or 0),
            images=int(info.get("Images") or 0),
            swarm=(info.get("Swarm") or {}).get("LocalNodeState", "inactive")
            not in ("", "inactive"),
            layers=_layers(info),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DaemonSilent("GET /info was not understood: %s" % error)


def parse_containers(body: str) -> Tuple[str, ...]:
    """Read the names in the answer of ``GET /containers/json``."""
    try:
        return tuple(sorted(each["Names"][0].lstrip("/") for each in json.loads(body)))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise DaemonSilent("GET /containers/json was not understood: %s" % error)


def parse_published(body: str) -> Tuple[int, ...]:
    """Read the host's ports in the answer of ``GET /containers/json``."""
    try:
        ports = [port for each in json.loads(body) for port in each.get("Ports") or []]
        found = {int(port["PublicPort"]) for port in ports if port.get("PublicPort")}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DaemonSilent("GET /containers/json was not understood: %s" % error)
    return tuple(sorted(found))


def _layers(info: Dict[str, Any]) -> str:
    driver, root = info.get("Driver"), info.get("DockerRootDir")
    if not driver or not root:
        return ""
    if ["driver-type", _SNAPSHOTTER] in (info.get("DriverStatus") or []):
        address = str((info.get("Containerd") or {}).get("Address") or "")
        is_own = address.endswith(_OWN_CONTAINERD)
        store = own_root(root) if is_own else told_root().root
        return "%s/%s.%s" % (store, _SNAPSHOTTER, driver)
    return "%s/%s" % (root, driver)


def _settings(info: Dict[str, Any]) -> Dict[str, Any]:
    """Give the daemon's settings that /info tells, under the names of daemon.json."""
    registry = info.get("RegistryConfig") or {}
    indexes = registry.get("IndexConfigs") or {}
    insecure = list(registry.get("InsecureRegistryCIDRs") or [])
    insecure.extend(name for name, index in indexes.items() if not index.get("Secure", True))
    pools = info.get("DefaultAddressPools") or []
    settings = {
        "data-root": info.get("DockerRootDir"),
        "storage-driver": info.get("Driver"),
        "log-driver": info.get("LoggingDriver"),
        "debug": info.get("Debug"),
        "experimental": info.get("ExperimentalBuild"),
        "labels": sorted(info.get("Labels") or []),
        "live-restore": info.get("LiveRestoreEnabled"),
        # The daemon adds a slash to an address without one.
        "registry-mirrors": [
            re.sub(r"(?<!/)/$", "", each) for each in registry.get("Mirrors") or []
        ],
        "insecure-registries": sorted(insecure),
        "default-runtime": info.get("DefaultRuntime"),
        "runtimes": sorted(info.get("Runtimes") or {}),
        "default-address-pools": [{"base": each["Base"], "size": each["Size"]} for each in pools],
    }
    for told_by in (_told_by_some, _told_of_security):
        # What another engine tells in another form is left out.
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            settings.update(told_by(info))
    return settings


def _told_by_some(info: Dict[str, Any]) -> Dict[str, Any]:
    """Give what only some engines tell; a key that is not told is left out."""
    containerd = info.get("Containerd") or {}
    firewall = info.get("FirewallBackend") or {}
    of_firewall = dict(firewall.get("Info") or [])
    paths = {
        name: [each.get("path"), each.get("runtimeArgs") or []]
        for name, each in (info.get("Runtimes") or {}).items()
        if name not in _OWN_RUNTIMES
    }
    told = {
        "containerd": containerd.get("Address"),
        "containerd-namespace": (containerd.get("Namespaces") or {}).get("Containers"),
        "cdi-spec-dirs": info.get("CDISpecDirs"),
        "init-path": info.get("InitBinary"),
        "exec-opts": _prefixed("native.cgroupdriver=", info.get("CgroupDriver")),
        # Where firewalld runs, /info tells that as well.
        "firewall-backend": (firewall.get("Driver") or "").partition("+")[0],
        "userland-proxy-path": of_firewall.get("UserlandProxyPath"),
        "runtimes.path": paths,
    }
    told = {key: value for key, value in told.items() if value}
    if "EnableUserlandProxy" in of_firewall:
        told["userland-proxy"] = of_firewall["EnableUserlandProxy"] == "true"
    if "Plugins" in info:
        told["authorization-plugins"] = (info["Plugins"] or {}).get("Authorization") or []
    if "GenericResources" in info:
        told["node-generic-resources"] = _resources(info["GenericResources"] or [])
    # Before 24 dockerd knows no such feature and takes any name.
    if info.get("DriverStatus") and int(str(info["ServerVersion"]).partition(".")[0]) >= 24:
        snapshots = ["driver-type", _SNAPSHOTTER] in info["DriverStatus"]
        told["features.containerd-snapshotter"] = snapshots
    if "CDISpecDirs" in info:
        told["features.cdi"] = bool(info["CDISpecDirs"])
    names = {"http-proxy": "HttpProxy", "https-proxy": "HttpsProxy", "no-proxy": "NoProxy"}
    if "HttpProxy" in info:
        # /info shows xxxxx for a name and a password (moby, daemon/config, MaskCredentials).
        told["proxies"] = {key: info.get(name) or "" for key, name in names.items()}
    return told


def _told_of_security(info: Dict[str, Any]) -> Dict[str, Any]:
    """Read the security options; one that is missing may be missing in the kernel."""
    options = info.get("SecurityOptions")
    if options is None:
        return {}
    parts = [dict(part.partition("=")[::2] for part in each.split(",")) for each in options]
    by_name = {part.get("name"): part for part in parts}
    told: Dict[str, Any] = {"userns-remap": "userns" in by_name}
    if "profile" in by_name.get("seccomp", {}):
        told["seccomp-profile"] = by_name["seccomp"]["profile"]
    for key, name in (("selinux-enabled", "selinux"), ("no-new-privileges", "no-new-privileges")):
        if name in by_name:
            told[key] = True
    if "cgroupns" in by_name:
        told["default-cgroupns-mode"] = "private"
    elif info.get("CgroupVersion") == "2":
        told["default-cgroupns-mode"] = "host"
    return told


def _prefixed(prefix: str, value: Any) -> List[str]:
    return [prefix + value] if value else []


def _resources(resources: List[Dict[str, Any]]) -> List[str]:
    """Write generic resources as the file does: KIND=VALUE."""
    specs = [spec for each in resources for spec in each.values()]
    return sorted("%s=%s" % (spec["Kind"], spec["Value"]) for spec in specs)


def get_from_daemon(query: str, path: str, seconds: float) -> str:
    """Give the daemon's answer to a request.

    :raises DaemonSilent: where the status is not 200.
    """
    status, body = ask_daemon(query, path, seconds)
    if status != 200:
        raise DaemonSilent(
            "%s: GET %s answered %d %s"
            % (path or DOCKER_SOCKET, query.split("?")[0], status, body[:200])
        )
    return body


def ask_daemon(query: str, path: str, seconds: float) -> Tuple[int, str]:
    """Ask at this path or, without one, wherever docker.socket listens, the usual place first."""
    try:
        return _ask_at(path or DOCKER_SOCKET, query, seconds)
    except _NobodyListens as nobody:
        for other in other_addresses() if not path else ():
            with contextlib.suppress(_NobodyListens):
                return _ask_at(other, query, seconds)
        raise nobody


def _ask_at(path: str, query: str, seconds: float) -> Tuple[int, str]:
    connection = _SocketConnection(path, seconds)
    try:
        connection.request("GET", query)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise _NobodyListens("%s: %s" % (path, error))
    except (OSError, http.client.HTTPException) as error:
        raise DaemonSilent("%s: %s" % (path, error or type(error).__name__))
    finally:
        connection.close()
    return answer.status, body
