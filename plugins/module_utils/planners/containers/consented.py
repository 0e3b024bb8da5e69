# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Say what a run does to containers by consent, which would otherwise have been refused."""

from typing import Callable, Iterator

from ...words.declarations.host import Declaration
from ...words.difference import Plan
from .stop import ALLOW_STOP


def consented_stops(declaration: Declaration, plan: Callable[[Declaration], Plan]) -> Iterator[str]:
    """Warn of containers that a run stops by consent; ``plan`` plans a declaration."""
    activation = declaration.activation
    if not activation.allow_container_stop:
        return
    unasked = declaration._replace(activation=activation._replace(allow_container_stop=False))
    for each in plan(unasked).refused:
        if each.refusal is not None and each.refusal.consent == ALLOW_STOP:
            yield "%s %s allows it." % (each.refusal.found, ALLOW_STOP)
