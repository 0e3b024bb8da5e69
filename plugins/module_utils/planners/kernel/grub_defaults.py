# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read and edit the command lines in the shell text from which GRUB's configuration is made."""

import re
from typing import List, Match, Sequence

# A part of a word in sh(1); a backslash joins the next line.
_PART = r"(?:\"(?:[^\"\\]|\\[\s\S])*\"|'[^']*'|\\[\s\S]|[^\s\"'\\;&|()<>])"
_ASSIGNED = re.compile(
    r"^([ \t]*(?:export[ \t]+)?GRUB_CMDLINE_LINUX(?:_DEFAULT)?\+?=)(%s*)" % _PART, re.MULTILINE
)
# An assignment that drops the former value.
_SETS = re.compile(r"\bGRUB_CMDLINE_LINUX=$")
_KEEPS = re.compile(r"\$\{?GRUB_CMDLINE_LINUX\b")
_CONTINUED = "\\\n"
# One argument in a value; a line may be continued in the middle of it.
_ARGUMENT = r"(?P<argument>(?:[^\s\"'\\]|\\[\s\S])+)"
_LATER_ARGUMENT = re.compile(r"(?:[ \t]+|(?<=[^\\]\n))" + _ARGUMENT)
_FIRST_ARGUMENT = re.compile(r"^(?P<quote>[\"']?)" + _ARGUMENT + r"(?:[ \t]+|(?=[\s\"']|$))")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def arguments_in(text: str) -> List[str]:
    """Give the arguments that a file puts on kernels' command lines, in order."""
    return [word for _name, value in _ASSIGNED.findall(text) for word in _words(value)]


def sets_anew(text: str) -> bool:
    """Whether a file sets GRUB_CMDLINE_LINUX and drops its former value."""
    assigned = _ASSIGNED.findall(text)
    return any(_SETS.search(name) and not _KEEPS.search(value) for name, value in assigned)


def without_arguments(text: str, arguments: Sequence[str]) -> str:
    """Remove arguments from a file's command lines, and leave every other byte as it is."""
    return _ASSIGNED.sub(lambda found: found.group(1) + _without(found.group(2), arguments), text)


def lines_with(text: str, arguments: Sequence[str]) -> List[int]:
    """Give the numbers, from 1, of lines that hold one of the arguments outside a comment."""
    words = "|".join(re.escape(each) for each in arguments)
    held = re.compile(r"(?<![\w.-])(?:%s)(?![\w.=,-])" % words)
    lines = enumerate(text.split("\n"), 1)
    return [number for number, line in lines if held.search(_COMMENT.sub("", line))]


def _words(value: str) -> List[str]:
    return re.sub(r"[\"']", "", value.replace(_CONTINUED, "")).split()


def _without(value: str, arguments: Sequence[str]) -> str:
    def is_one(found: Match[str]) -> bool:
        return found.group("argument").replace(_CONTINUED, "") in arguments

    def later(found: Match[str]) -> str:
        return _continued(found) if is_one(found) else found.group()

    def first(found: Match[str]) -> str:
        return found.group("quote") + _continued(found) if is_one(found) else found.group()

    # A word goes with the blank before it, or with the one after it if it comes first.
    return _FIRST_ARGUMENT.sub(first, _LATER_ARGUMENT.sub(later, value))


def _continued(found: Match[str]) -> str:
    return _CONTINUED * found.group("argument").count(_CONTINUED)
