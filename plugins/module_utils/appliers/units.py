# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Act on systemd units."""

from ansible_collections.dockwright.host.plugins.module_utils.appliers import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed


def systemctl(verb: str, *arguments: str) -> None:
    """Run one systemctl command."""
    command.run(["systemctl", verb] + list(arguments))


def journal_tail(unit: str, lines: int = 15) -> str:
    """Give the last words of a unit's latest run."""
    argv = ["journalctl", "-u", unit, "-n", str(lines), "--no-pager", "-o", "cat"]
    try:
        return command.run(argv).strip()
    except ApplyFailed as failed:
        return "(no journal: %s)" % failed
