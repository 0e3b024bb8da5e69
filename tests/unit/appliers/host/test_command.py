"""A command that makes progress is never ended, however long it takes; a stuck one is."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
    run,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import (
    command as reading,
)

# A process that a command leaves behind holds the output open. It is in a session of its own, so
# that no signal for the command's group reaches it.
LEFT = "setsid sh -c 'echo $$ > {0}; exec sleep 300' & exec sleep 300"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and give up soon."""
    monkeypatch.setattr(command, "STILL", 0.6)
    monkeypatch.setattr(command, "_PAUSE", 0.05)


@pytest.fixture
def left(tmp_path: Path) -> Iterator[str]:
    """Give what to run; the process that it leaves is ended."""
    file = tmp_path / "pid"
    yield LEFT.format(file)
    os.kill(int(file.read_text()), signal.SIGKILL)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "work",
    [
        "head -c 1000 /dev/zero > /dev/null; sleep 0.2",
        # Not the command itself works, but a process that it has started.
        "(sh -c 'head -c 1000 /dev/zero > /dev/null; sleep 0.2')",
    ],
)
def test_a_command_that_gets_on_is_waited_for(work: str) -> None:
    script = f"for number in 1 2 3 4 5 6 7 8; do {work}; done; echo done"
    assert run(["sh", "-c", script]) == "done\n"


@pytest.mark.usefixtures("impatient")
def test_a_command_that_is_stuck_is_ended_and_named() -> None:
    with pytest.raises(ApplyFailed, match=r"^`sleep 600` has done nothing for \d s, and was ended"):
        run(["sleep", "600"])


def test_a_command_that_waits_for_another_has_its_time() -> None:
    with pytest.raises(ApplyFailed, match=r"^`sleep 600` did not end within 1 s\.$"):
        run(["sleep", "600"], seconds=1)


@pytest.mark.parametrize(
    ("run_it", "module", "failure"),
    [
        (reading.read, reading, reading.CommandTimedOut),
        (run, command, ApplyFailed),
    ],
)
def test_what_a_command_leaves_behind_holds_nobody_up(
    run_it: Callable[..., object],
    module: object,
    failure: type[Exception],
    left: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_DYING_SECONDS", 0.2)
    with pytest.raises(failure, match="did not end within 1 s"):
        run_it(["sh", "-c", left], seconds=1)
