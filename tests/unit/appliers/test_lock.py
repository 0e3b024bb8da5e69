"""One run at a time a host."""

import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.appliers.lock import run_lock


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
