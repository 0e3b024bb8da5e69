# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of the daemon's activation. No host is touched."""

from typing import Any, Mapping, NamedTuple, Tuple

from ..arguments import defaults_of
from ..told_value import told_value
from .error import DeclarationError
from .storage import plain_path, seconds


class ActivationDeclaration(NamedTuple):
    """What is declared of the daemon's activation.

    With ``retry`` a set is tried again that has failed before. ``accepted_drop_ins`` are others'
    files that may override the unit's command line. ``start_timeout`` are the seconds to wait for a
    unit without a time-out of its own, ``health_timeout`` those that a running daemon may take to
    become well, ``stable_seconds`` those that it must then stay up, ``run_timeout`` those that a
    role waits for another run on the host. ``deferred`` is set for a role after which others come:
    the activation judges together what all of them stage. ``whole_run`` is set for the plan of a
    whole run: nobody else installs what none of its roles installs.
    """

    allow_container_stop: bool = False
    retry: bool = False
    accepted_drop_ins: Tuple[str, ...] = ()
    health_timeout: int = 60
    stable_seconds: int = 3
    run_timeout: int = 300
    start_timeout: int = 600
    deferred: bool = False
    whole_run: bool = False


def declare_activation(arguments: Mapping[str, Any]) -> ActivationDeclaration:
    """Read the arguments of ``docker_activation``, or those of them that another role takes too."""
    given = dict(defaults_of("docker_activation"), **arguments)
    return ActivationDeclaration(
        allow_container_stop=bool(given["allow_container_stop"]),
        retry=bool(given["retry"]),
        accepted_drop_ins=tuple(_drop_in(path) for path in given["accepted_drop_ins"]),
        health_timeout=seconds("docker_activation_health_timeout", given["health_timeout"]),
        stable_seconds=seconds("docker_activation_stable_seconds", given["stable_seconds"]),
        run_timeout=seconds("docker_activation_run_timeout", given["run_timeout"]),
        start_timeout=seconds("docker_activation_start_timeout", given["start_timeout"]),
        deferred=bool(arguments.get("deferred")),
        whole_run=bool(arguments.get("whole_run")),
    )


def _drop_in(path: str) -> str:
    if not path.startswith("/"):
        raise DeclarationError(
            "docker_activation_accepted_drop_ins holds %s. It wants absolute paths, such as "
            "/etc/systemd/system/docker.service.d/override.conf." % told_value(path)
        )
    return plain_path(path)
