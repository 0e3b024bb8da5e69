"""The wheel holds the whole collection, and one version goes through all of it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import dockwright

ROOT = Path(__file__).parents[2]
INSIDE = "ansible_collections/dockwright/host/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT],
        check=True,
    )
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def tracked(*folders: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(listed.stdout.split())


def test_the_wheel_holds_the_collection(wheel: zipfile.ZipFile) -> None:
    expected = tracked("galaxy.yml", "meta", "playbooks", "plugins", "roles")
    found = {name[len(INSIDE) :] for name in wheel.namelist() if name.startswith(INSIDE)}
    assert expected
    assert found == expected


def test_the_wheel_holds_the_python_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}
    assert top == {
        "ansible_collections",
        "dockwright",
        f"dockwright-{dockwright.__version__}.dist-info",
    }


def test_collection_and_package_have_one_version() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == dockwright.__version__


def test_the_collection_needs_nothing_from_galaxy() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["dependencies"] == {}
    assert not list(ROOT.glob("**/requirements.yml"))


def test_the_checkout_is_its_own_collection() -> None:
    links = ROOT / ".collections" / "ansible_collections" / "dockwright" / "host"
    for name in ("galaxy.yml", "meta", "playbooks", "plugins", "roles"):
        assert (links / name).resolve() == ROOT / name
