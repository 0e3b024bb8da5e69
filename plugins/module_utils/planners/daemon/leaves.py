# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell a leaf of daemon.json that differs: what is expected, what was found, and a sentence."""

from typing import Optional

from ...words import impacts, resources
from ...words.difference import Difference, Refusal
from ...words.impacts import Impact
from ...words.observations.host import FileObserved
from ...words.paths import DAEMON_JSON
from ...words.told_value import cut
from .desired import ROLE, Desired
from .document import Keys, is_secret, look_up, pointer_of
from .meaning import canonical


def leaf_difference(
    keys: Keys, desired: Desired, impact: Impact, sentence: str, refusal: Optional[Refusal]
) -> Difference:
    """Tell one leaf; without keys it is the whole file."""
    nothing = (False, None)
    expected = look_up(desired.document, keys) if keys else nothing
    actual = look_up(desired.live, keys) if keys else nothing
    sensitive = any(is_secret(keys, each[1]) for each in (expected, actual) if each[0])
    return Difference(
        resource=resources.DAEMON_JSON,
        role=ROLE,
        path=pointer_of(keys) or DAEMON_JSON,
        expected=canonical(expected[1]) if expected[0] else "",
        actual=canonical(actual[1]) if actual[0] else "",
        impact=impact,
        sentence=sentence,
        sensitive=sensitive,
        refusal=refusal,
    )


def leaf_sentence(keys: Keys, desired: Desired, owned: bool, exclusive: bool, lost: bool) -> str:
    """Say what is to be done with a leaf, and whose value it was."""
    name = "/".join(keys)
    there, value = look_up(desired.document, keys)
    was_there, before = look_up(desired.live, keys)
    if not there:
        declared_null, _value = look_up(desired.declared, keys)
        if declared_null or not (owned or exclusive):
            return "take %s out of daemon.json, as is declared" % name
        why = "which is no longer declared" if owned else "which nobody has declared"
        return "take %s out of daemon.json, %s" % (name, why)
    if any(is_secret(keys, each) for each in (value, before)):
        return "set %s to %s secret value" % (name, "another" if was_there else "a")
    shown = cut(canonical(value))
    if was_there:
        # Without the lost record nobody knows whether it was somebody else's.
        by = "" if lost or owned else " that somebody else has set"
        return "set %s to %s, in place of %s%s" % (name, shown, cut(canonical(before)), by)
    return "set %s to %s" % (name, shown)


def ownership(file: FileObserved) -> str:
    """Write a file's mode and owner."""
    return "mode %04o, owner %d:%d" % (file.mode, file.owner, file.group)


def unreadable(problem: str) -> Difference:
    """Tell a file into which nothing can be merged."""
    return Difference(
        resource=resources.DAEMON_JSON,
        role=ROLE,
        path=DAEMON_JSON,
        expected="a JSON object",
        actual="unreadable",
        impact=impacts.NONE,
        sentence="%s cannot be merged into" % DAEMON_JSON,
        refusal=Refusal(
            found="%s is no configuration that can be read: %s." % (DAEMON_JSON, problem),
            remedy="It was left as it is. Correct it by hand, or move it away.",
        ),
    )
