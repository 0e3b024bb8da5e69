"""A unit as systemd and /proc show it, with this process in place of the unit's."""

import os
import subprocess
import sys
import time

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.observers.units import units
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    UnitObserved,
)

SHOWN = """\
MainPID={pid}
Id=docker.service
LoadState=loaded
ActiveState=active
SubState=running
FragmentPath=/usr/lib/systemd/system/docker.service
UnitFileState=enabled
InvocationID=0123456789abcdef0123456789abcdef
NeedDaemonReload={reload}
"""


def observe(monkeypatch: pytest.MonkeyPatch, pid: int, reload: str = "no") -> UnitObserved:
    output = command.Output(0, SHOWN.format(pid=pid, reload=reload), "")
    monkeypatch.setattr(command, "read", lambda _argv: output)
    return units.observe_units(["docker.service"])["docker.service"]


def test_systemctl_show_gives_a_block_a_unit() -> None:
    text = (
        "MainPID=41\nId=docker.service\nLoadState=loaded\nActiveState=active\n"
        "FragmentPath=/usr/lib/systemd/system/docker.service\nUnitFileState=enabled\n"
        "\n"
        "Id=docker.socket\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n"
    )
    docker, socket = units.parse_show(text)
    assert (docker["MainPID"], docker["UnitFileState"]) == ("41", "enabled")
    assert (socket["LoadState"], socket["UnitFileState"]) == ("not-found", "")


def test_a_running_unit_has_its_process_s_arguments_and_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    argv = [sys.executable, "-c", "input()", "", "a b"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
        # Until it runs the program, it has another command line.
        deadline = time.monotonic() + 10
        unit = observe(monkeypatch, process.pid)
        while unit.arguments != tuple(argv) and time.monotonic() < deadline:
            unit = observe(monkeypatch, process.pid)
        process.communicate(b"\n")
    assert unit.arguments == tuple(argv)
    assert abs(unit.started - time.time()) < 60
    assert unit.main_program == os.path.realpath(sys.executable)
    assert (unit.invocation, unit.sub_state) == ("0123456789abcdef0123456789abcdef", "running")
    assert (unit.program_replaced, unit.needs_daemon_reload) == (False, False)


def test_a_unit_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = observe(monkeypatch, 0, "yes")
    assert (unit.arguments, unit.started, unit.main_program) == ((), 0.0, "")
    assert unit.needs_daemon_reload


def test_a_process_that_has_just_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    unit = observe(monkeypatch, process.pid)
    assert (unit.arguments, unit.started, unit.main_program) == ((), 0.0, "")


def test_systemd_must_answer_for_every_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    output = command.Output(0, SHOWN.format(pid=0, reload="no"), "")
    monkeypatch.setattr(command, "read", lambda _argv: output)
    with pytest.raises(command.CommandFailed, match="answered for 1 of 2 units"):
        units.observe_units(["docker.service", "docker.socket"])
    failed = command.Output(1, "", "Failed to connect to bus\n")
    monkeypatch.setattr(command, "read", lambda _argv: failed)
    with pytest.raises(command.CommandFailed, match="systemctl show: Failed to connect to bus"):
        units.observe_units(["docker.service"])


def test_a_silent_systemd_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def silent(argv: list[str]) -> command.Output:
        asked.append(argv)
        raise command.CommandTimedOut("systemctl did not end within 60 s")

    monkeypatch.setattr(command, "read", silent)
    with pytest.raises(command.CommandFailed):
        units.observe_units(["docker.service"])
    assert len(asked) == 1
