# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resolve a declared version to one exact version of each package."""

from typing import Dict, Mapping, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    upstream_version,
    without_epoch,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import PackageObserved
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    COMPANION_PACKAGES,
    ENGINE_PACKAGES,
)


class VersionMissing(Exception):
    """A site has not got what is declared; the message lists what it has."""


def is_declared(declared: str, version: str) -> bool:
    """Whether a package's version is as declared: ``28``, ``28.5.2`` or ``28.5.2-1~debian.13``."""
    upstream = upstream_version(version)
    if declared in ("present", upstream, without_epoch(version)):
        return True
    return declared.count(".") < 2 and upstream.startswith(declared + ".")


def resolve(
    declared: str,
    installed: Mapping[str, PackageObserved],
    available: Mapping[str, Sequence[str]],
    wanted: Sequence[str],
) -> Dict[str, str]:
    """Give the version of each wanted package, newest first in ``available``.

    The engine's packages get one version, also where only some of them are missing; what else
    is installed stays as it is.

    :raises VersionMissing: where the site has not got it.
    """
    engine = _engine_version(declared, installed, available)
    resolved = {}
    for name in wanted:
        if name in ENGINE_PACKAGES:
            matching = [each for each in available.get(name, ()) if is_declared(engine, each)]
        else:
            present = installed.get(name, PackageObserved()).version
            matching = [present] if present else list(available.get(name, ()))[:1]
        if not matching:
            raise VersionMissing(_missing(name, engine, available.get(name, ())))
        resolved[name] = matching[0]
    if "docker-ce" in wanted:
        resolved.update(_companions(engine, available))
    return resolved


def _companions(engine: str, available: Mapping[str, Sequence[str]]) -> Dict[str, str]:
    """Pin what docker-ce recommends: a package manager would bring its newest along."""
    found = {}
    for name in COMPANION_PACKAGES:
        matching = [each for each in available.get(name, ()) if is_declared(engine, each)]
        if matching:
            found[name] = matching[0]
    return found


def _engine_version(
    declared: str,
    installed: Mapping[str, PackageObserved],
    available: Mapping[str, Sequence[str]],
) -> str:
    """Give the one version that all of the engine's packages take."""
    if declared != "present" and declared.count(".") >= 2:
        return declared
    for name in ENGINE_PACKAGES:
        version = installed.get(name, PackageObserved()).version
        if version and is_declared(declared, version):
            return upstream_version(version)
    newest = [each for each in available.get("docker-ce", ()) if is_declared(declared, each)]
    if not newest:
        raise VersionMissing(_missing("docker-ce", declared, available.get("docker-ce", ())))
    return upstream_version(newest[0])


def _missing(name: str, engine: str, available: Sequence[str]) -> str:
    if not available:
        return "The site has no %s for this release." % name
    found = list(dict.fromkeys(upstream_version(each) for each in available))
    return "The site has no %s %s for this release. It has %s." % (name, engine, ", ".join(found))
