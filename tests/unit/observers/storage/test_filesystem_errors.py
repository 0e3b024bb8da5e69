"""Errors that a filesystem has counted."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage.filesystem_errors import (
    errors_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    MountObserved,
)

from tests.unit.observers.fake_sys import fake_sys

CLEAN = "write_errs 0\nread_errs 0\nflush_errs 0\ncorruption_errs 0\ngeneration_errs 0\n"


@pytest.fixture
def sys_fs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    fake_sys(monkeypatch, tmp_path / "sys", {"loop3": {"dev": "7:3"}, "loop4": {"dev": "7:4"}})
    return tmp_path / "sys" / "fs"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_ext4_has_a_number(sys_fs: Path) -> None:
    write(sys_fs / "ext4" / "loop3" / "errors_count", "2\n")
    # No kernel writes it like this (seen on Linux 6.18).
    write(sys_fs / "ext4" / "loop4" / "errors_count", "0\n\n")
    assert errors_of(MountObserved("/data", type="ext4", number="7:3")) == 2
    assert errors_of(MountObserved("/data", type="ext4", number="7:4")) == 0


def test_btrfs_has_several_for_each_device(sys_fs: Path) -> None:
    for uuid, device, stats in (
        ("mine", "loop3", CLEAN.replace("write_errs 0", "write_errs 4")),
        ("theirs", "loop4", CLEAN.replace("read_errs 0", "read_errs 7")),
    ):
        write(sys_fs / "btrfs" / uuid / "devices" / device, "")
        write(sys_fs / "btrfs" / uuid / "devinfo" / "1" / "error_stats", stats)
    assert errors_of(MountObserved("/data", type="btrfs", number="7:3")) == 4


@pytest.mark.usefixtures("sys_fs")
def test_others_count_none() -> None:
    assert errors_of(MountObserved("/data", type="xfs", number="7:3")) == 0
    assert errors_of(MountObserved("/data", type="tmpfs")) == 0
