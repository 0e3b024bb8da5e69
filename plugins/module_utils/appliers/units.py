# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Act on systemd units, and hold them back while package scripts run."""

import contextlib
import json
from typing import Iterator, List, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.appliers import command, files
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import (
    HELD_BACK,
    held_back_units,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.units import (
    find_mask,
    observe_units,
)


def systemctl(verb: str, *arguments: str) -> None:
    """Run one systemctl command."""
    command.run(["systemctl", verb] + list(arguments))


@contextlib.contextmanager
def held_back(units: Sequence[str]) -> Iterator[None]:
    """Keep package scripts from starting or restarting these units.

    A runtime mask does that on deb and rpm alike and leaves a running daemon alone. It is noted
    before it is made, so that the plan finds what a cut-off run left, and a reboot ends both.
    What such a run left masked is released along with the rest.
    """
    left = held_back_units()
    ours = [unit for unit in units if unit in left or not find_mask(unit)]
    files.write(HELD_BACK, json.dumps(ours) + "\n", mode=0o600)
    try:
        systemctl("mask", "--runtime", "--quiet", *ours)
        _require_masked(ours)
        yield
    finally:
        release(ours)


def release(units: Sequence[str]) -> None:
    """Release units that were held back, and have systemd read what the packages brought."""
    masked = [unit for unit in units if find_mask(unit).startswith("/run/")]
    if masked:
        systemctl("unmask", "--runtime", "--quiet", *masked)
    systemctl("daemon-reload")
    files.remove(HELD_BACK)


def journal_tail(unit: str, lines: int = 15) -> str:
    """Give the last words of a unit's latest run."""
    argv = ["journalctl", "-u", unit, "-n", str(lines), "--no-pager", "-o", "cat"]
    try:
        return command.run(argv).strip()
    except ApplyFailed as failed:
        return "(no journal: %s)" % failed


def _require_masked(units: Sequence[str]) -> None:
    states = observe_units(units)
    loose: List[str] = [unit for unit in units if states[unit].load_state != "masked"]
    if loose:
        raise ApplyFailed(
            "%s cannot be held back while packages change: a unit file of that name in "
            "/etc/systemd/system outranks a runtime mask. Turn that file into a drop-in "
            "(`systemctl edit`) and run again." % ", ".join(loose)
        )
