# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the activation's plan: enable, start or restart, and wait for health."""

import time
from typing import Tuple

from ansible_collections.dockwright.host.plugins.module_utils.appliers import units
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon import (
    DaemonSilent,
    observe_daemon,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation import (
    DAEMON,
    RUNTIME,
)

_HEALTH_SECONDS = 60


def apply_activation(
    plan: Plan, declaration: Declaration, observed: Observation
) -> Tuple[str, ...]:
    """Carry out what differs; there is never more to say of it.

    :raises ApplyFailed: with the journal's own words where the daemon does not come up.
    """
    del declaration  # consent was asked by the plan
    if observed.units[DAEMON].load_state == "not-found":
        raise ApplyFailed(
            "There is no %s on this host: run the role docker_engine, which installs it." % DAEMON
        )
    if plan.of_resource("service.enabled"):
        units.systemctl("enable", "--quiet", DAEMON)
    units.systemctl("daemon-reload")
    restarts = {each.path for each in plan.of_resource("service.binary")}
    starts = {each.path for each in plan.of_resource("service.running")}
    for name in (RUNTIME, DAEMON):
        if name in restarts:
            _bring_up("restart", name)
        elif name in starts:
            _bring_up("start", name)
    if restarts or starts:
        _wait_for_health()
    return ()


def _bring_up(verb: str, name: str) -> None:
    # A unit that failed too often is not started again before it is reset (systemd.unit(5)).
    failed_before = ["docker.socket", name] if name == DAEMON else [name]
    units.systemctl("reset-failed", *failed_before)
    try:
        units.systemctl(verb, name)
    except ApplyFailed:
        raise ApplyFailed(_failure(verb, name))


def _wait_for_health() -> None:
    deadline = time.monotonic() + _HEALTH_SECONDS
    while True:
        try:
            observe_daemon()
            return
        except DaemonSilent as silent:
            if time.monotonic() > deadline:
                raise ApplyFailed(
                    "%s runs and has not answered for %d s: %s. Its journal ends with:\n%s"
                    % (DAEMON, _HEALTH_SECONDS, silent, units.journal_tail(DAEMON))
                )
        time.sleep(0.2)


def _failure(verb: str, name: str) -> str:
    """Tell why a unit did not come up, and leave nothing that tries it again and again."""
    words = units.journal_tail(name)
    stopped = ""
    if name == DAEMON:
        units.systemctl("stop", "docker.socket", DAEMON)
        stopped = " It and docker.socket were stopped."
    return "%s did not %s.%s Its journal ends with:\n%s" % (name, verb, stopped, words)
