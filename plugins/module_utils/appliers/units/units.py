# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Act on systemd units."""

from typing import Dict, Sequence

from ...observers.host.command import CommandFailed
from ...observers.units.units import observe_units
from ...words.observations.host import UnitObserved
from ..host import command
from ..host.command import ApplyFailed

_CURSOR = "-- cursor: "


def systemctl(verb: str, *arguments: str, seconds: float = 600) -> None:
    """Run one systemctl command, and wait for its end for the given time.

    :raises ApplyFailed: where it fails, or the time is over.
    """
    command.run(["systemctl", verb] + list(arguments), seconds=seconds)


def seen_units(names: Sequence[str]) -> Dict[str, UnitObserved]:
    """Look at units in the middle of a deed.

    :raises ApplyFailed: where systemd does not answer.
    """
    try:
        return observe_units(names)
    except CommandFailed as failed:
        raise ApplyFailed("systemd does not say how its units are: %s" % failed)


def reset_failed(*names: str) -> None:
    """Reset the failed state of units; a unit that systemd has not loaded has none."""
    command.run(["systemctl", "reset-failed"] + list(names), accepted=(0, 1))


def journal_cursor(unit: str) -> str:
    """Give the cursor at the end of a unit's journal; empty where there is none."""
    argv = ["journalctl", "-u", unit, "-n", "0", "--no-pager", "--show-cursor"]
    try:
        lines = command.run(argv, accepted=(0, 1)).splitlines()
    except ApplyFailed:
        return ""
    marks = [line[len(_CURSOR) :].strip() for line in lines if line.startswith(_CURSOR)]
    return marks[-1] if marks else ""


def journal_tail(unit: str, lines: int = 15, cursor: str = "") -> str:
    """Give the last lines of a unit's journal, or only those after a cursor."""
    argv = ["journalctl", "-u", unit, "-n", str(lines), "--no-pager", "-o", "cat"]
    if cursor:
        argv.append("--after-cursor=" + cursor)
    try:
        return command.run(argv).strip() or "(the journal says nothing)"
    except ApplyFailed as failed:
        return "(no journal: %s)" % failed
