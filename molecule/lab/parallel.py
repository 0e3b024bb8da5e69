"""Run steps side by side, and end all of them when one fails or the run is interrupted."""

from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import TypeVar

from commands import CHILDREN, Interrupted

Result = TypeVar("Result")
# More than there are steps, since a step may wait for another one's result.
WORKERS = 24


class SideBySide:
    """A `with` block that is left once all its steps have ended; the first failure is raised."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(WORKERS)
        self._steps: list[Future[object]] = []

    def start(self, step: Callable[..., Result], *arguments: object) -> "Future[Result]":
        future = self._pool.submit(step, *arguments)
        self._steps.append(future)  # type: ignore[arg-type]  # a Future of anything
        return future

    def __enter__(self) -> "SideBySide":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                wait(self._steps, return_when=FIRST_EXCEPTION)
                self._raise_first_failure()
        except BaseException:
            CHILDREN.abort()
            raise
        finally:
            if error is not None:
                CHILDREN.abort()
            self._pool.shutdown(wait=True, cancel_futures=True)
            CHILDREN.resume()

    def _raise_first_failure(self) -> None:
        failures = [step.exception() for step in self._steps if step.done()]
        real = [failure for failure in failures if failure]
        # A step that was told to end is not the one that failed.
        for failure in sorted(real, key=lambda failure: isinstance(failure, Interrupted)):
            raise failure
