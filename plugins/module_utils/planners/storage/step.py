# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One step to a filesystem, as a difference."""

from ...words import impacts
from ...words.difference import Difference
from ...words.impacts import Impact
from ...words.resources import Resource
from .state import ROLE


def step(
    resource: Resource,
    path: str,
    *,
    expected: str,
    actual: str,
    sentence: str,
    impact: Impact = impacts.NONE,
) -> Difference:
    """Give one step; what it brings about is told by its ``sentence`` and its ``impact``."""
    return Difference(
        resource=resource,
        role=ROLE,
        path=path,
        expected=expected,
        actual=actual,
        impact=impact,
        sentence=sentence,
    )
