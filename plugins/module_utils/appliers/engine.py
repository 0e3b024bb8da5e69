# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the engine's plan: prerequisites, key, repository file, packages. It starts nothing."""

import functools
from typing import Tuple

from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.appliers.files import write
from ansible_collections.dockwright.host.plugins.module_utils.appliers.packages import (
    PackageInstaller,
    package_installer,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.sites import (
    first_usable,
    probe_site,
    site_key,
)
from ansible_collections.dockwright.host.plugins.module_utils.appliers.units import systemctl
from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    Declaration,
    EngineDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation
from ansible_collections.dockwright.host.plugins.module_utils.planners.repository import (
    key_path,
    render_repository,
    repository_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
    find_supported,
)

Warnings = Tuple[str, ...]


def apply_engine(plan: Plan, declaration: Declaration, observed: Observation) -> Warnings:
    """Carry out what differs; give what a person should know of how it went.

    A site's key and metadata are checked apart, before the host's own files name the site.

    :raises ApplyFailed: with what was being done and what was answered.
    """
    system = find_supported(observed.system.distribution, observed.system.version)
    if system is None:
        raise ApplyFailed("This system is not supported.")
    engine = declaration.engine
    installer = package_installer(system)
    prerequisites = [each.path for each in plan.of_resource("engine.prerequisite")]
    if prerequisites:
        installer.install_prerequisites(prerequisites)
    if plan.of_resource("engine.package"):
        return _install(plan, engine, system, observed, installer)
    warnings: Warnings = ()
    if plan.of_resource("engine.repository_key"):
        attempt = functools.partial(site_key, engine, system, observed)
        key, warnings = first_usable(engine.repo_urls, attempt)
        write(key_path(system), key)
    if plan.of_resource("engine.repository_file"):
        text = render_repository(system, observed.architecture, engine.repo_urls[0])
        write(repository_path(system), text)
    return warnings


def _install(
    plan: Plan,
    engine: EngineDeclaration,
    system: SupportedSystem,
    observed: Observation,
    installer: PackageInstaller,
) -> Warnings:
    wanted = [each.path for each in plan.of_resource("engine.package")]
    attempt = functools.partial(probe_site, engine, system, observed, installer, wanted)
    site, warnings = first_usable(engine.repo_urls, attempt)
    if plan.of_resource("engine.repository_key"):
        write(key_path(system), site.key)
    # The transaction takes its packages from the site that was looked into, and from no other.
    text = render_repository(system, observed.architecture, site.address)
    if observed.files[repository_path(system)].text != text or plan.of_resource(
        "engine.repository_file"
    ):
        write(repository_path(system), text)
    installer.install(site.versions)
    # Package scripts were kept from telling systemd of the units they brought.
    systemctl("daemon-reload")
    return warnings
