# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the cure of a difference disturbs."""

from typing import NewType

# At run time it is a plain text, but mypy accepts no other text for it.
Impact = NewType("Impact", str)

NONE = Impact("none")
RELOAD = Impact("reload")
RESTART = Impact("restart")
REBOOT = Impact("reboot")
DATA = Impact("data")
# The least one comes first.
IMPACTS = (NONE, RELOAD, RESTART, REBOOT, DATA)
