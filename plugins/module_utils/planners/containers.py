# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether the daemon may be stopped or replaced under the containers it runs."""

from typing import Optional, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    ActivationDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation

CONSENT = "docker_activation_allow_container_stop"
_NAMED = 10


def stop_refusal(
    deed: str,
    activation: ActivationDeclaration,
    observed: Observation,
    containers_live: Optional[bool] = None,
    breaks: Sequence[str] = (),
) -> Optional[Refusal]:
    """Refuse a deed that would stop running containers; None where it stops none or is allowed.

    With live-restore containers live through a restart of the daemon, unless something changes
    over which it does not hold (``breaks``). ``containers_live`` tells whether they will, where the
    deed itself changes that.
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
    live = daemon.live_restore if containers_live is None else containers_live
    if live or not daemon.containers_running:
        return None
    how = "without live-restore"
    if breaks:
        how = "with a change of %s, over which no container lives" % ", ".join(breaks)
    return Refusal(
        "%s restarts the daemon %s, which would stop %d running container%s%s."
        % (
            deed,
            how,
            daemon.containers_running,
            "" if daemon.containers_running == 1 else "s",
            _names(daemon.running),
        ),
        remedy,
        CONSENT,
    )


def _names(running: Sequence[str]) -> str:
    if not running:
        return ""
    more = len(running) - _NAMED
    listed = ", ".join(running[:_NAMED]) + (" and %d more" % more if more > 0 else "")
    return " (%s)" % listed
