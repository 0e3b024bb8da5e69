"""The roles' variables as a table of Python, for hosts, where no YAML can be read."""

import subprocess
import sys
from typing import Any

from .between import COMMAND, Made
from .specs import ROOT, Json, all_roles, options

PATH = ROOT / "plugins" / "module_utils" / "words" / "tables" / "variables.py"
HEAD = f'''# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Made by `{COMMAND}` from roles/*/meta/argument_specs.yml: edit those.
"""The variables of each role, in the words of AnsibleModule's ``argument_spec``."""

from typing import Any, Dict

VARIABLES: Dict[str, Dict[str, Dict[str, Any]]] = '''
# What an argument spec says beside these is for people.
WORDS = ("type", "elements", "default", "choices", "required", "no_log")


def made_tables() -> Made:
    """The table, as it should be."""
    variables = {
        role: {name: argument(each) for name, each in options(role).items()} for role in all_roles()
    }
    return {PATH: formatted(HEAD + repr(variables) + "\n")}


def argument(option: Json) -> Json:
    """What of an option's description Ansible goes by."""
    said: dict[str, Any] = {word: option[word] for word in WORDS if word in option}
    if "options" in option:
        parts = option["options"].items()
        said["options"] = {name: argument(each) for name, each in parts}
    return said


def formatted(text: str) -> str:
    """Python as the rest of the project is written."""
    argv = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(PATH), "-"]
    return subprocess.run(argv, input=text, check=True, text=True, capture_output=True).stdout
