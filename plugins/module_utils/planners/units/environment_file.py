# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write and read the files that EnvironmentFile= names, as systemd reads them (systemd.exec(5)).

They are not read like units: quotes and escapes are a shell's, a quoted value may have many lines,
and a comment between joined lines is a part of the value.
"""

import re
from typing import Iterator, Mapping, Tuple

# Characters that a backslash escapes between double quotes, as in a shell (systemd,
# basic/env-file.c).
_OF_THE_SHELL = re.compile(r'(["\\`$])')
_DOUBLY_ESCAPED = re.compile(r"\\([\"\\`$\n])")
_ESCAPED = re.compile(r"\\([\s\S])")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_QUOTED = r"[ \t]*(?:\"((?:\\[\s\S]|[^\"\\])*)(?:\"|\\?\Z)|'([^']*)(?:'|\Z))"
_BARE = r"[ \t]*(?P<bare>(?:[ \t]*(?:\\[\s\S]|[^ \t\r\n\\]))*)[ \t]*"
# A comment, or a name and its value, whose quotes count only at its beginning. Before systemd 254 a
# backslash at a comment's end made the next line a comment too.
_ENTRY = re.compile(
    r"[ \t\r\n]*(?:[#;][^\r\n]*|(?P<name>[^\r\n][^\r\n=]*)(?:=(?P<quoted>(?:%s)*)%s)?)"
    % (_QUOTED, _BARE)
)


def render_environment_file(header: str, variables: Mapping[str, str]) -> str:
    """Write a file for EnvironmentFile=, in which a per cent sign has no meaning."""
    lines = [header]
    for name, value in variables.items():
        lines.append('%s="%s"' % (name, _OF_THE_SHELL.sub(r"\\\1", value)))
    return "\n".join(lines) + "\n"


def read_variables(text: str) -> Iterator[Tuple[str, str]]:
    """Give names and values, in order; systemd ignores what is no name."""
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
