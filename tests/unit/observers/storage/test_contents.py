"""What a copy of a folder takes: no holes, hard links once, and counted up to a limit."""

import os
from pathlib import Path

from ansible_collections.dockwright.host.plugins.module_utils.observers.storage.contents import (
    observe_contents,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    ContentsObserved,
)

MEBIBYTE = 1024 * 1024


def test_files_take_whole_blocks_and_links_nothing(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x")
    (tmp_path / "two").write_bytes(b"x" * 4097)
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("one")
    assert observe_contents(str(tmp_path)) == ContentsObserved(size=3 * 4096, entries=4, folders=0)


def test_a_hole_takes_nothing(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.write(b"x" * MEBIBYTE)
        file.truncate(100 * MEBIBYTE)
        file.seek(50 * MEBIBYTE)
        file.write(b"x" * MEBIBYTE)
        os.fsync(file.fileno())
    found = observe_contents(str(tmp_path))
    assert 2 * MEBIBYTE <= found.size < 4 * MEBIBYTE


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * MEBIBYTE)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert observe_contents(str(tmp_path)) == ContentsObserved(size=MEBIBYTE, entries=2, folders=0)


def test_folders_below_are_counted_and_a_link_to_one_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "top" / "below").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "big").write_bytes(b"x" * MEBIBYTE)
    (tmp_path / "top" / "below" / "one").write_bytes(b"x")
    (tmp_path / "top" / "link").symlink_to("../elsewhere")
    found = observe_contents(str(tmp_path / "top"))
    assert (found.entries, found.folders) == (3, 1)
    assert found.size < MEBIBYTE


def test_a_bound_ends_the_count(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).write_bytes(b"x")
    assert observe_contents(str(tmp_path), most=5) == ContentsObserved(
        size=5 * 4096, entries=5, folders=0, is_whole=False
    )
    assert observe_contents(str(tmp_path), most=None).is_whole
