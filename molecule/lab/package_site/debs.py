"""Pack Docker's debs, and lay out and sign their repository."""

import gzip
import hashlib
import lzma
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from pathlib import Path

from .catalogue import DebFamily, DockerPackage, containerd_floor
from .commands import run
from .contents import link_tree
from .engines import EngineSet
from .manifest import NOTE
from .scripts import deb_scripts
from .signing import Signer

MAINTAINER = "Dockwright lab <lab@dockwright.invalid>"


def pack_deb(
    package: DockerPackage,
    engine: EngineSet,
    family: DebFamily,
    tree: Path,
    target: Path,
    architecture: str,
) -> Path:
    """Make one deb from a laid-out tree, which gets its DEBIAN folder."""
    version = family.version(package, engine.upstream(package))
    control = tree / "DEBIAN"
    control.mkdir(mode=0o755)
    fields = {
        "Package": package.name,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": MAINTAINER,
        "Section": "admin",
        "Priority": "optional",
        "Installed-Size": str(_kibibytes(tree)),
        **_relations(package, engine),
        "Description": f"{package.summary}\n {NOTE}",
    }
    _write(control / "control", "".join(f"{key}: {value}\n" for key, value in fields.items()))
    if package.configuration:
        _write(control / "conffiles", "".join(f"/{path}\n" for path in package.configuration))
    for name, text in deb_scripts(package.services, package.group).items():
        _write(control / name, text, 0o755)
    deb = target / deb_name(package, engine, family, architecture)
    run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", tree, deb])
    return deb


def deb_name(
    package: DockerPackage, engine: EngineSet, family: DebFamily, architecture: str
) -> str:
    """Give the file name of a deb, which does not have the version's epoch."""
    version = family.version(package, engine.upstream(package)).split(":", 1)[-1]
    return f"{package.name}_{version}_{architecture}.deb"


def publish_debs(
    channels: Mapping[str, Path],
    linux: Path,
    family: DebFamily,
    signer: Signer,
    architecture: str,
) -> None:
    """Lay out and sign a repository as Docker does, with a component for each channel."""
    root = linux / family.distribution
    suite = root / "dists" / family.suite
    for channel, debs in channels.items():
        pool = Path("dists", family.suite, "pool", channel, architecture)
        link_tree(debs, root / pool)
        indexes = suite / channel / f"binary-{architecture}"
        indexes.mkdir(parents=True)
        packages = run(["apt-ftparchive", "packages", pool], cwd=root).encode()
        (indexes / "Packages").write_bytes(packages)
        (indexes / "Packages.gz").write_bytes(gzip.compress(packages, mtime=0))
        (indexes / "Packages.xz").write_bytes(lzma.compress(packages, preset=1))
    release = _release(suite, family, architecture, list(channels))
    (suite / "Release").write_text(release, encoding="utf-8")
    signer.sign_clear(suite / "Release", suite / "InRelease")
    signer.sign_detached(suite / "Release", suite / "Release.gpg")
    (root / "gpg").write_bytes(signer.public_key)


def _relations(package: DockerPackage, engine: EngineSet) -> dict[str, str]:
    relations = {
        key: value.format(containerd=containerd_floor(engine.version))
        for key, value in package.deb.items()
    }
    depends = [*engine.libraries[package.name], *filter(None, [relations.get("Depends")])]
    if depends:
        relations["Depends"] = ", ".join(depends)
    return relations


def _release(suite: Path, family: DebFamily, architecture: str, channels: Sequence[str]) -> str:
    lines = [
        "Origin: Docker",
        "Label: Docker CE",
        f"Suite: {family.suite}",
        f"Codename: {family.suite}",
        f"Architectures: {architecture}",
        f"Components: {' '.join(channels)}",
        f"Date: {formatdate(usegmt=True)}",
        f"Description: {NOTE}",
        "SHA256:",
    ]
    for path in sorted(suite.glob("*/binary-*/Packages*")):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f" {digest} {len(content)} {path.relative_to(suite)}")
    return "\n".join(lines) + "\n"


def _kibibytes(tree: Path) -> int:
    return sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()) // 1024


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
