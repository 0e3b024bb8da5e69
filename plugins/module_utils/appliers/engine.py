# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the engine's plan: prerequisites, key, repository file, packages. It starts nothing."""

from typing import Union

from ansible_collections.dockwright.host.plugins.module_utils.appliers.command import ApplyFailed
from ansible_collections.dockwright.host.plugins.module_utils.appliers.files import write
from ansible_collections.dockwright.host.plugins.module_utils.appliers.packages import Apt, Dnf
from ansible_collections.dockwright.host.plugins.module_utils.appliers.signing_key import fetch_key
from ansible_collections.dockwright.host.plugins.module_utils.appliers.units import systemctl
from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation
from ansible_collections.dockwright.host.plugins.module_utils.planners.engine import (
    expected_fingerprint,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.repository import (
    key_address,
    key_path,
    render_repository,
    repository_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.versions import (
    VersionMissing,
    resolve,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    COMPANION_PACKAGES,
    PACKAGES,
    SupportedSystem,
    find_supported,
)


def apply_engine(plan: Plan, declaration: Declaration, observed: Observation) -> None:
    """Carry out what differs; the key is obtained and checked before anything is written.

    :raises ApplyFailed: with what was being done and what was answered.
    """
    supported = find_supported(observed.system.distribution, observed.system.version)
    if supported is None:
        raise ApplyFailed("This system is not supported.")
    engine = declaration.engine
    manager: Union[Apt, Dnf] = (
        Apt(supported, engine.repo_urls) if supported.family == "deb" else Dnf()
    )
    prerequisites = [each.path for each in plan.of_resource("engine.prerequisite")]
    if prerequisites:
        manager.install_prerequisites(prerequisites)
    if plan.of_resource("engine.repository_key"):
        write(key_path(supported), _key(declaration, supported))
    if plan.of_resource("engine.repository_file"):
        text = render_repository(supported, observed.architecture, engine.repo_urls[0])
        write(repository_path(supported), text)
    if plan.of_resource("engine.package"):
        _install(plan, declaration, observed, manager)


def _key(declaration: Declaration, supported: SupportedSystem) -> str:
    engine = declaration.engine
    if engine.repo_key:
        return engine.repo_key if engine.repo_key.endswith("\n") else engine.repo_key + "\n"
    address = key_address(supported, engine.repo_urls[0])
    return fetch_key(address, expected_fingerprint(engine, supported))


def _install(
    plan: Plan, declaration: Declaration, observed: Observation, manager: Union[Apt, Dnf]
) -> None:
    wanted = [each.path for each in plan.of_resource("engine.package")]
    try:
        available = manager.refresh_and_list(PACKAGES + COMPANION_PACKAGES)
        versions = resolve(declaration.engine.version, observed.packages, available, wanted)
    except VersionMissing as missing:
        raise ApplyFailed(
            "docker_engine_version is %s. %s No package was changed."
            % (declaration.engine.version, missing)
        )
    except ApplyFailed as failed:
        raise ApplyFailed(
            "The package site %s could not be used. No package was changed. %s"
            % (declaration.engine.repo_urls[0], failed)
        )
    manager.install(versions)
    # Package scripts were kept from telling systemd of the units they brought.
    systemctl("daemon-reload")
