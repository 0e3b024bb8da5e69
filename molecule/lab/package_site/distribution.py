"""The packages of a minimal CentOS's own repositories, as far as the tests need them.

All are stand-ins: small packages of the same names and relations. Those with contents have Debian's
files: dnf's versionlock plugin, which the stand-in's image lacks, and the tools of filesystems with
their libraries.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .commands import run, say

PLACE = Path("distribution", "el9")

_PLUGIN_FILES = (
    "usr/lib/python3/dist-packages/dnf-plugins/versionlock.py",
    "etc/dnf/plugins/versionlock.conf",
    "etc/dnf/plugins/versionlock.list",
)
_DESCRIPTION = "A stand-in of the Dockwright lab, not the distribution's package."


@dataclass(frozen=True)
class StandIn:
    """One package: its relations as in EL8 and older, and its files."""

    name: str
    version: str
    relations: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Debian's packages whose files it brings; without any, it has one program of its own name."""
    files: tuple[str, ...] = ("usr/bin", "usr/sbin", "usr/lib/*-linux-gnu", "etc/*.conf")
    """The files and folders that are taken from those."""


STAND_INS = (
    StandIn(
        "python3-dnf-plugin-versionlock",
        "4.10.0",
        sources=("dnf-plugins-core",),
        files=_PLUGIN_FILES,
    ),
    StandIn("xfsprogs", "6.4.0", sources=("xfsprogs", "libinih1", "liburcu8t64")),
    StandIn("e2fsprogs", "1.46.5", sources=("e2fsprogs", "libext2fs2t64", "libss2")),
    # As on EL8, where containerd.io takes runc's place and is no oci-runtime.
    StandIn("runc", "1.2.5", ("Provides: oci-runtime = 2",)),
    StandIn("podman", "5.4.0", ("Requires: oci-runtime",)),
    StandIn("docker-common", "1.13.1"),
    StandIn("docker-client", "1.13.1", ("Requires: docker-common",)),
    StandIn("docker", "1.13.1", ("Requires: docker-client", "Requires: docker-common")),
)


def sources() -> tuple[str, ...]:
    """Name the packages of Debian of which the stand-ins are made."""
    return tuple(name for stand_in in STAND_INS for name in stand_in.sources)


def publish_distribution(unpacked: Mapping[str, Path], staging: Path, www: Path) -> None:
    """Make the packages and their repository, which is unsigned, as its `gpgcheck=0` says."""
    say(f"packing {len(STAND_INS)} stand-ins of the distribution")
    repository = www / PLACE
    repository.mkdir(parents=True)
    for stand_in in STAND_INS:
        _pack(stand_in, unpacked, staging / "distribution" / stand_in.name, repository)
    run(["createrepo_c", "--quiet", "--general-compress-type=gz", repository])


def _pack(stand_in: StandIn, unpacked: Mapping[str, Path], workshop: Path, target: Path) -> None:
    tree = workshop / "tree"
    for source in (unpacked[name] for name in stand_in.sources):
        for path in (path for pattern in stand_in.files for path in source.glob(pattern)):
            place = tree / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy(path, place)
    if not stand_in.sources:
        program = tree / "usr/bin" / stand_in.name
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {stand_in.name} {stand_in.version}, a stand-in\n")
        program.chmod(0o755)
    spec = workshop / f"{stand_in.name}.spec"
    spec.write_text("\n".join(_spec(stand_in, tree)) + "\n", encoding="utf-8")
    argv = ["rpmbuild", "-bb", "--quiet", "--target", "noarch"]
    for definition in (f"_topdir {workshop}", f"_rpmdir {target}", "_rpmfilename %{NVRA}.rpm"):
        argv += ["--define", definition]
    run([*argv, spec])


def _spec(stand_in: StandIn, tree: Path) -> Iterator[str]:
    yield from (
        "%global debug_package %{nil}",
        "%global __os_install_post %{nil}",
        "%global _binaries_in_noarch_packages_terminate_build 0",
        f"Name: {stand_in.name}",
        f"Version: {stand_in.version}",
        "Release: 60.el9",
        f"Summary: Stand-in for {stand_in.name}",
        "License: GPL-3.0-or-later",
        "BuildArch: noarch",
        "AutoReqProv: no",
        *stand_in.relations,
        f"%description\n{_DESCRIPTION}",
        f"%install\ncp --archive {tree}/. %{{buildroot}}",
        "%files\n%defattr(-,root,root,-)",
    )
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        name = path.relative_to(tree).as_posix()
        yield f"{'%config(noreplace) ' if name.startswith('etc/') else ''}/{name}"
