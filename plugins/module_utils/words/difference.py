# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan's words: what differs on a host, what is refused and why, what nobody could judge.

Every planner answers in these types, and all that a user gets (a module's ``changed`` and ``diff``,
check mode, a drift report) is made from them. So there is one opinion on what "as declared" means.
"""

import re
from typing import Any, Dict, Iterable, List, Mapping, Match, NamedTuple, Optional, Tuple

from ..words.paths import DAEMON_JSON
from . import causes, impacts, resources
from .causes import Cause
from .declared import Declared, record_key
from .impacts import Impact
from .resources import Resource

# Where a difference's path is a pointer into this document, and where a sentence says only its
# name.
_DOCUMENT, _BARE = DAEMON_JSON, re.compile(r"(?<![\w/.])(?<!a )daemon\.json")
# What a cure disturbs, in words, and the words that show that a sentence tells it already.
_COSTS = {
    impacts.RELOAD: ("reloads dockerd", ("reload",)),
    impacts.RESTART: ("restarts dockerd", ("restart", "stop ")),
    impacts.REBOOT: ("reboots the host", ("reboot",)),
    impacts.DATA: ("moves or deletes data", ("delete ", "move ", "unmount ")),
}
_NO_TEXT = re.compile("[\ud800-\udfff]")


class Refusal(NamedTuple):
    """Why a difference is not acted on.

    ``found`` says what is in the way and where, ``consent`` names the role variable that allows it
    (empty where none does), ``remedy`` says what a person can do.
    """

    found: str
    remedy: str
    consent: str = ""

    def sentence(self) -> str:
        """Say the refusal as a person would."""
        return "Refused: %s %s" % (self.found, self.remedy)


class Difference(NamedTuple):
    """One thing on the host that is not as declared.

    ``resource`` is a stable id (``engine.package``), ``path`` the part of it that differs (a file,
    a package, a unit); ``expected`` and ``actual`` are texts, also whole contents of files.
    ``impact`` says what the cure disturbs, one of :data:`~impacts.IMPACTS`; ``cause`` is one of
    :data:`~causes.CAUSES`. A difference that is ``only_reported`` is mended by no run; its sentence says
    what would mend it.
    """

    resource: Resource
    role: str
    path: str
    expected: str
    actual: str
    impact: Impact
    sentence: str
    cause: Cause = causes.UNKNOWN
    sensitive: bool = False
    refusal: Optional[Refusal] = None
    only_reported: bool = False

    @property
    def key(self) -> str:
        """Its name in the record."""
        return record_key(self.resource, self.path)


class Unverifiable(NamedTuple):
    """A resource that could not be judged, and why; the host's verdict is then ``failed``."""

    resource: Resource
    role: str
    path: str
    reason: str


class Plan(NamedTuple):
    """What differs, what could not be judged, and all that was compared.

    ``notes`` are sentences about what is no difference but may interest a person; ``warnings`` are
    those that a person must see, about a declaration that does not do what it says. ``released``
    are keys of the record that this plan no longer answers for.
    """

    differences: Tuple[Difference, ...] = ()
    unverifiable: Tuple[Unverifiable, ...] = ()
    declared: Tuple[Declared, ...] = ()
    notes: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()
    released: Tuple[str, ...] = ()

    @property
    def refused(self) -> Tuple[Difference, ...]:
        """The differences that must not be acted on."""
        return tuple(each for each in self.differences if each.refusal is not None)

    @property
    def mended(self) -> Tuple[Difference, ...]:
        """The differences that runs mend, refused ones included."""
        return tuple(each for each in self.differences if not each.only_reported)

    @property
    def changed(self) -> Tuple[Difference, ...]:
        """The differences that a run mends and that are not refused."""
        return tuple(each for each in self.mended if each.refusal is None)

    @property
    def reported(self) -> Tuple[Difference, ...]:
        """The differences that no run mends and that are not refused."""
        return tuple(each for each in self.differences if each.only_reported and not each.refusal)

    @property
    def verdict(self) -> str:
        """``clean``, ``drifted``, or ``failed`` where something is refused or not judged."""
        if self.refused or self.unverifiable:
            return "failed"
        return "drifted" if self.differences else "clean"

    def of_resource(self, resource: str) -> Tuple[Difference, ...]:
        """The differences of one resource."""
        return tuple(each for each in self.differences if each.resource == resource)


def join(plans: Iterable[Plan]) -> Plan:
    """Make one plan of several, in their order."""
    parts = list(plans)
    return Plan(
        differences=tuple(each for plan in parts for each in plan.differences),
        unverifiable=tuple(each for plan in parts for each in plan.unverifiable),
        declared=tuple(each for plan in parts for each in plan.declared),
        notes=tuple(dict.fromkeys(each for plan in parts for each in plan.notes)),
        warnings=tuple(dict.fromkeys(each for plan in parts for each in plan.warnings)),
        released=tuple(dict.fromkeys(each for plan in parts for each in plan.released)),
    )


def as_result(plan: Plan) -> Dict[str, Any]:
    """Give the plan as a module returns it: plain lists and dictionaries without secrets."""
    return {
        "verdict": plan.verdict,
        "differences": [_difference_as_result(each) for each in plan.differences],
        "unverifiable": [dict(each._asdict()) for each in plan.unverifiable],
        "notes": list(dict.fromkeys(plan.notes + plan.warnings)),
    }


def as_diff(plan: Plan) -> List[Dict[str, str]]:
    """Give the plan as Ansible's ``diff``, with one entry for each difference."""
    return [
        {
            "before_header": "%s (%s)" % (each.path, each.resource),
            "after_header": "%s (%s)" % (each.path, in_words(each)),
            "before": _line(shown(each, each.actual)),
            "after": _line(shown(each, each.expected)),
        }
        for each in plan.differences
    ]


def fit_to_tell(value: Any) -> Any:
    """Give a value that can be shown: a byte that is no text is written as an escape."""
    if isinstance(value, str):
        return _NO_TEXT.sub(_escape, value)
    if isinstance(value, Mapping):
        return {fit_to_tell(key): fit_to_tell(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [fit_to_tell(each) for each in value]
    return value


def _escape(match: Match[str]) -> str:
    code = ord(match.group(0))
    # The form in which Python's surrogateescape holds a byte (PEP 383).
    return "\\x%02x" % (code - 0xDC00) if 0xDC80 <= code <= 0xDCFF else "\\u%04x" % code


def complaints(plan: Plan) -> List[str]:
    """Give the reasons why this plan cannot be carried out, one to a line; none where it can."""
    sentences = [each.refusal.sentence() for each in plan.refused if each.refusal is not None]
    sentences.extend(
        "Not judged: %s: %s"
        % (" ".join(filter(None, (each.resource, each.path))), " ".join(each.reason.split()))
        for each in plan.unverifiable
    )
    return list(dict.fromkeys(sentences))


def complaint(plan: Plan) -> str:
    """Give these reasons as one text; empty where the plan can be carried out."""
    return "\n".join(complaints(plan))


def cost(impact: Impact) -> str:
    """Say what a cure of this impact disturbs; empty where it disturbs nothing."""
    return _COSTS[impact][0] if impact in _COSTS else ""


def in_words(difference: Difference) -> str:
    """Give a difference's sentence, with its file and what its cure disturbs."""
    sentence = _BARE.sub(_DOCUMENT, difference.sentence)
    place = _DOCUMENT if difference.resource == resources.DAEMON_JSON else difference.path
    if place.startswith("/") and place not in sentence:
        sentence = "%s: %s" % (place, sentence)
    words, said = _COSTS.get(difference.impact, ("", ()))
    if not words or any(each in difference.sentence for each in said):
        return sentence
    return "%s (%s)" % (sentence, words)


def _difference_as_result(difference: Difference) -> Dict[str, Any]:
    result = dict(difference._asdict())
    result["expected"] = shown(difference, difference.expected)
    result["actual"] = shown(difference, difference.actual)
    result["sentence"] = in_words(difference)
    result["refusal"] = dict(difference.refusal._asdict()) if difference.refusal else None
    return result


def shown(difference: Difference, value: str) -> str:
    """Give a difference's value as it may be shown."""
    return "(not shown)" if difference.sensitive and value else value


def _line(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
