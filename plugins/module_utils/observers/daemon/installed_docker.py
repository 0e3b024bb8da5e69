# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find Docker that no package of the engine brought, running or not: a snap, binaries, units."""

import glob
import os
from typing import Iterator, Tuple

from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.docker.daemons import (
    BINARY,
    DESKTOP,
    SNAP,
    UNIT,
    DaemonsObserved,
    InstalledDockerObserved,
)
from ...words.unit_lines import arguments_of, assigned, words
from ..host import command
from ..host.files import read_text
from .daemons import UnitState, UnitStates, observe_running, running_shims, show_units, shown
from .settings import DaemonSettings, defaults_of, dockerd_settings, held_by

SNAP_UNIT = "snap.docker.dockerd.service"
# Where snapd mounts snaps, and what Docker's snap tells its dockerd (its dockerd-wrapper).
_SNAP_FOLDERS = ("/snap/docker", "/var/lib/snapd/snap/docker")
_SNAP_DATA = "/var/snap/docker/common/var-lib-docker"
_SNAP_ARGUMENTS = (
    "--data-root=" + _SNAP_DATA,
    "--pidfile=/var/snap/docker/current/run/docker.pid",
    "--config-file=/var/snap/docker/current/config/daemon.json",
)
_DESKTOP = "/opt/docker-desktop"
# Folders where an administrator puts units (systemd.unit(5)); packages use others.
_UNIT_FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system")
# The engine's packages put theirs in /usr/bin.
_PACKAGED = "/usr/bin/dockerd"
_BINARIES = ("/usr/local/bin/dockerd", "/usr/local/sbin/dockerd", "/opt/bin/dockerd")
_OWNERS = {"deb": ("dpkg-query", "-S", _PACKAGED), "rpm": ("rpm", "-qf", _PACKAGED)}


def observe_daemons(own_root: str, family: str, is_installed: bool) -> DaemonsObserved:
    """Look for daemons that run beside docker.service, and for programs installed beside packages.

    ``is_installed`` tells that Docker's own package is installed, so its files are its own.
    """
    try:
        root = os.path.realpath(own_root)
    except ValueError:
        root = own_root
    installed = [
        each._replace(data_root=shown(root), held=held_by("", root, running_shims()))
        if each.kind == BINARY
        else each
        for each in observe_installed(family, is_installed)
    ]
    return DaemonsObserved(observe_running(root), tuple(installed), shown(root))


def observe_installed(
    family: str, is_installed: bool, show: UnitStates = show_units, root: str = ""
) -> Iterator[InstalledDockerObserved]:
    """Give each Docker that no package brought; ``root`` is the folder with the host's files."""
    units = dict(_units(root))
    snap = _snap(root)
    if snap:
        settings = dockerd_settings(_SNAP_ARGUMENTS, defaults_of(0, ""), root)
        units[SNAP_UNIT] = (snap, units.get(SNAP_UNIT, ("", settings))[1])
    states = show(sorted(units)) if units else {}
    for name, (path, settings) in sorted(units.items()):
        yield InstalledDockerObserved(
            kind=SNAP if name == SNAP_UNIT else UNIT,
            path=path,
            unit=name,
            is_enabled=states.get(name, UnitState()).is_enabled,
            sockets=settings.sockets,
            data_root=settings.data_root,
            pid_file=settings.pid_file,
            held=held_by(root, settings.data_root, {}),
        )
    for path in _BINARIES:
        if _is_program(root + path):
            yield InstalledDockerObserved(kind=BINARY, path=path)
    if not is_installed and _is_program(root + _PACKAGED) and not _has_owner(family):
        yield InstalledDockerObserved(kind=BINARY, path=_PACKAGED)
    if os.path.isdir(root + _DESKTOP):
        yield InstalledDockerObserved(kind=DESKTOP, path=_DESKTOP)


def _snap(root: str) -> str:
    """Give the path of Docker's snap, or of its data; empty where there is neither."""
    for path in _SNAP_FOLDERS + (_SNAP_DATA,):
        if os.path.isdir(root + path):
            return path
    return ""


def _units(root: str) -> Iterator[Tuple[str, Tuple[str, DaemonSettings]]]:
    """Find an administrator's units that start a dockerd, other than docker.service."""
    for folder in _UNIT_FOLDERS:
        for path in sorted(glob.glob(root + folder + "/*.service")):
            name = os.path.basename(path)
            if name == DOCKER_SERVICE or os.path.islink(path):
                continue
            arguments = _dockerd_of(read_text(path))
            if arguments:
                settings = dockerd_settings(arguments[1:], defaults_of(0, ""), root)
                yield name, (path[len(root) :], settings)


def _dockerd_of(text: str) -> Tuple[str, ...]:
    """Give the last command line by which a unit file starts a dockerd."""
    lines = [arguments_of(words(each)) for each in assigned(text, "Service", "ExecStart")]
    of_dockerd = [each for each in lines if each and os.path.basename(each[0]) == "dockerd"]
    return of_dockerd[-1] if of_dockerd else ()


def _is_program(path: str) -> bool:
    """Whether a file is a program and no script (elf(5))."""
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def _has_owner(family: str) -> bool:
    """Whether a package brought the files in the place of Docker's own; True if unknown."""
    try:
        return command.read(_OWNERS[family]).status == 0
    except (command.CommandFailed, KeyError):
        return True
