# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse to install what the package manager is kept from: by pins, excludes or holds.

A version that is named on the command line passes pins and holds, so we must observe them.
"""

import re
from typing import Collection, Iterator, List, Mapping, Optional

from ...words import resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declared import record_key
from ...words.difference import Refusal
from ...words.observations.host import FileObserved, Observation
from ...words.tables.supported_systems import (
    COMPANION_PACKAGES,
    PACKAGES,
    SupportedSystem,
    find_supported,
)
from ..engine.holds import VERSIONLOCK_CONFIGURATION, VERSIONLOCK_LIST, is_plugin_enabled, lock_line
from .apt_pins import Candidate, pin_of, preferred_instead, read_pins
from .dnf_exclusions import DNF_CONFIG, excluding, locking, read_options
from .plan import repository_id, repository_path

_NAMES = PACKAGES + COMPANION_PACKAGES


def kept_from(
    engine: EngineDeclaration, observed: Observation, name: str, version: str, site: str = ""
) -> Optional[Refusal]:
    """Refuse to bring a package to a version that somebody keeps the host from.

    ``version`` is empty or a beginning if it is resolved only when packages change; ``site`` is the
    one that it comes from, once that is known.
    """
    system = find_supported(observed.system.distribution, observed.system.version)
    if system is None:
        return None
    said = list(_said(engine, system, observed, name, version, site))
    if not said:
        return None
    wanted = "%s %s" % (name, version) if version else name
    manager = "apt" if system.family == "deb" else "dnf"
    return Refusal(
        found="%s is wanted, and %s is kept from it by %s." % (wanted, manager, " and ".join(said)),
        remedy="Take %s out of that on the host, or declare what it allows." % name
        if not said[0].startswith("a hold")
        else "Run `apt-mark unhold %s` on the host if it may change." % name,
    )


def kept_complaint(
    engine: EngineDeclaration,
    observed: Observation,
    versions: Mapping[str, str],
    wanted: Collection[str],
    site: str,
) -> str:
    """Say why these resolved versions must not be installed; empty where they may."""
    refusals = [
        kept_from(engine, observed, name, version, site)
        for name, version in versions.items()
        if name in wanted
    ]
    said = " ".join(each.sentence() for each in refusals if each is not None)
    return said and "No package was changed. %s" % said


def keeping_notes(
    engine: EngineDeclaration, observed: Observation, differing: Collection[str]
) -> Iterator[str]:
    """Note what would keep the host from a package that is as declared now."""
    for name, package in sorted(observed.packages.items()):
        system = find_supported(observed.system.distribution, observed.system.version)
        if system is None or not package.version or name not in _NAMES or name in differing:
            continue
        for each in _by_files(engine, system, observed, name, package.version, ""):
            yield "%s is installed as declared; another run could not install it: %s." % (
                name,
                each,
            )


def _said(
    engine: EngineDeclaration,
    system: SupportedSystem,
    observed: Observation,
    name: str,
    version: str,
    site: str,
) -> Iterator[str]:
    package = observed.packages[name]
    # A hold of an installed package, such as ours, keeps it from other versions, not the declared
    # one.
    if package.held and not package.version and system.family == "deb":
        yield "a hold that somebody has set (`apt-mark showhold`)"
    yield from _by_files(engine, system, observed, name, version, site)


def _by_files(
    engine: EngineDeclaration,
    system: SupportedSystem,
    observed: Observation,
    name: str,
    version: str,
    site: str,
) -> Iterator[str]:
    if system.family == "deb":
        sites = [site] if site else list(engine.repo_urls)
        found = [_pinned(engine, system, observed, name, version, each) for each in sites]
        if all(found):
            yield found[0]
        return
    yield from _excluded(engine, system, observed, name, version)
    if not _is_ours(name, observed) and is_plugin_enabled(
        observed.files.get(VERSIONLOCK_CONFIGURATION, FileObserved()).text
    ):
        locks = observed.files.get(VERSIONLOCK_LIST, FileObserved())
        installed = observed.packages[name].version
        hold = lock_line(name, installed) if installed else ""
        for lock in locking(VERSIONLOCK_LIST, locks, name, version, hold):
            # Our hold stays when the package is removed, and so does its record.
            if installed or observed.applied.trusted or "(!" in lock:
                yield lock


def _pinned(
    engine: EngineDeclaration,
    system: SupportedSystem,
    observed: Observation,
    name: str,
    version: str,
    site: str,
) -> str:
    """Say which pin is in the way of a version from a site; empty where none is."""
    pins = read_pins(observed.files)
    host = re.sub(r"^[a-z+]+://(?:[^/@]*@)?([^/:]*).*$", r"\1", site)
    release = (
        ("o", "Docker"),
        ("l", "Docker CE"),
        ("a", system.suite),
        ("n", system.suite),
        ("c", engine.channel),
        ("b", observed.architecture),
    )
    candidate = Candidate(package=name, version=version, host=host, release=release)
    pin = pin_of(pins, candidate)
    if pin is not None and pin.priority < 0:
        return pin.spoken()
    other = preferred_instead(pins, candidate)
    return other.spoken() if other is not None else ""


def _excluded(
    engine: EngineDeclaration,
    system: SupportedSystem,
    observed: Observation,
    name: str,
    version: str,
) -> List[str]:
    options = read_options(DNF_CONFIG, observed.files.get(DNF_CONFIG, FileObserved()))
    options = [each for each in options if each.section == "main"]
    path = repository_path(system)
    of_ours = read_options(path, observed.files.get(path, FileObserved()))
    options.extend(each for each in of_ours if each.section == repository_id(engine.channel))
    return excluding(options, name, version, observed.architecture)


def _is_ours(name: str, observed: Observation) -> bool:
    """Whether a hold may be ours: it is on record, or the record is lost."""
    applied = observed.applied
    return bool(applied.lost) or record_key(resources.ENGINE_HOLD, name) in applied.digests
