"""Python packages apart from the project's own, installed once and kept for all checkouts."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

# The lab's images are here too; `python molecule/lab down --purge` removes all of it.
CACHE = Path(os.environ.get("DOCKWRIGHT_LAB_CACHE") or "/var/lib/dockwright-lab").resolve()
# The Python from which the project's environment was made; it sees nothing of that environment.
PYTHON = sys._base_executable  # type: ignore[attr-defined] # In every CPython, in no stub.
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def environment(*requirements: str) -> Path:
    """Give a virtual environment with these packages."""

    def make(folder: Path) -> None:
        subprocess.run([PYTHON, "-m", "venv", folder], check=True)
        pip = (folder / "bin" / "python", *PIP[1:])
        subprocess.run([*pip, "install", *requirements], check=True)

    return kept("environment", [sys.version, *requirements], make)


def packages(python: str, *requirements: str) -> Path:
    """Give a folder for PYTHONPATH with these packages, for another Python than this machine's."""

    chosen = ("--python-version", python, "--only-binary", ":all:")

    def make(folder: Path) -> None:
        wheels = folder / "wheels"
        subprocess.run([*PIP, "download", *chosen, "-d", str(wheels), *requirements], check=True)
        # `pip download` uses the other Python's markers throughout; `pip install` uses its own as
        # well.
        unpack = ("install", "--no-deps", "--ignore-requires-python", *chosen, "--target")
        subprocess.run([*PIP, *unpack, str(folder), *map(str, wheels.iterdir())], check=True)
        shutil.rmtree(wheels)

    return kept("packages", [python, *requirements], make)


def kept(kind: str, of: Sequence[str], make: Callable[[Path], None]) -> Path:
    """Give a folder that is made once; half of one is made anew.

    It is made in its final place, since an environment knows its own path.
    """
    name = f"{kind}-{hashlib.sha256(repr(of).encode()).hexdigest()[:12]}"
    folder = CACHE / "python" / name
    whole = folder.with_name(f"{name}.whole")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            whole.touch()
    return folder
