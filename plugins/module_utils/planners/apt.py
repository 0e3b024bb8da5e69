# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command lines of a package transaction with apt, and the reading of its answers."""

from typing import Dict, List, Mapping, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.planners.transaction import (
    HOLD_BACK,
)

# apt.conf(5): a site that hangs is given up in bounded time, a busy dpkg is waited for.
_BOUNDS = [
    "-o",
    "Acquire::http::Timeout=15",
    "-o",
    "Acquire::https::Timeout=15",
    "-o",
    "Acquire::Retries=1",
    "-o",
    "DPkg::Lock::Timeout=120",
]
# needrestart restarts daemons after a transaction: starting ours is docker_activation's.
ENVIRONMENT = dict(HOLD_BACK, DEBIAN_FRONTEND="noninteractive", NEEDRESTART_SUSPEND="1")


def probe(repository_file: str, lists: str) -> List[str]:
    """Fetch one repository's metadata to a place of its own; nothing wrong with it may pass."""
    return ["apt-get", "update", "--error-on=any"] + _apart(repository_file, lists) + _BOUNDS


def list_offered(repository_file: str, lists: str, names: Sequence[str]) -> List[str]:
    """List the versions that a probed repository has, newest first."""
    return ["apt-cache"] + _apart(repository_file, lists) + ["madison"] + list(names)


def parse_offered(text: str) -> Dict[str, List[str]]:
    """Read ``apt-cache madison``: name, version and source, parted by bars."""
    versions: Dict[str, List[str]] = {}
    for line in text.splitlines():
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 3:
            versions.setdefault(columns[0], []).append(columns[1])
    return versions


def refresh() -> List[str]:
    """Fetch the metadata of every source: the engine's dependencies come from the distribution."""
    return ["apt-get", "update"] + _BOUNDS


def install(versions: Mapping[str, str]) -> List[str]:
    """Install exactly these versions in one transaction."""
    pins = ["%s=%s" % (name, version) for name, version in versions.items()]
    return _install(["--allow-downgrades"] + pins)


def install_newest(names: Sequence[str]) -> List[str]:
    """Install packages of the distribution, whatever their version."""
    return _install(list(names))


def _apart(repository_file: str, lists: str) -> List[str]:
    """Know of one repository alone, and leave the host's own lists and caches as they are."""
    return [
        "-o",
        "Dir::Etc::sourcelist=%s" % repository_file,
        "-o",
        "Dir::Etc::sourceparts=-",
        "-o",
        "Dir::State::lists=%s" % lists,
        "-o",
        "Dir::Cache::pkgcache=",
        "-o",
        "Dir::Cache::srcpkgcache=",
    ]


def _install(arguments: List[str]) -> List[str]:
    keep = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
    return ["apt-get", "install", "-y", "-q"] + keep + _BOUNDS + arguments
