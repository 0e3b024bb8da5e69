# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command lines of a package transaction with apt, and the reading of its answers."""

from typing import Dict, List, Mapping, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.planners.repository import (
    repository_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.transaction import (
    HOLD_BACK,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)

# apt.conf(5): a site that hangs is given up in bounded time, a busy dpkg is waited for.
_BOUNDS = [
    "-o",
    "Acquire::http::Timeout=20",
    "-o",
    "Acquire::https::Timeout=20",
    "-o",
    "Acquire::Retries=1",
    "-o",
    "DPkg::Lock::Timeout=120",
]
# needrestart restarts daemons after a transaction: starting ours is docker_activation's.
ENVIRONMENT = dict(HOLD_BACK, DEBIAN_FRONTEND="noninteractive", NEEDRESTART_SUSPEND="1")


def refresh_site(system: SupportedSystem) -> List[str]:
    """Fetch our repository's metadata alone, strictly: what is wrong with it must not pass."""
    return [
        "apt-get",
        "update",
        "--error-on=any",
        "-o",
        "Dir::Etc::sourcelist=%s" % repository_path(system),
        "-o",
        "Dir::Etc::sourceparts=-",
        "-o",
        "APT::Get::List-Cleanup=0",
    ] + _BOUNDS


def refresh_others() -> List[str]:
    """Fetch the metadata of every source: the engine's dependencies come from the distribution."""
    return ["apt-get", "update"] + _BOUNDS


def list_available(names: Sequence[str]) -> List[str]:
    """List the versions apt knows of, newest first."""
    return ["apt-cache", "madison"] + list(names)


def parse_available(
    text: str, system: SupportedSystem, sites: Sequence[str]
) -> Dict[str, List[str]]:
    """Read ``apt-cache madison`` as far as it speaks of the declared sites."""
    versions: Dict[str, List[str]] = {}
    addresses = ["%s/%s" % (site, system.repository) for site in sites]
    for line in text.splitlines():
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 3 and columns[2].split(" ")[0] in addresses:
            versions.setdefault(columns[0], []).append(columns[1])
    return versions


def install(versions: Mapping[str, str]) -> List[str]:
    """Install exactly these versions in one transaction."""
    pins = ["%s=%s" % (name, version) for name, version in versions.items()]
    return _install(["--allow-downgrades"] + pins)


def install_newest(names: Sequence[str]) -> List[str]:
    """Install packages of the distribution, whatever their version."""
    return _install(list(names))


def _install(arguments: List[str]) -> List[str]:
    keep = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
    return ["apt-get", "install", "-y", "-q"] + keep + _BOUNDS + arguments
