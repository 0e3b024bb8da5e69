"""What a minimal CentOS has at hand from its own repositories, as far as the tests ask for it.

Stand-ins, all of them: small packages of the same names and relations. The one with content is
dnf's versionlock plugin, whose files are Debian's, and which the stand-in's image goes without.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from .commands import run, say

PLACE = Path("distribution", "el9")
PLUGIN_SOURCE = "dnf-plugins-core"

_PLUGIN_FILES = (
    "usr/lib/python3/dist-packages/dnf-plugins/versionlock.py",
    "etc/dnf/plugins/versionlock.conf",
    "etc/dnf/plugins/versionlock.list",
)
_DESCRIPTION = "A stand-in of the Dockwright lab, not the distribution's package."


@dataclass(frozen=True)
class StandIn:
    """One package: its relations as EL8 and older have them, and the files it brings."""

    name: str
    version: str
    relations: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Taken from the unpacked Debian package; without any, one program of the package's name."""


STAND_INS = (
    StandIn("python3-dnf-plugin-versionlock", "4.10.0", files=_PLUGIN_FILES),
    # As on EL8, where containerd.io takes runc's place and is no oci-runtime.
    StandIn("runc", "1.2.5", ("Provides: oci-runtime = 2",)),
    StandIn("podman", "5.4.0", ("Requires: oci-runtime",)),
    StandIn("docker-common", "1.13.1"),
    StandIn("docker-client", "1.13.1", ("Requires: docker-common",)),
    StandIn("docker", "1.13.1", ("Requires: docker-client", "Requires: docker-common")),
)


def publish_distribution(unpacked: Path, staging: Path, www: Path) -> None:
    """Make the packages and their repository; unsigned, as its `gpgcheck=0` says."""
    say(f"packing {len(STAND_INS)} stand-ins of the distribution")
    repository = www / PLACE
    repository.mkdir(parents=True)
    for stand_in in STAND_INS:
        _pack(stand_in, unpacked, staging / "distribution" / stand_in.name, repository)
    run(["createrepo_c", "--quiet", "--general-compress-type=gz", repository])


def _pack(stand_in: StandIn, unpacked: Path, workshop: Path, target: Path) -> None:
    tree = workshop / "tree"
    program = f"usr/bin/{stand_in.name}"
    for name in stand_in.files or (program,):
        place = tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if stand_in.files:
            shutil.copyfile(unpacked / name, place)
        else:
            place.write_text(f"#!/bin/sh\necho {stand_in.name} {stand_in.version}, a stand-in\n")
            place.chmod(0o755)
    spec = workshop / f"{stand_in.name}.spec"
    spec.write_text("\n".join(_spec(stand_in, tree)) + "\n", encoding="utf-8")
    argv = ["rpmbuild", "-bb", "--quiet", "--target", "noarch"]
    for definition in (f"_topdir {workshop}", f"_rpmdir {target}", "_rpmfilename %{NVRA}.rpm"):
        argv += ["--define", definition]
    run([*argv, spec])


def _spec(stand_in: StandIn, tree: Path) -> list[str]:
    lines = [
        "%global debug_package %{nil}",
        "%global __os_install_post %{nil}",
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
    ]
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        name = path.relative_to(tree).as_posix()
        lines.append(f"{'%config(noreplace) ' if name.startswith('etc/') else ''}/{name}")
    return lines
