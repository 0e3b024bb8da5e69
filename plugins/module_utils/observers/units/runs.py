# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask systemd about the last run of a unit, which may have ended. Nothing is woken.

An older systemd leaves out properties that it does not know (239 is the oldest supported).
"""

import re
from typing import Dict, Optional, Sequence, Tuple

from ...words.observations.units.run import UnitRun
from ..host import command
from .units import show

_PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,Job,Result,InvocationID,NRestarts,ExecMainStartTimestampMonotonic,"
    "ExecMainCode,ExecMainStatus,TimeoutStartUSec,TimeoutStopUSec,ConditionResult,AssertResult,"
    "ConditionTimestampMonotonic,AssertTimestampMonotonic,Requires,Requisite,BindsTo"
)
_NEEDS = ("Requires", "Requisite", "BindsTo")
# Spans of time as systemd writes them (systemd.time(7)).
_SECONDS = {
    "us": 0.000001,
    "ms": 0.001,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
    "month": 2629800.0,
    "y": 31557600.0,
}
_SPAN = re.compile(r"([0-9.]+)\s*([a-z]+)")


def observe_runs(names: Sequence[str]) -> Dict[str, UnitRun]:
    """Give each named unit's last run.

    :raises CommandFailed: where systemd does not answer.
    """
    return {name: parse_run(block) for name, block in show(names, _PROPERTIES).items()}


def parse_run(properties: Dict[str, str]) -> UnitRun:
    """Read one unit's properties."""
    job = properties.get("Job", "")
    needs = [name for each in _NEEDS for name in properties.get(each, "").split()]
    return UnitRun(
        load_state=properties.get("LoadState", ""),
        active_state=properties.get("ActiveState", ""),
        sub_state=properties.get("SubState", ""),
        job="" if job == "0" else job,
        result=properties.get("Result", "success"),
        invocation=properties.get("InvocationID", ""),
        main_started=_number(properties, "ExecMainStartTimestampMonotonic"),
        main_code=_number(properties, "ExecMainCode"),
        main_status=_number(properties, "ExecMainStatus"),
        restarts=_number(properties, "NRestarts"),
        start_limit=parse_span(properties.get("TimeoutStartUSec", "")),
        stop_limit=parse_span(properties.get("TimeoutStopUSec", "")),
        checked=(
            _number(properties, "ConditionTimestampMonotonic"),
            _number(properties, "AssertTimestampMonotonic"),
        ),
        conditions_met=properties.get("ConditionResult", "yes") == "yes",
        assertions_met=properties.get("AssertResult", "yes") == "yes",
        needs=tuple(dict.fromkeys(needs)),
    )


def parse_span(text: str) -> Optional[float]:
    """Read a span such as ``1min 30s`` in seconds; None for an endless one."""
    parts = _SPAN.findall(text)
    if not parts:
        return None
    return sum(float(number) * _SECONDS.get(unit, 1.0) for number, unit in parts)


def _number(properties: Dict[str, str], name: str) -> int:
    try:
        return int(properties.get(name) or 0)
    except ValueError:
        return 0


def observe_jobs() -> Tuple[str, ...]:
    """Name the units with a job that runs, for which others may wait.

    :raises CommandFailed: where systemd does not answer.
    """
    output = command.read(["systemctl", "list-jobs", "--no-legend", "--no-pager", "--plain"])
    return parse_jobs(output.stdout)


def parse_jobs(text: str) -> Tuple[str, ...]:
    """Read lines of a job's number, its unit, its kind, and waiting or running."""
    lines = [line.split() for line in text.splitlines()]
    return tuple(words[1] for words in lines if len(words) >= 4 and words[-1] == "running")


def observe_listen_paths(name: str) -> Tuple[str, ...]:
    """Give the paths on which a socket unit listens.

    :raises CommandFailed: where systemd does not answer.
    """
    output = command.read(["systemctl", "show", "--property=Listen", name])
    lines = [line.partition("=")[2] for line in output.stdout.splitlines()]
    return tuple(line.rpartition(" (")[0] for line in lines if line.startswith("/"))
