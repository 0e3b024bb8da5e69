# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of daemon.json. No host is touched."""

import ipaddress
from typing import Any, Dict, Mapping, NamedTuple, Tuple

from ..told_value import told_value
from .error import DeclarationError
from .storage import StorageDeclaration, plain_path


class DaemonDeclaration(NamedTuple):
    """What is declared of daemon.json.

    ``config`` is merged into the file; a null removes a key. ``defaults`` adds our values for keys
    that the file does not have. With ``exclusive`` keys that are not declared are removed.
    ``reserved_networks`` are in use although the host has no route to them. With ``hosts_drop_in``
    a drop-in of ours takes ``-H`` out of the unit's command line where ``config`` has ``hosts``.
    data-root and storage driver follow a filesystem that docker_storage has on
    ``storage_mount_point``.
    """

    config: Dict[str, Any] = {}
    defaults: bool = True
    reserved_networks: Tuple[str, ...] = ()
    exclusive: bool = False
    hosts_drop_in: bool = False
    allow_network_overlap: bool = False
    allow_data_left_behind: bool = False
    storage_mount_point: str = ""
    storage_filesystem: str = "auto"


def declare_daemon(arguments: Mapping[str, Any]) -> DaemonDeclaration:
    """Read the arguments of ``docker_daemon``, whose short cuts become keys of ``config``.

    :raises DeclarationError: for a value without meaning, or one that is declared twice.
    """
    config = dict(arguments["config"])
    short_cuts = (
        ("registry_mirrors", "registry-mirrors", list(arguments["registry_mirrors"])),
        ("address_pools", "default-address-pools", [dict(p) for p in arguments["address_pools"]]),
        ("bip", "bip", arguments["bip"]),
    )
    for variable, key, value in short_cuts:
        if not value:
            continue
        if config.get(key) not in (None, value):
            raise DeclarationError(
                "docker_daemon_%s and docker_daemon_config both say what %s is. Keep one of them."
                % (variable, key)
            )
        config[key] = value
    for key in config:
        if not isinstance(key, str):
            raise DeclarationError(
                "docker_daemon_config has the key %s, which is no text. Quote it." % told_value(key)
            )
    point = arguments.get("storage_mount_point", "")
    return DaemonDeclaration(
        config=config,
        defaults=bool(arguments["defaults"]),
        reserved_networks=tuple(_network(each) for each in arguments["reserved_networks"]),
        exclusive=bool(arguments["exclusive"]),
        hosts_drop_in=bool(arguments["hosts_drop_in"]),
        allow_network_overlap=bool(arguments["allow_network_overlap"]),
        allow_data_left_behind=bool(arguments["allow_data_left_behind"]),
        storage_mount_point=plain_path(point) if point else "",
        storage_filesystem=arguments.get("storage_filesystem", "auto"),
    )


def on_storage(daemon: DaemonDeclaration, storage: StorageDeclaration) -> DaemonDeclaration:
    """Have daemon.json follow the filesystem that is declared."""
    if not storage.is_mounted:
        return daemon
    return daemon._replace(
        storage_mount_point=storage.mount_point, storage_filesystem=storage.filesystem
    )


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        why = "an address inside of a network" if "host bits" in str(error) else "no network"
        raise DeclarationError(
            "docker_daemon_reserved_networks holds %s, which is %s. It wants "
            "networks such as 172.16.0.0/12." % (told_value(text), why)
        )
