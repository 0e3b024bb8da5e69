"""Pack Docker's rpms, and lay out and sign their repositories."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from .catalogue import DockerPackage, RpmFamily, containerd_floor
from .commands import BuildFailed, in_parallel, run
from .contents import link_tree
from .engines import EngineSet
from .manifest import NOTE
from .scripts import rpm_scripts
from .signing import Signer

# The names of an architecture for dpkg and for rpm.
RPM_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}

# Debian's binaries stay as they are: not stripped, linked, or searched for dependencies.
_PREAMBLE = """\
%global debug_package %{nil}
%global _build_id_links none
%global __os_install_post %{nil}
%global _binary_payload w3.zstdio
"""


def pack_rpm(
    package: DockerPackage,
    engine: EngineSet,
    family: RpmFamily,
    tree: Path,
    target: Path,
    architecture: str,
) -> Path:
    """Make one rpm, unsigned, from a laid-out tree."""
    workshop = target.parent / f"rpmbuild-{package.name}-{engine.suite}"
    workshop.mkdir(parents=True)
    spec = workshop / f"{package.name}.spec"
    spec.write_text("\n".join(_spec(package, engine, family, tree)) + "\n", encoding="utf-8")
    machine = RPM_ARCHITECTURES[architecture]
    argv = ["rpmbuild", "-bb", "--quiet", "--target", machine]
    for definition in (f"_topdir {workshop}", f"_rpmdir {target}", "_rpmfilename %{NVRA}.rpm"):
        argv += ["--define", definition]
    run([*argv, spec])
    shutil.rmtree(workshop)
    rpm = target / rpm_name(package, engine, family, architecture)
    if not rpm.is_file():
        raise BuildFailed(f"rpmbuild made no {rpm.name}")
    return rpm


def sign_rpms(unsigned: Path, signed: Path, signer: Signer) -> None:
    """Make signed copies of all rpms in a folder."""
    shutil.copytree(unsigned, signed)
    in_parallel(signer.sign_rpm, sorted(signed.iterdir()))


def rpm_name(
    package: DockerPackage, engine: EngineSet, family: RpmFamily, architecture: str
) -> str:
    """Give the file name of an rpm."""
    machine = RPM_ARCHITECTURES[architecture]
    return f"{package.name}-{engine.upstream(package)}-{family.release}.{machine}.rpm"


def publish_rpms(
    channels: Mapping[str, Path],
    linux: Path,
    family: RpmFamily,
    signer: Signer,
    architecture: str,
) -> None:
    """Lay out repositories of signed rpms as Docker does, and sign their metadata."""
    first, *others = (linux / distribution for distribution in family.distributions)
    place = Path(str(family.generation), RPM_ARCHITECTURES[architecture])
    for channel, rpms in channels.items():
        repository = first / place / channel
        link_tree(rpms, repository / "Packages")
        run(["createrepo_c", "--quiet", "--general-compress-type=gz", repository])
        metadata = repository / "repodata" / "repomd.xml"
        signer.sign_detached(metadata, metadata.with_name("repomd.xml.asc"))
    (first / "gpg").write_bytes(signer.public_key)
    for other in others:
        link_tree(first, other)


def _spec(
    package: DockerPackage, engine: EngineSet, family: RpmFamily, tree: Path
) -> Iterator[str]:
    yield _PREAMBLE
    yield f"Name: {package.name}"
    yield f"Version: {engine.upstream(package)}"
    yield f"Release: {family.release}"
    if package.rpm_epoch:
        yield f"Epoch: {package.rpm_epoch}"
    yield f"Summary: {package.summary}"
    yield "License: Apache-2.0"
    yield "URL: https://www.docker.com"
    yield "AutoReqProv: no"
    for relation in package.rpm:
        yield relation.format(containerd=containerd_floor(engine.version))
    yield f"%description\n{NOTE}"
    yield f"%install\ncp --archive --link {tree}/. %{{buildroot}}"
    for name, text in rpm_scripts(package.services, package.group).items():
        yield f"%{name}\n{text}"
    yield "%files\n%defattr(-,root,root,-)"
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        name = path.relative_to(tree).as_posix()
        yield f"{'%config(noreplace) ' if name in package.configuration else ''}/{name}"
