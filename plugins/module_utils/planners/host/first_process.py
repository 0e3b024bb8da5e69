# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse, before anything changes, a host without a systemd that could start Docker's units.

A systemd that is degraded or still starting answers, and so is good enough.
"""

from typing import Optional

from ...words import impacts, resources
from ...words.difference import Difference, Refusal
from ...words.observations.host import Observation

ROLE = "docker_plan"


def compare_first_process(observed: Observation) -> Optional[Difference]:
    """Name a host without an answering systemd."""
    refusal = _refusal(observed)
    if refusal is None:
        return None
    return Difference(
        resource=resources.SYSTEM,
        role=ROLE,
        path="systemd",
        expected="systemd as the first process",
        actual=observed.first_process.name or "not known",
        impact=impacts.NONE,
        sentence="no systemd can start Docker here",
        refusal=refusal,
    )


def _refusal(observed: Observation) -> Optional[Refusal]:
    first = observed.first_process
    if first.is_chroot:
        return Refusal(
            found="this is a chroot: the first process of the host has another root directory.",
            remedy="Docker's services cannot be started from a chroot. Run this on the booted "
            "system.",
        )
    if not first.is_systemd:
        named = " (it is %s)" % first.name if first.name and first.name != "systemd" else ""
        remedy = "Boot the host with systemd. A container needs an image that starts systemd."
        if first.is_wsl:
            remedy = (
                "In WSL, write `systemd=true` under [boot] in /etc/wsl.conf and run "
                "`wsl --shutdown` on Windows."
            )
        return Refusal(
            found="the first process of this host is not systemd%s, so nothing can start Docker's "
            "services." % named,
            remedy=remedy,
        )
    reason = observed.unobserved.get("units", "")
    if reason:
        return Refusal(
            found="systemd does not answer (%s), so nothing can start Docker's services."
            % reason.rstrip("."),
            remedy="Run `systemctl show docker.service` on the host as root, and mend what it says."
            "",
        )
    return None
