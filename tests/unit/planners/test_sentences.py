"""The rules for every sentence to an operator, in all cases."""

import re
from collections.abc import Sequence
from functools import cache

import pytest

from tests.unit.planners.sentences import Sentence, raised, sentences

# Words that no sentence has: a program's way to show its values, and slips of the pen.
NEVER = {
    "a value as Python writes it": r"\b(None|True|False|Traceback)\b|\[Errno|\bb'|\['|\('",
    "a place left open": r"%[srd]",
    "two blanks, or a line's end": r"  |\n",
    "daemon.json without its folder": r"(?<![\w/.])(?<!a )daemon\.json",
    "a before a vowel": r"\b[Aa] (?!user|unit|one\b|uid|use|once)[aeiou]",
    "an before a consonant": (
        r"\b[Aa]n (?![aeiou]|xfs|http|hour|ssh|LVM|ntfs|f2fs|fstab|[AEFHILMNORSX][A-Z0-9])"
    ),
    "one of many": r"\b1 (containers|images|volumes|hosts|users|bytes)\b",
    "many of one": r"\b([02-9]|\d{2,}) (container|image|volume|byte)\b",
    "a word twice": r"\b([a-z]+) \1\b",
}
# What a person can find or type: a path, a variable, a unit, a command, a release or an ID.
NAMED = re.compile(
    r"(?<![\w])/\w|docker_\w+|dockwright_\w+|\.(service|socket|mount)\b|`[^`]+`"
    r"|PID \d+|kernel of this host|[Tt]his host|the group docker|docker_daemon|the first process"
)
DISTURBS = {
    "reload": "reload",
    "restart": r"restart|stop ",
    "reboot": "reboot",
    "data": "delete|move|unmount",
}
LONGEST, CLAUSE = 80, 40
# A command to copy, or a list of what is supported or of all that differs, may be long.
LISTS = re.compile(r"`[^`]*`|Supported are .*|: [^:]*, .*, .*|\([^)]*\)")


@cache
def told() -> list[Sentence]:
    return list(sentences())


def of_kind(*kinds: str) -> Sequence[Sentence]:
    return [each for each in told() if each.kind in kinds]


def complain(found: list[str]) -> None:
    assert not found, "\n".join(found)


@pytest.mark.parametrize("slip", NEVER)
def test_no_sentence_has(slip: str) -> None:
    everything = told() if "%" in NEVER[slip] else [*told(), *raised()]
    complain(
        [f"{each.case}: {each.text}" for each in everything if re.search(NEVER[slip], each.text)]
    )


def test_each_ends_and_says_what_to_do() -> None:
    told = of_kind("refusal", "told", "note", "warning")
    complain([f"{each.case}: {each.text}" for each in told if not each.text.endswith(".")])
    refused = of_kind("refusal")
    assert len(refused) > 300
    complain([f"{each.case}: {each.text}" for each in refused if len(each.text.split(". ")) < 2])


def test_each_refusal_names_what_a_person_can_find_or_type() -> None:
    refused = of_kind("refusal", "told", "warning")
    complain([f"{each.case}: {each.text}" for each in refused if not NAMED.search(each.text)])


def test_each_cure_says_what_it_disturbs() -> None:
    cures = [each for each in of_kind("cure", "told") if each.impact in DISTURBS]
    assert {each.impact for each in cures} == set(DISTURBS)
    complain(
        [
            f"{each.case}: {each.text}"
            for each in cures
            if not re.search(DISTURBS[each.impact], each.text)
        ]
    )


def test_none_is_so_long_that_it_is_read_twice() -> None:
    for each in told():
        text = LISTS.sub("", each.text)
        parts = re.split(r"(?<=[.:;])\s", text)
        assert len(text.split()) <= LONGEST, f"{each.case}: {each.text}"
        assert max(len(part.split()) for part in parts) <= CLAUSE, f"{each.case}: {each.text}"
