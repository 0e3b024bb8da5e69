"""Every planner case, here and on the oldest Python a target may have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.without_docker import (
    activates,
)

from tests.unit.planners import case, case_files

PYENV = Path.home() / ".pyenv" / "versions"


@pytest.mark.parametrize("name", case_files.case_names())
def test_planner_says(name: str) -> None:
    says, wanted = case.run_case(name)
    assert says == wanted


@pytest.mark.parametrize("name", case_files.case_names())
def test_what_a_check_would_change_is_given_to_a_role_that_runs(name: str) -> None:
    _said, declared, observed, roles = case.read_case(name)
    plan = case.plan_case(name)
    given = {each.role for each in plan.changed}
    assert given <= set(roles)
    # Play 2 leaves the activation out if there is nothing to activate.
    assert plan.refused or "docker_activation" not in given or activates(declared, observed, roles)
    assert set(plan.differences) == {*plan.changed, *plan.reported, *plan.refused}


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
