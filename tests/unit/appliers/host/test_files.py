"""A file is written whole, or not at all."""

import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.files import write
from ansible_collections.dockwright.host.plugins.module_utils.observers.host.files import (
    observe_file,
)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="files become root's")


@needs_root
def test_a_file_takes_its_name_with_mode_and_owner_set(tmp_path: Path) -> None:
    path = tmp_path / "new" / "docker.sources"
    write(str(path), "Types: deb\n")
    seen = observe_file(str(path))
    assert (seen.kind, seen.text, seen.mode, seen.owner) == ("file", "Types: deb\n", 0o644, 0)
    assert os.listdir(path.parent) == ["docker.sources"]  # noqa: PTH208 - dot files count


@needs_root
def test_a_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("somebody's")
    link = tmp_path / "docker.asc"
    link.symlink_to(target)
    assert observe_file(str(link)).kind == "link"
    write(str(link), "ours\n")
    assert (observe_file(str(link)).kind, target.read_text()) == ("file", "somebody's")


@needs_root
def test_a_folder_in_the_way_is_an_error_that_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "docker.sources" / "inside").mkdir(parents=True)
    with pytest.raises(ApplyFailed, match=r"docker\.sources could not be written"):
        write(str(tmp_path / "docker.sources"), "text\n")
    assert [path.name for path in tmp_path.iterdir()] == ["docker.sources"]


def test_what_is_not_there_is_absent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert observe_file(str(tmp_path / "none")).kind == "absent"
    assert observe_file(str(tmp_path / "file" / "below")).kind == "absent"


def test_a_foreign_byte_is_kept_apart_from_every_text(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"Types: deb\xff\n")
    assert observe_file(str(tmp_path / "file")).text != "Types: deb\n"


def test_a_file_too_large_to_be_ours_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * (1024 * 1024 + 1))
    seen = observe_file(str(tmp_path / "file"))
    assert (seen.text, seen.unreadable) == ("", "it is larger than 1048576 bytes")
