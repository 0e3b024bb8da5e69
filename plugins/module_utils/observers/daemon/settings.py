# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a dockerd or containerd keeps its data, by its arguments and its configuration file."""

import glob
import os
import re
from typing import Any, Dict, Mapping, NamedTuple, Sequence, Tuple

from ...words.observations.docker.daemons import HeldObserved
from ...words.paths import (
    CONTAINERD_CONFIG,
    CONTAINERD_SOCKET,
    DAEMON_JSON,
    DATA_ROOT,
    DOCKER_PID_FILE,
    DOCKER_SOCKET,
)
from ...words.tables.daemon_flags import flags_of
from ..host.files import parse_json, read_text
from ..host.processes import same_path
from .containerd import root_said
from .data_root import observe_data_root


class DaemonSettings(NamedTuple):
    """``is_handed_sockets`` tells that another process opens its sockets (-H fd://)."""

    sockets: Tuple[str, ...]
    data_root: str
    pid_file: str
    is_handed_sockets: bool = False


class Defaults(NamedTuple):
    """What a dockerd uses where nothing is configured (moby, pkg/homedir for a rootless one)."""

    socket: str = DOCKER_SOCKET
    data_root: str = DATA_ROOT
    pid_file: str = DOCKER_PID_FILE
    configuration: str = DAEMON_JSON


def defaults_of(uid: int, home: str) -> Defaults:
    """Give the defaults of root's daemon, or of another user's."""
    if not uid:
        return Defaults()
    run = "/run/user/%d" % uid
    return Defaults(
        socket=run + "/docker.sock",
        data_root=os.path.join(home, ".local/share/docker"),
        pid_file=run + "/docker.pid",
        configuration=os.path.join(home, ".config/docker/daemon.json"),
    )


def dockerd_settings(
    arguments: Sequence[str], fallback: Defaults, prefix: str = "", folder: str = "/"
) -> DaemonSettings:
    """Read a dockerd's arguments and configuration file; ``prefix`` is its root folder."""
    flags = flags_of(arguments)
    # A unit's file has arguments in quotes, or after a variable.
    path = flags.get("config-file", [fallback.configuration])[-1]
    document = _document(read_text(prefix + os.path.join(folder, path)))

    def told(keys: Sequence[str], default: str) -> str:
        for key in keys:
            value = flags.get(key, [document.get(key)])[-1]
            if isinstance(value, str) and value:
                return os.path.join(folder, value)
        return default

    hosts = list(flags.get("hosts", []))
    of_file = document.get("hosts")
    if isinstance(of_file, list):
        hosts.extend(str(each) for each in of_file)
    paths = [each[len("unix://") :] or fallback.socket for each in hosts if each[:7] == "unix://"]
    return DaemonSettings(
        sockets=tuple(same_path(each) for each in (paths if hosts else [fallback.socket])),
        data_root=os.path.normpath(told(("data-root", "graph"), fallback.data_root)),
        pid_file=told(("pidfile",), fallback.pid_file),
        is_handed_sockets=any(each.startswith("fd://") for each in hosts),
    )


def containerd_settings(arguments: Sequence[str], prefix: str = "") -> DaemonSettings:
    """Read a containerd's arguments and configuration file (containerd-config.toml(5))."""
    text = read_text(prefix + _after(arguments, ("-c", "--config"), CONTAINERD_CONFIG))
    address = re.search(r"^\s*\[grpc\][^\[]*?^\s*address\s*=\s*[\"'](.+?)[\"']", text, re.M | re.S)
    socket = _after(
        arguments, ("-a", "--address"), address.group(1) if address else CONTAINERD_SOCKET
    )
    data = os.path.normpath(root_said(arguments, prefix).root)
    return DaemonSettings(sockets=(same_path(socket),), data_root=data, pid_file="")


def own_pid_file() -> str:
    """Give the path of the PID file that docker.service's daemon will write."""
    told = _document(read_text(DAEMON_JSON)).get("pidfile")
    return str(told) if isinstance(told, str) and told else DOCKER_PID_FILE


def held_by(prefix: str, data_root: str, shims: Mapping[str, Any]) -> HeldObserved:
    """Count what a data-root holds; name the containers that run from it, by their shims' IDs."""
    path = prefix + data_root
    try:
        os.stat(path)
    except (OSError, ValueError):
        return HeldObserved()
    # With userns-remap the data is in a folder of its own (moby, daemon/daemon_unix.go).
    nested = glob.glob(os.path.join(glob.escape(path), "[0-9]*.[0-9]*"))
    containers, images, running = 0, 0, []
    for folder in [path] + sorted(nested):
        root = observe_data_root(folder)
        containers += root.containers
        images += sum(root.images.values())
        for key in sorted(shims):
            if os.path.isdir(os.path.join(folder, "containers", key)):
                running.append(_name(os.path.join(folder, "containers", key), key))
    return HeldObserved(containers, images, tuple(running))


def _name(folder: str, key: str) -> str:
    name = _document(read_text(os.path.join(folder, "config.v2.json"))).get("Name")
    return name.lstrip("/") if isinstance(name, str) and name else key[:12]


def _document(text: str) -> Dict[str, Any]:
    try:
        document = parse_json(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _after(arguments: Sequence[str], names: Tuple[str, ...], default: str) -> str:
    """Give the value of a flag: the next word, or what follows its equals sign."""
    found = default
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in names:
            found = value if equals else (list(arguments[index + 1 :]) + [default])[0]
    return found
