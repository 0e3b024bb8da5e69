"""What a kernel has, and what its configuration says of it."""

import gzip
import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.kernel import filesystems

RELEASE = os.uname().release


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name, folder in (("PROC", "proc"), ("MODULES", "modules"), ("BOOT", "boot")):
        (tmp_path / folder).mkdir()
        monkeypatch.setattr(filesystems, name, str(tmp_path / folder))
    (tmp_path / "proc/filesystems").write_text("nodev\tproc\n\text4\n")
    return tmp_path


def test_a_filesystem_is_loaded_built_in_or_a_module(root: Path) -> None:
    assert filesystems.observe_filesystems() == ("ext4",)
    modules = root / "modules" / RELEASE
    modules.mkdir()
    (modules / "modules.dep").write_text(
        "kernel/fs/xfs/xfs.ko.zst: kernel/lib/libcrc32c.ko.zst\nkernel/fs/btrfs.ko/no.ko:\n"
    )
    assert filesystems.observe_filesystems() == ("xfs", "ext4")
    (modules / "modules.builtin").write_text("kernel/fs/btrfs/btrfs.ko\n")
    assert filesystems.observe_filesystems() == ("btrfs", "xfs", "ext4")


def test_a_kernel_with_xfs_says_itself_whether_it_has_quota(root: Path) -> None:
    (root / "boot" / f"config-{RELEASE}").write_text("CONFIG_XFS_QUOTA=y\n")
    assert filesystems.has_project_quota()
    (root / "proc/filesystems").write_text("\txfs\n")
    assert not filesystems.has_project_quota()
    (root / "proc/fs/xfs").mkdir(parents=True)
    (root / "proc/fs/xfs/xqmstat").touch()
    assert filesystems.has_project_quota()


@pytest.mark.parametrize("line", ["# CONFIG_XFS_QUOTA is not set\n", "CONFIG_XFS_QUOTA=yes\n", ""])
def test_a_configuration_without_the_line_has_no_quota(root: Path, line: str) -> None:
    (root / "boot" / f"config-{RELEASE}").write_text(line)
    assert not filesystems.has_project_quota()


def test_a_configuration_may_be_in_the_kernel(root: Path) -> None:
    assert not filesystems.has_project_quota()
    (root / "proc/config.gz").write_bytes(b"what")
    assert not filesystems.has_project_quota()
    (root / "proc/config.gz").write_bytes(gzip.compress(b"CONFIG_A=y\nCONFIG_XFS_QUOTA=y\n"))
    assert filesystems.has_project_quota()
