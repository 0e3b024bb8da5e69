# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look into repositories and install packages with the host's own package manager."""

import os
from typing import Dict, List, Mapping, Sequence, Union

from ansible_collections.dockwright.host.plugins.module_utils.appliers import command
from ansible_collections.dockwright.host.plugins.module_utils.planners import apt, dnf
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)


class Apt:
    """Packages of a deb system."""

    repository_file = "docker.sources"

    def offered(self, folder: str, names: Sequence[str]) -> Dict[str, List[str]]:
        """Give the versions, newest first, that the repository file in a folder leads to."""
        file, lists = os.path.join(folder, self.repository_file), os.path.join(folder, "lists")
        os.makedirs(lists, exist_ok=True)
        command.run(apt.probe(file, lists), apt.ENVIRONMENT)
        return apt.parse_offered(command.run(apt.list_offered(file, lists, names)))

    def verify(self, folder: str, versions: Mapping[str, str]) -> None:
        """Nothing is left to verify: apt has checked the signature that covers every package."""

    def install(self, versions: Mapping[str, str]) -> None:
        """Install exactly these versions."""
        command.run(apt.refresh(), apt.ENVIRONMENT)
        command.run(apt.install(versions), apt.ENVIRONMENT)

    def install_prerequisites(self, names: Sequence[str]) -> None:
        """Install packages of the distribution."""
        command.run(apt.refresh(), apt.ENVIRONMENT)
        command.run(apt.install_newest(names), apt.ENVIRONMENT)


class Dnf:
    """Packages of an rpm system."""

    repository_file = "docker-ce.repo"

    def offered(self, folder: str, names: Sequence[str]) -> Dict[str, List[str]]:
        """Give the versions, newest first, that the repository file in a folder leads to."""
        command.run(dnf.probe(folder), dnf.ENVIRONMENT)
        return dnf.parse_offered(command.run(dnf.list_offered(folder, names), dnf.ENVIRONMENT))

    def verify(self, folder: str, versions: Mapping[str, str]) -> None:
        """Have the packages themselves checked, signatures and all, before one is installed."""
        command.run(dnf.try_download(folder, versions), dnf.ENVIRONMENT)

    def install(self, versions: Mapping[str, str]) -> None:
        """Install exactly these versions."""
        command.run(dnf.install(versions), dnf.ENVIRONMENT)

    def install_prerequisites(self, names: Sequence[str]) -> None:
        """Install packages of the distribution."""
        command.run(dnf.install_newest(names), dnf.ENVIRONMENT)


PackageInstaller = Union[Apt, Dnf]


def package_installer(system: SupportedSystem) -> PackageInstaller:
    """Give the installer of a system's package family."""
    return Apt() if system.family == "deb" else Dnf()
