# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docker_engine is told of docker_daemon, to check the coming engine against it."""

from typing import Any, Dict, Mapping

from ..arguments import Arguments, arguments_of, followed_by, in_one
from .daemon import DaemonDeclaration, declare_daemon

_CONSENT = "allow_data_left_behind"
# Whatever the engine, networks are judged by docker_daemon alone.
NOT_GIVEN = (_CONSENT, "allow_network_overlap", "reserved_networks")
# The mount point that docker_storage declares, empty where that manages nothing.
STORAGE_GIVEN: Dict[str, Dict[str, Any]] = {"storage_mount_point": {"type": "str", "default": ""}}


def daemon_given() -> Dict[str, Any]:
    """Give the argument for it, which is used if docker_daemon acts before the engine starts."""
    own = dict(arguments_of("docker_daemon"))
    for name in NOT_GIVEN:
        del own[name]
    followed = followed_by("docker_daemon")["storage_filesystem"]
    arguments: Arguments = dict(own, storage_filesystem=followed, **STORAGE_GIVEN)
    return in_one(arguments)


def declare_coming_daemon(arguments: Mapping[str, Any]) -> DaemonDeclaration:
    """Read what docker_engine is told of docker_daemon, and the consent that both roles take.

    :raises DeclarationError: for a value without meaning, or one that is declared twice.
    """
    consent = bool(arguments[_CONSENT])
    if arguments["daemon"] is None:
        return DaemonDeclaration(allow_data_left_behind=consent)
    beside = {_CONSENT: consent, "allow_network_overlap": True, "reserved_networks": []}
    return declare_daemon(dict(arguments["daemon"], **beside))
