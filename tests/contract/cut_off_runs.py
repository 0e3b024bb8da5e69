"""Runs the modules of commits on a lab host, one after another, each a fork of this process.

    python3 cut_off_runs.py SET:STEP ...

For each it stages the set and commits it, cut off at the step (0: nowhere), and prints how that
ended. Python imports once what the modules import, which is most of what such a module takes.
"""

import base64
import importlib
import io
import os
import re
import runpy
import sys
import traceback
import zipfile
from pathlib import Path

PLACE = Path(__file__).resolve().parent
MODULES = ("docker_daemon_config", "docker_activation")
# The set whose modules are unpacked: they are the same in all.
SET = "without_hosts"
PACKAGE = "ansible_collections.dockwright.host.plugins.modules."
LIBRARY = PLACE / "library"


def unpack() -> None:
    """Lay what the modules bring with them into one folder, which Python keeps bytecode for."""
    for module in MODULES:
        packed = re.findall(rb"[A-Za-z0-9+/=]{100000,}", (PLACE / f"{SET}.{module}").read_bytes())
        zipfile.ZipFile(io.BytesIO(base64.b64decode(packed[0]))).extractall(LIBRARY)


def run(name: str, module: str, step: int) -> int:
    """Run a module as Ansible has left it here; what it says is in the file `said`."""
    process = os.fork()
    if process:
        _process, status = os.waitpid(process, 0)
        return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    code = 1
    try:
        said = os.open(f"{PLACE}/said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        if module == "docker_activation":
            os.environ["CUT_OFF_AT"] = str(step)
            importlib.import_module("cut_off")
        sys.argv = [f"{PLACE}/{name}.{module}"]
        runpy.run_path(sys.argv[0], run_name="__main__")
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def main() -> None:
    if not LIBRARY.is_dir():
        unpack()
    sys.path.insert(0, str(LIBRARY))
    for module in MODULES:
        importlib.import_module(PACKAGE + module)
        # It is to be run, which Python wants to be the first time it meets it.
        del sys.modules[PACKAGE + module]
    for asked in sys.argv[1:]:
        name, _colon, step = asked.partition(":")
        if run(name, MODULES[0], 0) != 0:
            sys.exit((PLACE / "said").read_text())
        print(run(name, MODULES[1], int(step)), flush=True)


main()
