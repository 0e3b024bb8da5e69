"""Run commands from lists of words; their output is kept for the message if one fails."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LAST_LINES = 15


class LabError(Exception):
    """An error for the person at the keyboard; its text is the whole message."""


class CommandFailed(LabError):
    """A command that failed, with its last words."""

    def __init__(self, argv: Sequence[str], status: int, output: str, log: Path | None) -> None:
        last = "\n".join(f"    {line}" for line in output.strip().splitlines()[-LAST_LINES:])
        where = f" (all of it: {log})" if log else ""
        super().__init__(f"{' '.join(argv)} ended with status {status}{where}:\n{last}")
        self.status = status
        self.output = output


class Interrupted(LabError):
    """A command that was not run, since the whole run is ending."""


class Children:
    """The processes that run for us now, so that an interrupted run leaves none behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._aborted = False

    def add(self, child: subprocess.Popen[str]) -> None:
        with self._lock:
            self._running.add(child)
            if self._aborted:
                child.terminate()

    def remove(self, child: subprocess.Popen[str]) -> None:
        with self._lock:
            self._running.discard(child)

    def abort(self) -> None:
        """End everything that runs, and whatever is started until `resume`."""
        with self._lock:
            self._aborted = True
            for child in self._running:
                child.terminate()

    def resume(self) -> None:
        with self._lock:
            self._aborted = False

    @property
    def aborted(self) -> bool:
        return self._aborted


CHILDREN = Children()


def run(
    argv: Sequence[str],
    *,
    check: bool = True,
    log: Path | None = None,
    survives: bool = False,
    environment: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; with a log, both its streams go there and to the result's stdout.

    A command ends with us, even when we are killed, unless it `survives`, as a package manager
    should. Such a command must not lose its pipe half-way, so give it a log.
    """
    if CHILDREN.aborted:
        raise Interrupted(f"{argv[0]} was not run: the run is ending")
    with _output(log) as (stdout, stderr):
        child = subprocess.Popen(
            list(argv) if survives else with_our_end(argv),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env={**os.environ, **(environment or {})},
            text=True,
            errors="replace",
        )
    if not survives:
        CHILDREN.add(child)
    try:
        output, errors = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise LabError(f"{' '.join(argv)} gave no answer within {seconds} s") from None
    except BaseException:
        if not survives:
            child.kill()
        raise
    finally:
        CHILDREN.remove(child)
    if log:
        output = log.read_text(errors="replace")
    if check and child.returncode != 0:
        raise CommandFailed(argv, child.returncode, output + (errors or ""), log)
    return subprocess.CompletedProcess(list(argv), child.returncode, output, errors or "")


@contextmanager
def _output(log: Path | None) -> Iterator[tuple[int | IO[bytes], int]]:
    if log is None:
        yield subprocess.PIPE, subprocess.PIPE
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        yield file, subprocess.STDOUT


def with_our_end(argv: Sequence[str]) -> list[str]:
    """Give the command in a form that ends when we are killed, if setpriv is there for it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *argv] if setpriv else list(argv)
