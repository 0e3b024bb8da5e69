"""Lines on the screen, whichever way Ansible writes a result."""

import os
import subprocess
import sys

import pytest

# The option is read once in a process.
SHOW = (
    "from ansible.plugins.loader import callback_loader; callback_loader.get('default'); "
    "from ansible_collections.dockwright.host.plugins.filter.shown import for_the_screen; "
    "print(repr(for_the_screen(['a', 'b'])))"
)


@pytest.mark.parametrize(("chosen", "shown"), [("yaml", "'a\\nb'"), ("json", "['a', 'b']")])
def test_lines_are_a_text_in_yaml_and_a_list_in_json(chosen: str, shown: str) -> None:
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACK_RESULT_FORMAT": chosen,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ran = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == shown, ran.stderr
