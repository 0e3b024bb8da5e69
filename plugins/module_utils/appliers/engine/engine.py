# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the engine's plan: key, repository, packages and their holds. It starts nothing."""

import functools
from typing import Dict, List, Optional, Sequence, Tuple

from ...observers.packages.packages import observe_packages
from ...observers.packages.transaction import observe_transaction
from ...planners.engine import holds, old_packages, prerequisites, unfinished
from ...planners.engine.plan import TRANSACTIONS, plan_engine
from ...planners.repository import entries
from ...planners.repository.file import desired_text
from ...planners.repository.mirror_entries import (
    Entry,
    entry_that_stays,
    listed_first,
    without_entry,
)
from ...planners.repository.plan import key_path, repository_path
from ...planners.repository.text import says_something
from ...planners.trust.ownership import PUBLIC_MODE
from ...words import resources
from ...words.declarations.engine import EngineDeclaration
from ...words.declarations.host import Declaration
from ...words.difference import Plan, complaint
from ...words.observations.host import Observation, PackageObserved
from ...words.observations.transaction import BegunPackage
from ...words.paths import TRANSACTION_RECORD
from ...words.tables.supported_systems import (
    COMPANION_PACKAGES,
    PACKAGES,
    SupportedSystem,
    find_supported,
)
from ..host.command import ApplyFailed
from ..host.files import remove, write
from ..units.units import systemctl
from .packages import PackageInstaller, Preview, package_installer
from .sites import first_usable, probe_site, site_key
from .transaction import forget_begun, on_record

Warnings = Tuple[str, ...]


def apply_engine(plan: Plan, declaration: Declaration, observed: Observation) -> Warnings:
    """Carry out what differs; give the notes that a person should read afterwards.

    A site's key and metadata are checked apart, before the host's own files name the site.

    :raises ApplyFailed: with what was being done and what was answered.
    """
    system = find_supported(observed.system.distribution, observed.system.version)
    if system is None:
        raise ApplyFailed("This system is not supported.")
    engine = declaration.engine
    installer = package_installer(system, engine, unfinished.cure_of_docker(system, observed))
    installer.await_lock()
    if observed.transaction.busy:
        # Packages that were half-way belonged to another run; by now they are whole, or were cut
        # off.
        plan, observed = _look_again(declaration, system, observed)
        installer = package_installer(system, engine, unfinished.cure_of_docker(system, observed))
    if any(plan.of_resource(each) for each in TRANSACTIONS):
        installer.finish(unfinished.cure_of_ours(system, observed))
    missing = _paths(plan, resources.ENGINE_PREREQUISITE)
    if prerequisites.CERTIFICATES in missing:
        # Two entries with different keys would have apt refuse to do anything.
        _take_over(plan, engine, system, observed)
        installer.install_prerequisites([prerequisites.CERTIFICATES])
    old = _paths(plan, resources.ENGINE_OLD_PACKAGE)
    warnings: Warnings = ()
    if plan.of_resource(resources.ENGINE_PACKAGE):
        warnings = _install(plan, declaration, system, observed, installer, old)
    else:
        warnings = _write_files(plan, engine, system, observed)
        if old:
            preview = installer.foresee("", {}, old)
            _require_harmless(engine, old, preview)
            _transact(installer, {}, old, preview.touched, observed)
    if holds.VERSIONLOCK_PACKAGE in missing:
        installer.install_prerequisites([holds.VERSIONLOCK_PACKAGE])
    if (
        missing
        or plan.of_resource(resources.ENGINE_PACKAGE)
        or plan.of_resource(resources.ENGINE_HOLD)
    ):
        installed = observe_packages(system.family, PACKAGES + COMPANION_PACKAGES)
        installer.hold({name: each for name, each in installed.items() if each.version})
    if TRANSACTION_RECORD in _paths(plan, resources.ENGINE_TRANSACTION):
        # The package scripts of the run that was cut off could not reload systemd.
        systemctl("daemon-reload")
        forget_begun(observed.transaction.begun)
    return warnings


def _look_again(
    declaration: Declaration, system: SupportedSystem, observed: Observation
) -> Tuple[Plan, Observation]:
    """Look at the packages again after another run's transaction has ended, and plan anew.

    :raises ApplyFailed: where the packages are in a state from which a run cannot go on.
    """
    seen = observe_packages(system.family, tuple(observed.packages))
    transaction = observe_transaction(system.family, seen)
    observed = observed._replace(packages=seen, transaction=transaction)
    plan = plan_engine(declaration, system, observed)
    if complaint(plan):
        raise ApplyFailed(complaint(plan))
    return plan, observed


def _write_files(
    plan: Plan, engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> Warnings:
    warnings: Warnings = ()
    sites = listed_first(engine, system, observed)
    if plan.of_resource(resources.ENGINE_REPOSITORY_KEY):
        attempt = functools.partial(site_key, engine, system, observed)
        key, warnings = first_usable(sites, attempt)
        write(key_path(system), key)
    _take_over(plan, engine, system, observed)
    if plan.of_resource(resources.ENGINE_REPOSITORY_FILE):
        stays = entry_that_stays(engine, system, observed)
        if stays is not None:
            write(stays.path, observed.files[stays.path].text)
        else:
            _write_repository(plan, engine, system, observed, sites[0])
    return warnings


def _install(
    plan: Plan,
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    installer: PackageInstaller,
    old: List[str],
) -> Warnings:
    engine, wanted = declaration.engine, _paths(plan, resources.ENGINE_PACKAGE)
    attempt = functools.partial(probe_site, declaration, system, observed, installer, wanted, old)
    stays = entry_that_stays(engine, system, observed)
    sites = listed_first(engine, system, observed)
    site, warnings = first_usable(((stays.path,) if stays else ()) + sites, attempt)
    if site.complaint:
        raise ApplyFailed(site.complaint)
    is_another = bool(site.key) and observed.files[key_path(system)].text != site.key
    if is_another or plan.of_resource(resources.ENGINE_REPOSITORY_KEY):
        write(key_path(system), site.key)
    _take_over(plan, engine, system, observed)
    # The transaction takes its packages from the site that was looked into, and from no other.
    if site.address in sites:
        observed = _without(stays, observed)
        _write_repository(plan, engine, system, observed, site.address)
    _transact(installer, site.versions, old, site.preview.touched, observed)
    if site.preview.trouble:
        warnings += ("Some other source of packages is out of order: %s" % site.preview.trouble,)
    return warnings


def _without(stays: Optional[Entry], observed: Observation) -> Observation:
    """Take away the entry that could not be used, since ours takes its place."""
    if stays is None:
        return observed
    file = observed.files[stays.path]
    remaining = without_entry(file.text, stays)
    if says_something(remaining):
        write(stays.path, remaining, file.mode if file.kind == "file" else PUBLIC_MODE)
    else:
        remove(stays.path)
    files = dict(observed.files, **{stays.path: file._replace(text=remaining)})
    return observed._replace(files=files)


def _transact(
    installer: PackageInstaller,
    versions: Dict[str, str],
    old: List[str],
    touched: Sequence[str],
    observed: Observation,
) -> None:
    packages = dict.fromkeys(touched, BegunPackage())
    for name, version in versions.items():
        before = observed.packages.get(name, PackageObserved()).version
        packages[name] = BegunPackage(before, version)
    with on_record(packages):
        installer.install(versions, old)
        # Package scripts could not tell systemd which units they brought or took away.
        systemctl("daemon-reload")


def _require_harmless(engine: EngineDeclaration, old: List[str], preview: Preview) -> None:
    complaint = old_packages.removal_complaint(engine, preview.removed, old, preview.transaction)
    if complaint:
        raise ApplyFailed(complaint)


def _take_over(
    plan: Plan, engine: EngineDeclaration, system: SupportedSystem, observed: Observation
) -> None:
    for path in _paths(plan, resources.ENGINE_REPOSITORY_ENTRY):
        file = observed.files[path]
        remaining = entries.part_file(engine, system, observed, path).remaining
        if says_something(remaining):
            write(path, remaining, file.mode if file.kind == "file" else PUBLIC_MODE)
        else:
            remove(path)


def _write_repository(
    plan: Plan,
    engine: EngineDeclaration,
    system: SupportedSystem,
    observed: Observation,
    site: str,
) -> None:
    path = repository_path(system)
    text = desired_text(engine, system, observed, site)
    if plan.of_resource(resources.ENGINE_REPOSITORY_FILE) or observed.files[path].text != text:
        write(path, text)


def _paths(plan: Plan, resource: str) -> List[str]:
    return [each.path for each in plan.of_resource(resource)]
