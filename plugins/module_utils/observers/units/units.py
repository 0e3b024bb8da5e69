# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask systemd about units, and /proc about the programs they run. Nothing is woken."""

import os
import re
import time
from typing import Dict, List, Mapping, Sequence, Tuple

from ...words.observations.host import UnitObserved
from ..host import command

_PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,MainPID,InvocationID,"
    "NeedDaemonReload,ExecStart,Job,KillMode,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo"
)
# The units that require, are bound to or are part of a unit stop and restart with it
# (systemd.unit(5)).
_STOPPED_WITH = ("RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo")
_TIES = ",".join(_STOPPED_WITH)
_LOOKS, _PAUSE = 4, 0.5
# Unit folders of an administrator, and those that last until a reboot (systemd.unit(5)).
_MASK_FOLDERS = ("/etc/systemd/system", "/run/systemd/system")


def observe_units(names: Sequence[str]) -> Dict[str, UnitObserved]:
    """Give each named unit as systemd has it; a request that fails is repeated.

    :raises CommandFailed: where systemd does not answer.
    """
    for _look in range(_LOOKS - 1):
        try:
            return _observe_units(names)
        except (command.CommandNotFound, command.CommandTimedOut):
            raise
        except command.CommandFailed:
            # systemd may be about to execute itself anew (systemctl(1), daemon-reexec).
            time.sleep(_PAUSE)
    return _observe_units(names)


def _observe_units(names: Sequence[str]) -> Dict[str, UnitObserved]:
    blocks = show(names, _PROPERTIES)
    ties = {name: _tied(block) for name, block in blocks.items()}
    return {name: _unit(name, block, _stop_with(name, ties)) for name, block in blocks.items()}


def _tied(properties: Mapping[str, str]) -> Tuple[str, ...]:
    found = [unit for name in _STOPPED_WITH for unit in properties.get(name, "").split()]
    return tuple(dict.fromkeys(found))


def _stop_with(name: str, ties: Dict[str, Tuple[str, ...]]) -> Tuple[str, ...]:
    """Name the units that stop with one, directly or through others; ask systemd for new ones."""
    reached: List[str] = []
    following = list(ties[name])
    while following:
        reached.extend(following)
        unknown = [each for each in following if each not in ties]
        if unknown:
            ties.update((unit, _tied(each)) for unit, each in show(unknown, _TIES).items())
        next_ones = dict.fromkeys(unit for each in following for unit in ties[each])
        following = [unit for unit in next_ones if unit not in reached and unit != name]
    return tuple(reached)


def show(names: Sequence[str], properties: str) -> Dict[str, Dict[str, str]]:
    """Give each named unit's properties, in the words of ``systemctl show``.

    :raises CommandFailed: where systemd does not answer.
    """
    output = command.read(["systemctl", "show", "--property=" + properties] + list(names))
    if output.status:
        raise command.CommandFailed("systemctl show: %s" % output.stderr.strip())
    blocks = parse_show(output.stdout)
    if len(blocks) != len(names):
        raise command.CommandFailed(
            "systemctl show answered for %d of %d units" % (len(blocks), len(names))
        )
    return dict(zip(names, blocks))


def parse_show(text: str) -> Tuple[Dict[str, str], ...]:
    """Read blocks of KEY=VALUE lines, one block a unit, with an empty line between blocks."""
    blocks = [block for block in text.strip().split("\n\n") if block.strip()]
    return tuple(
        dict(line.partition("=")[::2] for line in block.strip().splitlines()) for block in blocks
    )


def find_mask(name: str) -> str:
    """Give the path of the link to /dev/null that masks a unit; empty if it is not masked."""
    for folder in _MASK_FOLDERS:
        path = os.path.join(folder, name)
        try:
            if os.readlink(path) == "/dev/null":
                return path
        except OSError:
            continue
    return ""


def _unit(name: str, properties: Dict[str, str], stop_with_it: Tuple[str, ...]) -> UnitObserved:
    pid = int(properties.get("MainPID") or 0)
    program, replaced = _program(pid)
    starts, start_arguments = _starts(properties.get("ExecStart", ""))
    return UnitObserved(
        load_state=properties.get("LoadState", ""),
        active_state=properties.get("ActiveState", ""),
        unit_file_state=properties.get("UnitFileState", ""),
        main_program=program,
        program_replaced=replaced,
        mask_path=find_mask(name),
        sub_state=properties.get("SubState", ""),
        invocation=properties.get("InvocationID", ""),
        needs_daemon_reload=properties.get("NeedDaemonReload") == "yes",
        arguments=_arguments(pid),
        started=_started(pid),
        main_pid=pid,
        starts=starts,
        job="" if properties.get("Job") == "0" else properties.get("Job", ""),
        start_arguments=start_arguments,
        stops_with_it=stop_with_it,
        kill_mode=properties.get("KillMode", ""),
    )


def _starts(told: str) -> Tuple[str, Tuple[str, ...]]:
    """Read program and words in "{ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H ... ; ... }".

    Words with blanks in them appear without quotes.
    """
    found = re.match(r"\{ path=(.*?) ; argv\[\]=(.*?) ; ignore_errors=", told)
    return (found.group(1), tuple(found.group(2).split()[1:])) if found else ("", ())


def _arguments(pid: int) -> Tuple[str, ...]:
    """Give a process's command line (proc(5))."""
    if not pid:
        return ()
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
    except OSError:
        return ()
    return tuple(text.split("\0")[:-1])


def _started(pid: int) -> float:
    """Give the time at which a process began, in seconds since the epoch (proc(5))."""
    if not pid:
        return 0.0
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            # The name, in parentheses, may hold blanks; the 22nd field is the 20th after it.
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        with open("/proc/stat", "rb") as file:
            booted = next(int(line.split()[1]) for line in file if line.startswith(b"btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return 0.0
    return booted + ticks / float(os.sysconf("SC_CLK_TCK"))


def _program(pid: int) -> Tuple[str, bool]:
    """Give a process's program, and whether the file of that name has been replaced."""
    if not pid:
        return "", False
    executable = "/proc/%d/exe" % pid
    try:
        # proc(5): the kernel appends " (deleted)" once the file was replaced or removed.
        program = os.readlink(executable)
        deleted = program.endswith(" (deleted)")
        program = program[: -len(" (deleted)")] if deleted else program
        running = os.stat(executable)
        on_disk = os.stat(program)
    except FileNotFoundError:
        # Either the process has ended meanwhile, or its file is gone.
        return _gone(executable)
    return program, (running.st_dev, running.st_ino) != (on_disk.st_dev, on_disk.st_ino)


def _gone(executable: str) -> Tuple[str, bool]:
    try:
        return os.readlink(executable).replace(" (deleted)", ""), True
    except OSError:
        return "", False
