# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the units of the engine with what is declared: not masked, enabled, running, current."""

from typing import Iterator, List, Optional

from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import (
    Declared,
    Difference,
    Plan,
    Refusal,
    Unverifiable,
    digest,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    Look,
    Observation,
    UnitObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.comparison import (
    Comparison,
    plan_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.containers import (
    stop_refusal,
)

ROLE = "docker_activation"
DAEMON = "docker.service"
RUNTIME = "containerd.service"
# Every unit that a mask would keep down, in the order they start.
UNITS = (RUNTIME, "docker.socket", DAEMON)


def look_at_activation() -> Look:
    """What the activation's plan needs to see."""
    return Look(units=UNITS)


def plan_activation(declaration: Declaration, observed: Observation) -> Plan:
    """Plan the units of the engine."""
    if "units" in observed.unobserved:
        reason = observed.unobserved["units"]
        return Plan(unverifiable=(Unverifiable("service.running", ROLE, DAEMON, reason),))
    comparisons: List[Comparison] = []
    for name in UNITS:
        comparisons.append(_compare_mask(name, observed))
    comparisons.append(_compare_enabled(observed.units[DAEMON]))
    for name in (RUNTIME, DAEMON):
        comparisons.extend(_compare_running(name, declaration, observed))
    return plan_of(comparisons, _unanswering(observed))


def _compare_mask(name: str, observed: Observation) -> Comparison:
    declared = Declared("service.masked", ROLE, name, digest("not masked"))
    path = observed.units[name].mask_path
    if not path:
        return Comparison(declared)
    return Comparison(
        declared,
        Difference(
            declared.resource,
            ROLE,
            name,
            "not masked",
            "masked by %s" % path,
            "none",
            "%s is masked" % name,
            refusal=_mask_refusal(name, path),
        ),
    )


def _mask_refusal(name: str, path: str) -> Refusal:
    runtime = " --runtime" if path.startswith("/run/") else ""
    return Refusal(
        "%s is masked by %s." % (name, path),
        "Somebody keeps it from starting. Find out why, then run `systemctl unmask%s %s`."
        % (runtime, name),
    )


def _compare_enabled(unit: UnitObserved) -> Comparison:
    declared = Declared("service.enabled", ROLE, DAEMON, digest("enabled"))
    # A masked unit has no other state to compare; the mask itself is the difference.
    if unit.unit_file_state == "enabled" or unit.mask_path:
        return Comparison(declared)
    return Comparison(
        declared,
        Difference(
            declared.resource,
            ROLE,
            DAEMON,
            "enabled",
            _state(unit, unit.unit_file_state),
            "none",
            "enable %s, so that it starts with the host" % DAEMON,
        ),
    )


def _compare_running(
    name: str, declaration: Declaration, observed: Observation
) -> Iterator[Comparison]:
    unit = observed.units[name]
    running = Declared("service.running", ROLE, name, digest("active"))
    current = Declared("service.binary", ROLE, name, digest("current"))
    if unit.active_state != "active":
        actual = _state(unit, unit.active_state)
        yield Comparison(running, _not_running(running, actual))
        yield Comparison(current)
        return
    yield Comparison(running)
    if not unit.program_replaced:
        yield Comparison(current)
        return
    deed = "Starting the installed %s" % unit.main_program
    refusal: Optional[Refusal] = None
    if name == DAEMON:
        refusal = stop_refusal(deed, declaration.activation, observed)
    yield Comparison(
        current,
        Difference(
            current.resource,
            ROLE,
            name,
            "runs the installed %s" % unit.main_program,
            "runs a program that the file no longer holds",
            "restart",
            "restart %s, whose program was replaced under it" % name,
            refusal=refusal,
        ),
    )


def _not_running(declared: Declared, actual: str) -> Difference:
    sentence = "start %s" % declared.path
    return Difference(declared.resource, ROLE, declared.path, "active", actual, "none", sentence)


def _unanswering(observed: Observation) -> Iterator[Unverifiable]:
    if observed.daemon_silent:
        reason = "it is active and does not answer: %s" % observed.daemon_silent
        yield Unverifiable("service.running", ROLE, DAEMON, reason)


def _state(unit: UnitObserved, state: str) -> str:
    return "no such unit" if unit.load_state == "not-found" else state or unit.load_state
