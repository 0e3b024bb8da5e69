# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that EnvironmentFile= names, written and read as systemd does (systemd.exec(5)).

They are not read as units are: quotes and escapes are a shell's, a value in quotes may have many
lines, and a remark between lines that are one is a part of the value.
"""

import re
from typing import Iterator, Mapping, Tuple

# What takes a backslash between double quotes, as in a shell (systemd, basic/env-file.c).
_OF_THE_SHELL = re.compile(r'(["\\`$])')
_DOUBLY_ESCAPED = re.compile(r"\\([\"\\`$\n])")
_ESCAPED = re.compile(r"\\([\s\S])")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_QUOTED = r"[ \t]*(?:\"((?:\\[\s\S]|[^\"\\])*)(?:\"|\\?\Z)|'([^']*)(?:'|\Z))"
_BARE = r"[ \t]*(?P<bare>(?:[ \t]*(?:\\[\s\S]|[^ \t\r\n\\]))*)[ \t]*"
# A remark, or a name and its value: quotes count at its begin alone. Before systemd 254 a backslash
# at its end made a remark of the next line too.
_ENTRY = re.compile(
    r"[ \t\r\n]*(?:[#;][^\r\n]*|(?P<name>[^\r\n][^\r\n=]*)(?:=(?P<quoted>(?:%s)*)%s)?)"
    % (_QUOTED, _BARE)
)


def render_environment_file(header: str, variables: Mapping[str, str]) -> str:
    """Write a file for EnvironmentFile=, where a per cent sign stands for itself."""
    lines = [header]
    for name, value in variables.items():
        lines.append('%s="%s"' % (name, _OF_THE_SHELL.sub(r"\\\1", value)))
    return "\n".join(lines) + "\n"


def read_variables(text: str) -> Iterator[Tuple[str, str]]:
    """Give names and values, in order; what is no name systemd passes over."""
    for entry in _ENTRY.finditer(text):
        name = (entry.group("name") or "").rstrip(" \t")
        if entry.group("bare") is not None and _NAME.match(name):
            parts = [
                _DOUBLY_ESCAPED.sub(_but_line_ends, double) + single
                for double, single in re.findall(_QUOTED, entry.group("quoted"))
            ]
            yield name, "".join(parts) + _ESCAPED.sub(_but_line_ends, entry.group("bare"))


def _but_line_ends(found: "re.Match[str]") -> str:
    return found.group(1).strip("\r\n")
