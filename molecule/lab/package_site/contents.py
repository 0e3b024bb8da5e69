"""Unpack Debian's packages, and lay their files out as in Docker's packages."""

import os
import shutil
from pathlib import Path

from .catalogue import DockerPackage
from .commands import BuildFailed, run
from .debian import BinaryPackage
from .engines import EngineSet
from .units import WRITTEN_FILES


class Unpacked:
    """The contents of Debian's packages, each in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def unpack(self, package: BinaryPackage, deb: Path) -> None:
        """Unpack one package."""
        folder = self.folder(package)
        folder.mkdir(parents=True)
        run(["dpkg-deb", "--extract", deb, folder])

    def folder(self, package: BinaryPackage) -> Path:
        """Give the folder with its files."""
        return self._root / package.suite / package.name


def lay_out(package: DockerPackage, engine: EngineSet, unpacked: Unpacked, tree: Path) -> None:
    """Make the tree of one of Docker's packages, ready to be packed."""
    for target, file in package.files.items():
        _link(unpacked.folder(engine.source(file)) / file.path, tree / target, 0o755)
    for path in package.written:
        place = tree / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(WRITTEN_FILES[path], encoding="utf-8")
        place.chmod(0o644)
    source = engine.parts[package.versioned_by]
    documents = Path("usr/share/doc")
    licence = unpacked.folder(source) / documents / source.name / "copyright"
    _link(licence, tree / documents / package.name / "copyright", 0o644)
    for folder in (tree, *(path for path in tree.rglob("*") if path.is_dir())):
        folder.chmod(0o755)


def link_tree(source: Path, target: Path) -> None:
    """Make a second tree of the same files, which takes no space."""
    shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)


def _link(source: Path, target: Path, mode: int) -> None:
    if not source.is_file() or source.is_symlink():
        raise BuildFailed(f"{source}: expected a file there in Debian's package")
    target.parent.mkdir(parents=True, exist_ok=True)
    source.chmod(mode)
    os.link(source, target)
