"""A command that does not end, and leaves something behind that holds its output open."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import (
    command as applied,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import (
    command as observed,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.units import units

# In a session of its own, so that no signal for the command's group reaches it.
LEFT = "setsid sh -c 'echo $$ > {0}; exec sleep 300' & exec sleep 300"


@pytest.fixture
def left(tmp_path: Path) -> Iterator[str]:
    """What to run; the process it leaves is ended."""
    file = tmp_path / "pid"
    yield LEFT.format(file)
    os.kill(int(file.read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    ("run", "module", "failure"),
    [
        (observed.read, observed, observed.CommandTimedOut),
        (applied.run, applied, applied.ApplyFailed),
    ],
)
def test_it_is_given_up_in_time(
    run: Callable[..., object],
    module: object,
    failure: type[Exception],
    left: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_DYING_SECONDS", 0.2)
    with pytest.raises(failure, match="did not end within 1 s"):
        run(["sh", "-c", left], seconds=1)


def test_a_silent_systemd_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def silent(argv: list[str]) -> observed.Output:
        asked.append(argv)
        raise observed.CommandTimedOut("systemctl did not end within 60 s")

    monkeypatch.setattr(observed, "read", silent)
    with pytest.raises(observed.CommandFailed):
        units.observe_units(["docker.service"])
    assert len(asked) == 1
