# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell what a restart of containerd does to the daemon and its containers.

With packages since 20.10 it has no effect on either. The units of 18.09 and 19.03 bind Docker to
containerd (docker-ce-packaging, systemd/docker.service: BindsTo=), and a drop-in may do the same:
then the daemon is restarted as well (systemd.unit(5)). What systemd kills with containerd's service
(systemd.kill(5), KillMode=) may include each container's process.
"""

from typing import Optional

from ...words.declarations.activation import ActivationDeclaration
from ...words.difference import Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import Observation, UnitObserved
from ...words.unit_lines import assigned
from ..containers.stop import ALLOW_STOP, running_containers, spoken_names, stop_refusal
from ..units.docker_unit import read_unit

_TIES = ("BindsTo", "Requires", "Requisite", "PartOf", "StopPropagatedFrom")
# Kill modes that spare the processes of containers (systemd.kill(5)).
_SPARE_CONTAINERS = ("", "process", "none")


def runtime_refusal(
    deed: str, activation: ActivationDeclaration, observed: Observation
) -> Optional[Refusal]:
    """Refuse a deed that restarts containerd, if that stops containers without consent."""
    if kills_containers(observed) and not activation.allow_container_stop:
        return _killing(deed, observed)
    tie = tie_of_daemon(observed)
    if not tie:
        return None
    bound = "%s restarts %s, and with it %s (%s). This" % (
        deed,
        CONTAINERD_SERVICE,
        DOCKER_SERVICE,
        tie,
    )
    return stop_refusal(bound, activation, observed)


def tie_of_daemon(observed: Observation) -> str:
    """Say what makes the daemon restart together with containerd; empty where nothing does."""
    for path in read_unit(observed.files).files:
        for name in _TIES:
            for value in assigned(observed.files[path].text, "Unit", name):
                if CONTAINERD_SERVICE in value.split():
                    return "%s=%s in %s" % (name, CONTAINERD_SERVICE, path)
    if DOCKER_SERVICE in observed.units.get(CONTAINERD_SERVICE, UnitObserved()).stops_with_it:
        return "by what systemd has read of its units"
    return ""


def kills_containers(observed: Observation) -> bool:
    """Whether containerd's end is the end of the containers' processes."""
    return observed.units.get(CONTAINERD_SERVICE, UnitObserved()).kill_mode not in _SPARE_CONTAINERS


def _killing(deed: str, observed: Observation) -> Optional[Refusal]:
    running = running_containers(observed)
    if running is not None and not running:
        return None
    which = "the running containers%s" % spoken_names(running or ())
    return Refusal(
        found="%s restarts %s with KillMode=%s, which ends %s, whatever live-restore says."
        % (deed, CONTAINERD_SERVICE, observed.units[CONTAINERD_SERVICE].kill_mode, which),
        remedy="Set KillMode=process in a drop-in of %s, or set %s if they may be stopped."
        % (CONTAINERD_SERVICE, ALLOW_STOP),
        consent=ALLOW_STOP,
    )
