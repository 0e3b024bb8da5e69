"""Rooms stay small: a newcomer reads a folder's list and a file's length at a glance."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_FILES, MOST_LINES = 12, 400


def test_no_folder_of_a_layer_is_crowded() -> None:
    layers = ROOT / "plugins" / "module_utils"
    folders = [layers, *(path for path in layers.rglob("*") if path.is_dir())]
    for folder in folders:
        files = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(files) <= MOST_FILES, f"{folder.relative_to(ROOT)} has {len(files)} files"


def test_no_file_of_the_plugins_is_long() -> None:
    for path in (ROOT / "plugins").rglob("*.py"):
        lines = path.read_text().count("\n")
        assert lines <= MOST_LINES, f"{path.relative_to(ROOT)} has {lines} lines: it is two files"
