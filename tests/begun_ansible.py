"""ansible-playbook whose start is behind it, for tests that run it hundreds of times.

One process imports Ansible, and each run is a fork of it (multiprocessing's fork server): to import
it is half of what a short run takes on the controller. What Ansible reads of its environment when it
is imported holds for all runs of the server; a run that wants it otherwise begins by itself.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "ansible-playbook"
# What Ansible and Python go by from their start on.
_AT_START = ("ANSIBLE_", "PYTHON")
# What pytest looks for modules in, and a user's ansible-playbook does not.
_OF_TESTS = ("", str(ROOT), str(ROOT / ".collections"))
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.imported_ansible"])
_begun: dict[str, str] = {}
_beginning = threading.Lock()


def run(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run ansible-playbook in the checkout, and give what it printed."""
    _begin(environment)
    if _at_start(environment) != _begun:
        return subprocess.run(
            [COMMAND, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=environment,
        )
    with tempfile.TemporaryDirectory() as folder:
        printed = [Path(folder) / name for name in ("stdout", "stderr")]
        for path in printed:
            path.touch()
        process = _context.Process(target=_be_run, args=(arguments, dict(environment), printed))
        process.start()
        try:
            process.join()
        finally:
            # Whoever ends the tests ends this as well.
            if process.is_alive():
                process.terminate()
        code = process.exitcode
        assert code is not None, arguments
        return subprocess.CompletedProcess(
            [COMMAND, *arguments], code, *(path.read_text() for path in printed)
        )


def _begin(environment: Mapping[str, str]) -> None:
    with _beginning:
        if _begun:
            return
        own = dict(os.environ)
        os.environ.update(environment)
        try:
            forkserver.ensure_running()
        finally:
            os.environ.clear()
            os.environ.update(own)
        _begun.update(_at_start(environment))


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_AT_START)}


def _be_run(
    arguments: Sequence[str], environment: Mapping[str, str], printed: Sequence[Path]
) -> None:
    """Be an ansible-playbook of its own, from here on."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.path[:] = [place for place in sys.path if place not in _OF_TESTS]
    for number, path in enumerate(printed, 1):
        file = os.open(path, os.O_WRONLY)
        os.dup2(file, number)
        os.close(file)
    sys.argv = [COMMAND, *arguments]
    from ansible import constants
    from ansible.cli.playbook import main

    # What a run builds of our modules is of the sources as they are now, and goes with the run.
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(dir=printed[0].parent)
    main(sys.argv)
