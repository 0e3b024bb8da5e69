# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docker_engine is told of docker_daemon, to hold an engine that will come against it."""

from typing import Any, Dict, Mapping

from .host import DAEMON_ARGUMENTS, STORAGE_GIVEN, DaemonDeclaration, declare_daemon

_CONSENT = "allow_data_left_behind"
# Networks are docker_daemon's own question, whatever the engine.
_NOT_GIVEN = (_CONSENT, "allow_network_overlap", "reserved_networks")
# ``daemon`` is given where docker_daemon carries it out before the engine starts.
DAEMON_GIVEN: Dict[str, Dict[str, Any]] = {
    _CONSENT: DAEMON_ARGUMENTS[_CONSENT],
    "daemon": {
        "type": "dict",
        "no_log": True,
        "options": dict(
            {name: each for name, each in DAEMON_ARGUMENTS.items() if name not in _NOT_GIVEN},
            **STORAGE_GIVEN,
        ),
    },
}


def declare_coming_daemon(arguments: Mapping[str, Any]) -> DaemonDeclaration:
    """Read what docker_engine is told of docker_daemon, and the consent that both take.

    :raises DeclarationError: for a value without meaning, or one that is declared twice.
    """
    consent = bool(arguments[_CONSENT])
    if arguments["daemon"] is None:
        return DaemonDeclaration(allow_data_left_behind=consent)
    beside = {_CONSENT: consent, "allow_network_overlap": True, "reserved_networks": []}
    return declare_daemon(dict(arguments["daemon"], **beside))
