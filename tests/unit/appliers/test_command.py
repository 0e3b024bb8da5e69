"""A command that gets on is never ended, however long it takes; one that is stuck is."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
    run,
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and give up soon."""
    monkeypatch.setattr(command, "STILL", 0.6)
    monkeypatch.setattr(command, "_PAUSE", 0.05)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "work",
    [
        "head -c 1000 /dev/zero > /dev/null; sleep 0.2",
        # What is at work is not the command itself, but what it has started.
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
