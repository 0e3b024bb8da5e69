"""A file whose filesystem allocates nothing is named, with what to declare."""

import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.storage.allocation import (
    allocate,
)

MEBIBYTE = 1024 * 1024
SPARSE = r"does not allocate it beforehand; set docker_storage_allocation to sparse"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "volume"
    path.touch()
    os.truncate(path, MEBIBYTE)
    return path


def test_one_that_answers_and_does_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No filesystem of the tests is like ZFS.
    monkeypatch.setattr(command, "run", lambda *_: "")
    with pytest.raises(ApplyFailed, match=SPARSE):
        allocate(str(file), MEBIBYTE)


def test_one_that_knows_no_such_call(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(argv: list[str]) -> str:
        raise ApplyFailed(f"`{argv[0]}` ended with 1: fallocate failed: Operation not supported")

    monkeypatch.setattr(command, "run", refuse)
    with pytest.raises(ApplyFailed, match=SPARSE):
        allocate(str(file), MEBIBYTE)


def test_any_other_failure_is_told_as_it_is(file: Path) -> None:
    with pytest.raises(ApplyFailed, match=r"No space left on device|File too large"):
        allocate(str(file), 1 << 62)
