# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stop daemons that are in the way of docker.service. It takes consent, and never SIGKILL."""

import contextlib
import os
import signal
import time

from ...observers.host.processes import read_process
from ...planners.activation.other_daemons import stopped_by_consent
from ...words.difference import Plan
from ...words.docker_names import DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.docker.daemons import OtherDaemonObserved
from ...words.observations.host import Observation
from ..host.command import ApplyFailed
from ..units import units

# A daemon gives its containers 15 s unless its shutdown-timeout says more.
_SECONDS = 120


def stop_others(plan: Plan, observed: Observation) -> None:
    """Stop the daemons that the plan names, and have the socket made anew afterwards.

    :raises ApplyFailed: where a daemon does not end.
    """
    stopped = list(stopped_by_consent(plan, observed))
    for other in stopped:
        if not other.unit:
            _terminate(other)
            continue
        units.systemctl("stop", other.unit)
        if other.is_enabled:
            units.systemctl("disable", "--quiet", other.unit)
    is_up = observed.units[DOCKER_SERVICE].active_state == "active"
    if stopped and not is_up and observed.units[SOCKET_UNIT].active_state == "active":
        # The other daemon took the path from systemd, and has removed it when it ended.
        units.systemctl("stop", SOCKET_UNIT)


def _terminate(other: OtherDaemonObserved) -> None:
    """Ask one process to end, unless its PID now belongs to another process."""
    if not _runs(other):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(other.pid, signal.SIGTERM)
    end = time.monotonic() + _SECONDS
    while _runs(other):
        if time.monotonic() > end:
            raise ApplyFailed(
                "PID %d (%s) was sent SIGTERM and has not ended within %d s. Find out what it "
                "waits for, stop it and run again." % (other.pid, other.program, _SECONDS)
            )
        time.sleep(0.2)


def _runs(other: OtherDaemonObserved) -> bool:
    process = read_process(other.pid)
    return process is not None and process.began == other.began
