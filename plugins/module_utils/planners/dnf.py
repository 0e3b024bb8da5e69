# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command lines of a package transaction with dnf, and the reading of its answers."""

from typing import Dict, List, Mapping, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.planners.repository import (
    REPOSITORY_ID,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.transaction import (
    HOLD_BACK,
)

# dnf.conf(5): a site that hangs is given up in bounded time; each try takes `timeout` seconds.
_BOUNDS = ["--setopt=timeout=10", "--setopt=retries=1"]
ENVIRONMENT = dict(HOLD_BACK)


def probe(folder: str) -> List[str]:
    """Fetch the metadata of the repository file in a folder, as if it were the host's."""
    return ["dnf", "-y"] + _only_ours(folder) + _BOUNDS + ["--refresh", "makecache"]


def list_offered(folder: str, names: Sequence[str]) -> List[str]:
    """List the versions that a probed repository has, oldest first."""
    listing = ["list", "--showduplicates"] + list(names)
    return ["dnf", "-y", "-q", "-C"] + _only_ours(folder) + listing


def parse_offered(text: str) -> Dict[str, List[str]]:
    """Read ``dnf list`` into versions, newest first.

    Its three columns may be wrapped over lines, so it is read as words in threes.
    """
    _head, _heading, available = text.lower().partition("available packages")
    offset = len(text) - len(available) if available else len(text)
    words = text[offset:].split()
    versions: Dict[str, List[str]] = {}
    for name, version in zip(words[::3], words[1::3]):
        versions.setdefault(name.rpartition(".")[0], []).insert(0, version)
    return versions


def try_download(folder: str, versions: Mapping[str, str]) -> List[str]:
    """Download what would be installed and check its signatures: the metadata is not signed.

    Of two repository files for one repository the first folder's counts. What is downloaded is
    used by the transaction that follows.
    """
    ours_first = ["--setopt=reposdir=%s,/etc/yum.repos.d" % folder]
    return ["dnf", "-y"] + ours_first + _BOUNDS + ["install", "--downloadonly"] + _pins(versions)


def install(versions: Mapping[str, str]) -> List[str]:
    """Install exactly these versions in one transaction."""
    return ["dnf", "-y", "-q"] + _BOUNDS + ["install"] + _pins(versions)


def install_newest(names: Sequence[str]) -> List[str]:
    """Install packages of the distribution, whatever their version."""
    return ["dnf", "-y", "-q"] + _BOUNDS + ["install"] + list(names)


def _pins(versions: Mapping[str, str]) -> List[str]:
    return ["%s-%s" % (name, version) for name, version in versions.items()]


def _only_ours(folder: str) -> List[str]:
    return [
        "--setopt=reposdir=%s" % folder,
        "--disablerepo=*",
        "--enablerepo=%s" % REPOSITORY_ID,
        "--setopt=%s.skip_if_unavailable=0" % REPOSITORY_ID,
    ]
