# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell how two command lines of dockerd differ, in words without secrets."""

from typing import List, NamedTuple, Sequence, Tuple

from ...words.tables.daemon_flags import Flag, read_flags
from ...words.tables.daemon_options import BOOLEAN_FLAGS
from ..daemon.document import is_secret


class Contrast(NamedTuple):
    """How one command line differs from another: what it has more, and what it lacks."""

    beyond: Tuple[str, ...] = ()
    lacking: Tuple[str, ...] = ()
    program: str = ""

    def __bool__(self) -> bool:
        return bool(self.beyond or self.lacking or self.program)

    def told(self) -> str:
        """Write it in a few words: ``with --debug, without -H fd://``."""
        parts = ["with " + " ".join(self.beyond)] if self.beyond else []
        parts += ["without " + " ".join(self.lacking)] if self.lacking else []
        return ", ".join(([self.program] if self.program else []) + parts)


def contrast(here: Sequence[str], there: Sequence[str]) -> Contrast:
    """Say how ``here`` differs from ``there``; the spelling and place of a flag do not matter.

    If a flag is given more than once the order matters, for the last one may count.
    """
    ours, theirs = list(read_flags(here[1:])), list(read_flags(there[1:]))
    program = ""
    if here and there and here[0] != there[0]:
        program = "%s in the place of %s" % (here[0], there[0])
    beyond, lacking = _beyond(ours, theirs), _beyond(theirs, ours)
    if not there:
        beyond = tuple(here[:1]) + beyond
    if not here:
        lacking = tuple(there[:1]) + lacking
    return Contrast(beyond, lacking, program)


def _beyond(flags: Sequence[Flag], others: Sequence[Flag]) -> Tuple[str, ...]:
    found: List[str] = []
    for key in dict.fromkeys(flag.key for flag in flags):
        ours = [flag for flag in flags if flag.key == key]
        theirs = [flag.value for flag in others if flag.key == key]
        if [flag.value for flag in ours] == theirs:
            continue
        left = list(theirs)
        beyond: List[str] = []
        for flag in ours:
            if flag.value in left:
                left.remove(flag.value)
            else:
                beyond.append(told(flag))
        # The same values in another order.
        found.extend(beyond or ([] if left else [told(flag) for flag in ours]))
    return tuple(found)


def told(flag: Flag) -> str:
    """Write a flag as a person would, without a value that may be a secret."""
    if not flag.key:
        return flag.value
    value = "(not shown)" if is_secret((flag.key,), flag.value) else flag.value
    is_short = len(flag.name) == 1
    dashed = "-" + flag.name if is_short else "--" + flag.name
    if flag.name in BOOLEAN_FLAGS:
        return dashed if value == "true" else "%s=%s" % (dashed, value)
    return "%s %s" % (dashed, value) if is_short else "%s=%s" % (dashed, value)
