# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resolve a declared version to one exact version of each package."""

import re
from typing import Dict, List, Mapping, Sequence, Tuple

from ...words.declarations.engine import upstream_version, without_epoch
from ...words.observations.host import PackageObserved
from ...words.tables.daemon_options import parse_version
from ...words.tables.supported_systems import COMPANION_PACKAGES, ENGINE_PACKAGES, PACKAGES
from ..upgrade.engine_versions import Versions, under


class VersionMissing(Exception):
    """A site does not have what is declared; the message lists what it has."""


def is_declared(declared: str, version: str) -> bool:
    """Whether a package's version is as declared: ``28``, ``28.5.2`` or ``28.5.2-1~debian.13``."""
    upstream = upstream_version(version)
    if declared in ("present", upstream, without_epoch(version)):
        return True
    return declared.count(".") < 2 and upstream.startswith(declared + ".")


def upgrades(
    declared: str,
    installed: Mapping[str, PackageObserved],
    available: Mapping[str, Sequence[str]],
) -> Dict[str, str]:
    """Give the newer version of each installed package that has a declared one.

    The engine's packages go together: to the newest docker-ce, or not at all.
    """
    newer = {}
    engine = next(
        (each for each in available.get("docker-ce", ()) if is_declared(declared, each)), ""
    )
    for name in PACKAGES + COMPANION_PACKAGES:
        version = installed.get(name, PackageObserved()).version
        wanted = upstream_version(engine) if name in ENGINE_PACKAGES else "present"
        offered = [each for each in available.get(name, ()) if wanted and is_declared(wanted, each)]
        if version and offered and _is_newer(offered, version):
            newer[name] = offered[0]
    return newer


def resolve(
    declared: str,
    upgrade: bool,
    installed: Mapping[str, PackageObserved],
    available: Mapping[str, Sequence[str]],
    wanted: Sequence[str],
) -> Dict[str, str]:
    """Give the version of each wanted package; ``available`` is sorted newest first.

    The engine's packages get one version, even if only some of them are missing. Other installed
    packages keep theirs, unless an upgrade is declared.

    :raises VersionMissing: where the site does not have it.
    """
    newer = upgrades(declared, installed, available) if upgrade else {}
    engine = _engine_version(declared, newer, installed, available)
    resolved = {}
    for name in wanted:
        if name in ENGINE_PACKAGES:
            matching = [each for each in available.get(name, ()) if is_declared(engine, each)]
        elif name in newer:
            matching = [newer[name]]
        else:
            present = installed.get(name, PackageObserved()).version
            matching = [present] if present else list(available.get(name, ()))[:1]
        if not matching:
            raise VersionMissing(_missing(name, engine, available.get(name, ())))
        resolved[name] = matching[0]
    if "docker-ce" in wanted:
        resolved.update(_companions(engine, available))
    return resolved


def versions_to_come(
    declared: str,
    upgrade: bool,
    installed: Mapping[str, PackageObserved],
    available: Mapping[str, Sequence[str]],
) -> Versions:
    """Give the versions of the engine that :func:`resolve` may find, as far as a plan knows.

    ``available`` is empty where no site was asked.
    """
    if declared != "present" and declared.count(".") >= 2:
        return Versions(parse_version(upstream_version(declared)))
    newer = upgrades(declared, installed, available) if upgrade else {}
    there = newer.get("docker-ce") or _installed_engine(declared, installed)
    version = parse_version(upstream_version(there))
    if version and (available or not upgrade):
        return Versions(version)
    # Nobody knows what the site has, but it is nothing older than the installed version.
    return under(declared)._replace(lowest=version) if version else under(declared)


def _is_newer(offered: List[str], version: str) -> bool:
    """Whether the first of the offered versions, newest first, is newer than this one."""
    then, now = (_order(upstream_version(each)) for each in (offered[0], version))
    if then != now:
        return then > now
    # The same release in another packaging: only the site's own order can tell.
    without = [without_epoch(each) for each in offered]
    return without_epoch(version) in without[1:]


def _order(upstream: str) -> Tuple[List[int], bool, List[int]]:
    """Give a key to sort the project's releases: 29.0.0~rc.1 comes before 29.0.0."""
    release, tilde, candidate = upstream.partition("~")
    numbers = [[int(each) for each in re.findall(r"\d+", part)] for part in (release, candidate)]
    return numbers[0], not tilde, numbers[1]


def _companions(engine: str, available: Mapping[str, Sequence[str]]) -> Dict[str, str]:
    """Fix the versions of what docker-ce recommends, or a package manager would take the newest."""
    found = {}
    for name in COMPANION_PACKAGES:
        matching = [each for each in available.get(name, ()) if is_declared(engine, each)]
        if matching:
            found[name] = matching[0]
    return found


def _engine_version(
    declared: str,
    newer: Mapping[str, str],
    installed: Mapping[str, PackageObserved],
    available: Mapping[str, Sequence[str]],
) -> str:
    """Give the one version for all of the engine's packages."""
    if declared != "present" and declared.count(".") >= 2:
        return declared
    if "docker-ce" in newer:
        return upstream_version(newer["docker-ce"])
    there = _installed_engine(declared, installed)
    if there:
        return upstream_version(there)
    newest = [each for each in available.get("docker-ce", ()) if is_declared(declared, each)]
    if not newest:
        raise VersionMissing(_missing("docker-ce", declared, available.get("docker-ce", ())))
    return upstream_version(newest[0])


def _installed_engine(declared: str, installed: Mapping[str, PackageObserved]) -> str:
    """Give the installed version for the engine's packages; empty without one."""
    for name in ENGINE_PACKAGES:
        version = installed.get(name, PackageObserved()).version
        if version and is_declared(declared, version):
            return version
    return ""


def _missing(name: str, engine: str, available: Sequence[str]) -> str:
    if not available:
        return "The site has no %s for this release." % name
    found = list(dict.fromkeys(upstream_version(each) for each in available))
    return "The site has no %s %s for this release. It has %s." % (name, engine, ", ".join(found))
