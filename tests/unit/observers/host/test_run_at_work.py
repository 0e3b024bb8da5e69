"""Who holds the host's lock by the kernel's word, whatever an earlier holder left in the file."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.host.run_at_work import (
    _holders,
    name_holder,
    observe_run_at_work,
)

HOLD = """
import fcntl, os, sys, time
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
if sys.argv[2] == "says":
    os.ftruncate(lock, 0)
    os.pwrite(lock, ("docker_engine, process %d, root" % os.getpid()).encode(), 0)
os.set_inheritable(lock, True)
if sys.argv[3] == "leaves a child" and os.fork():
    os._exit(0)
print("holds", flush=True)
time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def holders() -> Iterator[list[int]]:
    """Give a list for processes that are ended afterwards."""
    started: list[int] = []
    yield started
    for process in started:
        subprocess.run(["kill", "-9", str(process)], check=False, capture_output=True)


def hold(lock: Path, holders: list[int], says: str = "says", child: str = "stays") -> int:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock), says, child], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holds\n"
    holders.append(process.pid)
    if child == "leaves a child":
        process.wait()
        found = subprocess.run(
            ["pgrep", "-f", str(lock)], check=True, capture_output=True, text=True
        )
        holders.extend(int(each) for each in found.stdout.split())
    return process.pid


def test_without_a_lock_no_run_is_at_work(lock: Path) -> None:
    assert observe_run_at_work(str(lock)) == ""
    lock.write_text("docker_engine, process 1, root")
    assert observe_run_at_work(str(lock)) == ""


def test_the_holder_is_named_in_its_own_words(lock: Path, holders: list[int]) -> None:
    process = hold(lock, holders)
    assert observe_run_at_work(str(lock)) == f"docker_engine, process {process}, root"


def test_words_of_an_earlier_holder_are_not_taken_for_the_holders(
    lock: Path, holders: list[int]
) -> None:
    lock.write_text("docker_engine, process 1, root")
    process = hold(lock, holders, "says nothing")
    assert observe_run_at_work(str(lock)).startswith(f"process {process} (")


def test_a_child_of_a_run_that_was_killed_holds_its_lock(lock: Path, holders: list[int]) -> None:
    process = hold(lock, holders, child="leaves a child")
    assert observe_run_at_work(str(lock)) == f"docker_engine, process {process}, root"


def test_a_holder_that_was_killed_holds_nothing(lock: Path, holders: list[int]) -> None:
    process = hold(lock, holders)
    subprocess.run(["kill", "-9", str(process)], check=True)
    deadline = time.monotonic() + 10
    while observe_run_at_work(str(lock)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert lock.read_text()
    assert observe_run_at_work(str(lock)) == ""


def test_one_that_only_has_the_file_open_holds_nothing(lock: Path) -> None:
    lock.write_text("docker_engine, process 1, root")
    with lock.open():
        assert name_holder(str(lock)) == ""


def test_a_run_does_not_take_itself_for_another(lock: Path) -> None:
    lock.write_text(f"docker_engine, process {os.getpid()}, root")
    with lock.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert observe_run_at_work(str(lock)) == ""
        assert name_holder(str(lock)) == f"docker_engine, process {os.getpid()}, root"


def test_a_look_takes_no_lock(lock: Path) -> None:
    lock.write_text("docker_engine, process 1, root")
    with lock.open("r+") as file:
        observe_run_at_work(str(lock))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_lock_that_no_list_of_locks_shows_is_found_by_its_descriptor(
    lock: Path, holders: list[int]
) -> None:
    # In another PID namespace /proc/locks does not show a lock whose owner has ended.
    process = hold(lock, holders, child="leaves a child")
    status = lock.stat()
    found = _holders(str(lock), (status.st_dev, status.st_ino))
    assert list(found) == [each for each in holders if each != process]
    assert set(found.values()) <= {0, process}
