"""`make lint` as a test: a process of `make test` runs it while another brings its lab up."""

import os
import subprocess

from tests.lab import ROOT


def test_every_file_is_as_make_lint_wants_it() -> None:
    # The make that started the tests must not affect this one.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    ran = subprocess.run(
        ["make", "lint"], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
