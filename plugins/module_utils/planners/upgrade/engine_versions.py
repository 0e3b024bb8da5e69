# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The versions that a coming engine may have, and what is true for all of them.

A prefix or ``present`` is resolved only when packages change. Until then a plan relies on what all
possible versions agree on.
"""

from typing import Callable, Dict, NamedTuple, Tuple

from ...words.difference import Refusal
from ...words.tables.daemon_options import Version

# The existing series (moby's tags), up to the newest that the table of keys knows.
_SERIES: Tuple[Version, ...] = (
    (20, 10),
    (23, 0),
    (24, 0),
    (25, 0),
    (26, 0),
    (26, 1),
    (27, 0),
    (27, 1),
    (27, 2),
    (27, 3),
    (27, 4),
    (27, 5),
    (28, 0),
    (28, 1),
    (28, 2),
    (28, 3),
    (28, 4),
    (28, 5),
    (29, 0),
    (29, 1),
    (29, 2),
    (29, 3),
    (29, 4),
    (29, 5),
    (29, 6),
    (29, 7),
)
# No series has as many patches: this stands for the last patch, whichever it is.
_LAST = 999
Judge = Callable[[Version], Dict[str, Refusal]]


class Versions(NamedTuple):
    """The versions an engine may have: the ``exact`` one, or those from ``lowest`` to ``below``.

    Empty means unknown; with an ``exact`` one the rest is empty.
    """

    exact: Version = ()
    lowest: Version = ()
    below: Version = ()

    def examples(self) -> Tuple[Version, ...]:
        """Give versions that stand for all of them, the newest last."""
        if self.exact:
            return (self.exact,)
        found = [self.lowest] if self.lowest else []
        for series in _SERIES:
            found.extend(each for each in (series + (0,), series + (_LAST,)) if self._has(each))
        return tuple(sorted(set(found)))

    def spoken(self) -> str:
        """Name them as a person would."""
        if self.exact:
            return "engine %s" % _dotted(self.exact)
        if not self.lowest:
            return "the engine"
        if not self.below:
            return "engine %s or newer" % _dotted(self.lowest)
        same = [low for low, end in zip(self.lowest, self.below) if low == end]
        if self.below[: len(same)] + (self.below[len(same)] - 1,) == self.lowest[: len(same) + 1]:
            return "engine %s.x" % _dotted(self.lowest[: len(same) + 1])
        return "engine %s or newer, before %s" % (_dotted(self.lowest), _dotted(self.below))

    def _has(self, version: Version) -> bool:
        return version >= self.lowest and not (self.below and version >= self.below)


def under(declared: str) -> Versions:
    """Give the versions under a declared prefix, ``28`` or ``28.5``; all for ``present``."""
    if declared == "present":
        return Versions()
    prefix = tuple(int(each) for each in declared.split("."))
    lowest = prefix + (0,) * (3 - len(prefix))
    return Versions((), lowest, prefix[:-1] + (prefix[-1] + 1,))


def agreed(versions: Versions, judge: Judge) -> Dict[str, Refusal]:
    """Give what is refused for each of the versions, in the words for the newest."""
    judged = [judge(version) for version in versions.examples()]
    return {
        pointer: refusal
        for pointer, refusal in judged[-1].items()
        if all(pointer in each for each in judged)
    }


def _dotted(version: Version) -> str:
    return ".".join(str(part) for part in version)
