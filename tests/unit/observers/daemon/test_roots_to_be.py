"""Data-roots under several names, and what a daemon with userns-remap tells of its own."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.data_root import (
    as_spelt,
    base_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.roots_to_be import (
    observe_root_to_be,
    root_of_stopped,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data-root with three images, under its own name and behind a link."""
    content = tmp_path / "real" / "image" / "overlay2" / "imagedb" / "content" / "sha256"
    content.mkdir(parents=True)
    for name in ("one", "two", "three"):
        (content / name).touch()
    (tmp_path / "link").symlink_to("real")
    return tmp_path / "real"


def remapped(root: Path, images: int) -> Path:
    folder = root / "100000.100000"
    content = folder / "image" / "overlay2" / "imagedb" / "content" / "sha256"
    content.mkdir(parents=True)
    for number in range(images):
        (content / str(number)).touch()
    return folder


def test_a_link_is_spelt_as_the_configuration_does(root: Path) -> None:
    link = str(root.parent / "link")
    assert as_spelt(str(root), link) == link
    assert as_spelt("/elsewhere", link) == "/elsewhere"


def test_so_is_the_folder_of_a_remapped_root_in_what_a_link_leads_to(root: Path) -> None:
    link = str(root.parent / "link")
    assert as_spelt(str(remapped(root, 1)), link) == link + "/100000.100000"
    assert as_spelt("/elsewhere/100000.100000", link) == "/elsewhere/100000.100000"


def test_a_folder_that_is_named_otherwise_is_no_remapped_root() -> None:
    assert base_of("/var/lib/docker/100000.100000/") == "/var/lib/docker"
    assert base_of("/var/lib/docker") == "/var/lib/docker"
    assert base_of("/srv/28.5") == "/srv"
    assert base_of("/100000.100000") == "/100000.100000"


def test_the_present_root_is_known_by_any_of_its_names(root: Path) -> None:
    link = str(root.parent / "link")
    for name in (str(root), link):
        for present in (str(root), link, str(root / "100000.100000")):
            assert observe_root_to_be(name, present).is_present, (name, present)
    assert not observe_root_to_be(str(root), str(root.parent)).is_present
    assert not observe_root_to_be("/not/there", "/not/there/either").is_present


def test_what_lies_in_a_root_is_counted_with_its_remapped_folders_apart(root: Path) -> None:
    remapped(root, 2)
    seen = observe_root_to_be(str(root), "/var/lib/docker")
    assert seen.contents.images == {"overlay2": 3}
    assert [each.images for each in seen.remapped] == [{"overlay2": 2}]


def test_a_stopped_daemon_has_what_it_has_where_its_next_start_looks(root: Path) -> None:
    assert root_of_stopped(str(root), {"userns-remap": "default"}) == str(root)
    folder = str(remapped(root, 2))
    assert root_of_stopped(str(root), {"userns-remap": "default"}) == folder
    assert root_of_stopped(str(root), {}) == str(root)
