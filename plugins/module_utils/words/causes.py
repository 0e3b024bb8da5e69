# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why something differs: the host has changed, the declaration has, or nobody knows."""

from typing import NewType

# At run time it is a plain text, but mypy accepts no other text for it.
Cause = NewType("Cause", str)

DRIFT = Cause("drift")
PENDING = Cause("pending")
UNKNOWN = Cause("unknown")
CAUSES = (DRIFT, PENDING, UNKNOWN)
