# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge the files that daemon.json names by what was observed, or leave them unjudged.

A file that this run may still bring is not judged: it may come with a package that is not installed
yet, or with a filesystem that docker_storage is still to mount.
"""

from typing import Dict

from ...words.declarations.daemon import DaemonDeclaration
from ...words.observations.docker.named_files import NamedFileObserved, NamedFilesObserved
from ...words.observations.host import Observation, PackageObserved
from ...words.observations.storage import MountObserved
from ..storage.units import is_under
from .circumstances import Circumstances

# The programs in Docker's own packages, and their folders.
_BROUGHT = {
    "containerd-shim-runc-v2": "containerd.io",
    "docker-init": "docker-ce",
    "docker-proxy": "docker-ce",
    "runc": "containerd.io",
}
_FOLDERS = ("", "/bin", "/usr/bin", "/usr/libexec/docker", "/usr/sbin")
_OF_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def judged(declaration: DaemonDeclaration, observed: Observation) -> NamedFilesObserved:
    """Give what was observed of the files that can be judged already."""
    files: Dict[str, NamedFileObserved] = {}
    for name, file in observed.named_files.files.items():
        if not _may_come(name, declaration, observed) and not _is_searched_elsewhere(
            name, observed
        ):
            files[name] = file
    return observed.named_files._replace(files=files)


def why_no_program(name: str, known: Circumstances) -> str:
    """Say why a file cannot be run as a program; empty where it can, or nobody knows."""
    file = known.named_files.files.get(name)
    if file is None:
        return ""
    is_missed = "/" not in name and file.found.rpartition("/")[0] not in _OF_PATH
    if file.kind == "absent" or is_missed:
        return _nowhere(name)
    if file.kind != "file":
        return "it is a directory" if file.kind == "directory" else "it is no regular file"
    return "" if file.executable else "it is not executable"


def why_no_file(name: str, known: Circumstances) -> str:
    """Say why a file cannot be read; empty where it can, or nobody knows."""
    file = known.named_files.files.get(name)
    if file is None:
        return ""
    if file.kind == "absent":
        return "there is no such file on this host"
    return "it is a directory" if file.kind == "directory" else ""


def _nowhere(name: str) -> str:
    if "/" in name:
        return "there is no such file on this host"
    return "there is no such program in %s" % ":".join(_OF_PATH)


def _may_come(name: str, declaration: DaemonDeclaration, observed: Observation) -> bool:
    folder, _slash, base = name.rpartition("/")
    package = _BROUGHT.get(base) if folder in _FOLDERS else None
    if package is not None:
        return not observed.packages.get(package, PackageObserved()).version
    point = declaration.storage_mount_point
    there = observed.carriers.get(point, MountObserved(""))
    return bool(point) and is_under(name, point) and there.mount_point != point


def _is_searched_elsewhere(name: str, observed: Observation) -> bool:
    """Whether somebody gave a unit of Docker's another PATH than systemd's."""
    return "/" not in name and any(
        "PATH=" in file.text for path, file in observed.files.items() if _is_of_a_unit(path)
    )


def _is_of_a_unit(path: str) -> bool:
    return path.endswith((".service", ".conf")) and "/systemd/" in path
