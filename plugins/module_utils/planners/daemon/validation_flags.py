# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check that a command line consists of dockerd's own flags."""

from typing import Sequence

from ...words.tables.daemon_options import BOOLEAN_FLAGS, FLAGS_WITHOUT_KEY, KEY_OF_FLAG, OPTIONS


def stray_word(arguments: Sequence[str]) -> str:
    """Name the first flag that the table does not know; a word that is no flag may be a secret.

    Empty if dockerd gets only known flags, each with its value.
    """
    is_value = False
    for argument in arguments:
        if is_value:
            is_value = False
        elif argument.startswith("--"):
            name, equals, _value = argument[2:].partition("=")
            if not _is_known(name):
                return "--" + name
            is_value = not equals and name not in BOOLEAN_FLAGS
        elif argument.startswith("-") and argument != "-":
            # Letters may be joined; the first one with a value takes the rest.
            letters = argument[1:]
            while letters and letters[0] in BOOLEAN_FLAGS and _is_known(letters[0]):
                letters = letters[1:]
            if letters and not _is_known(letters[0]):
                return "-" + letters[0]
            is_value = len(letters) == 1
        else:
            return "a word that is no flag"
    return ""


def _is_known(name: str) -> bool:
    return name in OPTIONS or name in KEY_OF_FLAG or name in FLAGS_WITHOUT_KEY
