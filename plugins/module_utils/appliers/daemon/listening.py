# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have docker.socket listen where clients look for the daemon, before docker.service starts."""

from ...observers.host.command import CommandFailed
from ...observers.host.files import observe_files
from ...observers.listening.listening import observe_listening
from ...planners.activation.effect import DAEMON
from ...planners.daemon.document import PATH
from ...planners.listening.plan import UNIT, is_sound
from ...planners.units.docker_unit import DROP_IN_GLOBS, UNIT_FILES
from ...words.observations.host import Observation
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
            files=observe_files((PATH,) + UNIT_FILES, DROP_IN_GLOBS),
            units=units.seen_units([UNIT, DAEMON]),
            listening=observe_listening(),
        )
    except CommandFailed as failed:
        raise ApplyFailed(str(failed))
    if is_sound(now):
        return False
    # Both at once: if only the service stopped, its socket would let a client wake it.
    bring_down((UNIT, DAEMON), longest)
    units.reset_failed(UNIT, DAEMON)
    units.systemctl("start", UNIT)
    return True
