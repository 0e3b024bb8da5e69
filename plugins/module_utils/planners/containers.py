# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether the daemon may be stopped or replaced under the containers it runs."""

from typing import Optional

from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    ActivationDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation

CONSENT = "docker_activation_allow_container_stop"


def stop_refusal(
    deed: str, activation: ActivationDeclaration, observed: Observation
) -> Optional[Refusal]:
    """Refuse a deed that would stop running containers; None where it stops none or is allowed.

    With live-restore containers live through a restart of the daemon.
    """
    docker = observed.units.get("docker.service")
    if activation.allow_container_stop or docker is None or docker.active_state != "active":
        return None
    remedy = "Set %s if they may be stopped." % CONSENT
    daemon = observed.daemon
    if daemon is None:
        return Refusal(
            "%s may stop containers, and the running daemon does not say whether it has any (%s)."
            % (deed, observed.daemon_silent or "containerd.service is not active"),
            remedy,
            CONSENT,
        )
    if daemon.live_restore or not daemon.containers_running:
        return None
    return Refusal(
        "%s restarts the daemon without live-restore, which would stop %d running container%s."
        % (deed, daemon.containers_running, "" if daemon.containers_running == 1 else "s"),
        remedy,
        CONSENT,
    )
