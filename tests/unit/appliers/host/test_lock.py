"""Only one run at a time may change a host."""

import os
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.lock import run_lock


def test_a_second_run_says_whose_the_first_is(tmp_path: Path) -> None:
    path = str(tmp_path / "run" / "lock")
    with (
        run_lock("docker_engine", path),
        pytest.raises(ApplyFailed, match=rf"docker_engine, process {os.getpid()}, .* since"),
        run_lock("docker_activation", path),
    ):
        pass


def test_the_lock_is_free_again_whatever_ended_the_holder(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with pytest.raises(RuntimeError), run_lock("docker_engine", path):
        raise RuntimeError
    with run_lock("docker_activation", path):
        assert "docker_activation" in Path(path).read_text()


@pytest.mark.usefixtures("narrow_umask")
def test_what_lies_beside_the_lock_can_be_reached_whatever_roots_umask(tmp_path: Path) -> None:
    with run_lock("docker_engine", str(tmp_path / "run" / "lock")):
        assert (tmp_path / "run").stat().st_mode & 0o777 == 0o755


def test_a_run_waits_until_the_other_has_ended_and_says_for_whom(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    told: list[str] = []
    begun = threading.Event()

    def first() -> None:
        with run_lock("docker_engine", path):
            begun.set()
            time.sleep(1)

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    with run_lock("docker_activation", path, 30, told.append) as waited:
        assert waited.startswith("Waited 1 s for another Dockwright run on this host to end: ")
        assert f"docker_engine, process {os.getpid()}, " in waited
        assert "docker_activation" in Path(path).read_text()
    thread.join()
    (said,) = told
    assert said.startswith("Waiting up to 30 s for another Dockwright run to end: docker_engine")


def test_a_run_that_has_waited_in_vain_says_for_whom_and_how_long(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with (
        run_lock("docker_engine", path),
        pytest.raises(ApplyFailed, match=r"docker_engine, .* waited 1 s for it, as docker_activat"),
        run_lock("docker_activation", path, 1),
    ):
        pass


def test_who_has_ended_leaves_no_words_that_the_next_could_be_taken_by(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with run_lock("docker_engine", path) as waited:
        assert waited == ""
    assert Path(path).read_text() == ""
