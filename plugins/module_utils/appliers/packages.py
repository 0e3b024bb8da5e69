# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Install packages with the host's own package manager."""

from typing import Dict, List, Mapping, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.appliers import command
from ansible_collections.dockwright.host.plugins.module_utils.planners import apt, dnf
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)


class Apt:
    """Packages of a deb system."""

    def __init__(self, system: SupportedSystem, sites: Sequence[str]) -> None:
        self._system = system
        self._sites = sites

    def refresh_and_list(self, names: Sequence[str]) -> Dict[str, List[str]]:
        """Read the site's metadata anew and give the versions it has, newest first."""
        command.run(apt.refresh_site(self._system), apt.ENVIRONMENT)
        command.run(apt.refresh_others(), apt.ENVIRONMENT)
        return apt.parse_available(
            command.run(apt.list_available(names)), self._system, self._sites
        )

    def install(self, versions: Mapping[str, str]) -> None:
        """Install exactly these versions."""
        command.run(apt.install(versions), apt.ENVIRONMENT)

    def install_prerequisites(self, names: Sequence[str]) -> None:
        """Install packages of the distribution."""
        command.run(apt.refresh_others(), apt.ENVIRONMENT)
        command.run(apt.install_newest(names), apt.ENVIRONMENT)


class Dnf:
    """Packages of an rpm system."""

    def refresh_and_list(self, names: Sequence[str]) -> Dict[str, List[str]]:
        """Read the site's metadata anew and give the versions it has, newest first."""
        command.run(dnf.refresh_site(), dnf.ENVIRONMENT)
        return dnf.parse_available(command.run(dnf.list_available(names), dnf.ENVIRONMENT))

    def install(self, versions: Mapping[str, str]) -> None:
        """Install exactly these versions."""
        command.run(dnf.install(versions), dnf.ENVIRONMENT)

    def install_prerequisites(self, names: Sequence[str]) -> None:
        """Install packages of the distribution."""
        command.run(dnf.install_newest(names), dnf.ENVIRONMENT)
