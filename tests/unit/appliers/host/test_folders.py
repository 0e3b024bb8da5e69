"""Every new folder can be read by those who need it, whatever root's umask is."""

import ast
import subprocess
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import folders
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.folders import (
    make_folder,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.lock import run_lock

APPLIERS = Path(folders.__file__).parent


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.usefixtures("narrow_umask")
def test_a_folder_and_those_above_it_are_open(tmp_path: Path) -> None:
    make_folder(str(tmp_path / "one" / "two"))
    assert mode_of(tmp_path / "one") == mode_of(tmp_path / "one" / "two") == 0o755


@pytest.mark.usefixtures("narrow_umask")
def test_a_folder_of_secrets_is_narrow_and_those_above_it_are_open(tmp_path: Path) -> None:
    make_folder(str(tmp_path / "one" / "two"), 0o700)
    assert (mode_of(tmp_path / "one"), mode_of(tmp_path / "one" / "two")) == (0o755, 0o700)


def test_a_folder_that_an_administrator_has_narrowed_stays_narrow(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir(0o700)
    make_folder(str(tmp_path / "one"))
    make_folder(str(tmp_path / "one" / "two"))
    assert (mode_of(tmp_path / "one"), mode_of(tmp_path / "one" / "two")) == (0o700, 0o755)


def test_what_is_no_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        make_folder(str(tmp_path / "one" / "two"))


@pytest.mark.usefixtures("narrow_umask")
def test_what_a_command_makes_during_a_run_is_open(tmp_path: Path) -> None:
    with run_lock("docker_engine", str(tmp_path / "run" / "lock")):
        subprocess.run(["mkdir", str(tmp_path / "made")], check=True)
    assert mode_of(tmp_path / "made") == 0o755
    (tmp_path / "after").mkdir()
    assert mode_of(tmp_path / "after") == 0o700, "root's own umask came back"


def test_no_applier_makes_a_folder_in_another_way() -> None:
    others = []
    for path in sorted(APPLIERS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Attribute) and node.attr in ("mkdir", "makedirs")
            if named and path.name != "folders.py":
                others.append(path.name)
    assert others == []
