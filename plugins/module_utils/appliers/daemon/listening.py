# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have docker.socket listen where clients look for the daemon, before docker.service starts."""

from ...observers.host.command import CommandFailed
from ...observers.host.files import observe_files
from ...observers.listening.listening import observe_listening
from ...planners.listening.plan import is_sound
from ...planners.units.docker_unit import DROP_IN_GLOBS, UNIT_FILES
from ...words.docker_names import DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.host import Observation
from ...words.paths import DAEMON_JSON
from ..host.command import ApplyFailed
from ..units import units
from ..units.jobs import bring_down


def make_listen(observed: Observation, longest: int) -> bool:
    """Make docker.socket's sockets anew if docker.service would be started with dead ones.

    systemd makes them only while the service is stopped (systemd.socket(5)), so a running daemon is
    stopped here. Call this only where that is consented to, and after systemd has read the files of
    the next start. Gives whether the daemon was stopped. ``longest`` are the seconds to wait for a
    stop that has no time-out.

    :raises ApplyFailed: where systemd cannot, or does not answer.
    """
    try:
        now = observed._replace(
            files=observe_files((DAEMON_JSON,) + UNIT_FILES, DROP_IN_GLOBS),
            units=units.seen_units([SOCKET_UNIT, DOCKER_SERVICE]),
            listening=observe_listening(),
        )
    except CommandFailed as failed:
        raise ApplyFailed(str(failed))
    if is_sound(now):
        return False
    # Both at once: if only the service stopped, its socket would let a client wake it.
    bring_down((SOCKET_UNIT, DOCKER_SERVICE), longest)
    units.reset_failed(SOCKET_UNIT, DOCKER_SERVICE)
    units.systemctl("start", SOCKET_UNIT)
    return True
