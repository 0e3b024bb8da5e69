"""Run the packaging tools, show the progress of the build, and keep all cores busy."""

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_STARTED = time.monotonic()


class BuildFailed(Exception):
    """The site could not be built; the message says why."""


def say(text: str) -> None:
    """Print a progress line."""
    print(f"package site: {time.monotonic() - _STARTED:5.1f} s  {text}", flush=True)


def run(
    argv: Sequence[str | Path],
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command and give its output; a failure tells its last words."""
    words = [str(word) for word in argv]
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip()[-2000:]
        raise BuildFailed(f"{' '.join(words)}: exit {done.returncode}\n{last}")
    return done.stdout


def succeeds(argv: Sequence[str | Path]) -> bool:
    """Whether a command ends with the exit status 0."""
    return subprocess.run([str(word) for word in argv], check=False).returncode == 0


def in_parallel(
    function: Callable[[Item], Result], items: Iterable[Item], at_once: int | None = None
) -> list[Result]:
    """Call `function` on every item, `at_once` (or one for each core) at a time."""
    with ThreadPoolExecutor(max_workers=at_once or os.cpu_count() or 1) as pool:
        return list(pool.map(function, items))
