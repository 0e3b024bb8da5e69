"""Show a person that the lab works: a line for each step with its seconds, and signs of life."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SIGN_OF_LIFE_SECONDS = 10


class Progress:
    """Print steps as they end, and name those under way when nothing else was printed."""

    def __init__(self, who: str = "lab") -> None:
        self._who = who
        self._started = time.monotonic()
        self._printed = self._started
        self._under_way: dict[int, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._steps = 0
        threading.Thread(target=self._show_signs_of_life, daemon=True).start()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def say(self, sentence: str) -> None:
        with self._lock:
            self._print(sentence)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Time one step, and print it when it ends, well or not."""
        began = time.monotonic()
        with self._lock:
            self._steps += 1
            number = self._steps
            self._under_way[number] = (what, began)
        ending = "failed"
        try:
            yield
            ending = "done"
        finally:
            with self._lock:
                del self._under_way[number]
                self._print(f"{what}: {ending} in {time.monotonic() - began:.1f} s")

    def _print(self, sentence: str) -> None:
        self._printed = time.monotonic()
        print(f"{self._who:<3} {self.seconds:6.1f} s  {sentence}", file=sys.stdout, flush=True)

    def _show_signs_of_life(self) -> None:
        while True:
            time.sleep(1)
            now = time.monotonic()
            with self._lock:
                if not self._under_way or now - self._printed < SIGN_OF_LIFE_SECONDS:
                    continue
                steps = [
                    f"{what} ({now - began:.0f} s)" for what, began in self._under_way.values()
                ]
                self._print("… " + ", ".join(steps))
