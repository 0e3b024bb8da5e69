# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell a plan to a person, one line for each item: first refusals, then changes by their cost."""

from typing import List, Tuple

from .difference import Difference, Plan, complaints, cost, in_words
from .impacts import IMPACTS


def told(plan: Plan) -> List[str]:
    """Give the lines, the first with the totals; none where there is nothing to tell."""
    stands = complaints(plan)
    changed = _worst_first(plan.changed)
    lines = list(stands)
    lines.extend("To change: %s" % in_words(each) for each in changed)
    lines.extend("By hand: %s" % in_words(each) for each in plan.reported)
    lines.extend("Warning: %s" % each for each in plan.warnings)
    lines = list(dict.fromkeys(lines))
    return [_totals(plan, changed)] + lines if lines else []


def _totals(plan: Plan, changed: Tuple[Difference, ...]) -> str:
    counted = []
    if plan.refused:
        counted.append("%d refused" % len(plan.refused))
    if plan.unverifiable:
        counted.append("%d not judged" % len(plan.unverifiable))
    if changed:
        worst = cost(changed[0].impact)
        counted.append("%d to change%s" % (len(changed), " (%s)" % worst if worst else ""))
    if plan.reported:
        counted.append("%d to mend by hand" % len(plan.reported))
    if plan.warnings:
        counted.append("%d to be warned of" % len(plan.warnings))
    totals = ", ".join(counted) + "."
    if plan.verdict == "failed":
        totals += " Nothing is changed on this host until what is refused or not judged is settled."
    return totals


def _worst_first(differences: Tuple[Difference, ...]) -> Tuple[Difference, ...]:
    return tuple(sorted(differences, key=lambda each: -IMPACTS.index(each.impact)))
