"""Locks between runs: one run at a time for a checkout, one builder for a cached thing."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from progress import Progress


@contextmanager
def locked(path: Path, progress: Progress, waiting_for: str) -> Iterator[None]:
    """Hold the lock file at `path`; say what is waited for while somebody else holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say(f"waiting for {waiting_for}")
            with progress.step(f"waiting for {waiting_for}"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def free(path: Path) -> Iterator[bool]:
    """Whether nobody holds the lock file at `path`; if so, nobody else can take it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
