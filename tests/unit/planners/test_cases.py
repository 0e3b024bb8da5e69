"""Every planner case, here and on the oldest Python a target may have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.planners import case

PYENV = Path.home() / ".pyenv" / "versions"


@pytest.mark.parametrize("name", case.case_names())
def test_planner_says(name: str) -> None:
    said, wanted = case.run_case(name)
    assert said == wanted


def python36() -> str:
    """Find a Python 3.6, on PATH or among pyenv's."""
    found = [str(path) for path in sorted(PYENV.glob("3.6.*/bin/python"))]
    on_path = shutil.which("python3.6")
    if on_path:
        found.append(on_path)
    return found[0] if found else ""


def test_planner_cases_run_on_python_3_6() -> None:
    interpreter = python36()
    if not interpreter:
        pytest.skip("no Python 3.6 on this machine; vermin alone holds the code to it")
    ran = subprocess.run([interpreter, case.__file__], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"planner cases on Python 3\.6\.\d+: \d+, 0 failed", ran.stdout)
