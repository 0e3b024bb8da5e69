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

# dnf.conf(5): a site that hangs is given up in bounded time.
_BOUNDS = ["--setopt=timeout=20", "--setopt=retries=2"]
ENVIRONMENT = dict(HOLD_BACK)


def refresh_site() -> List[str]:
    """Fetch our repository's metadata alone, strictly: what is wrong with it must not pass."""
    return ["dnf", "-y"] + _only_ours() + ["--refresh", "makecache"] + _BOUNDS


def list_available(names: Sequence[str]) -> List[str]:
    """List the versions our repository has, oldest first."""
    return ["dnf", "-y", "-q", "-C"] + _only_ours() + ["list", "--showduplicates"] + list(names)


def parse_available(text: str) -> Dict[str, List[str]]:
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


def install(versions: Mapping[str, str]) -> List[str]:
    """Install exactly these versions in one transaction."""
    pins = ["%s-%s" % (name, version) for name, version in versions.items()]
    return ["dnf", "-y", "-q"] + _BOUNDS + ["install"] + pins


def install_newest(names: Sequence[str]) -> List[str]:
    """Install packages of the distribution, whatever their version."""
    return ["dnf", "-y", "-q"] + _BOUNDS + ["install"] + list(names)


def _only_ours() -> List[str]:
    return [
        "--disablerepo=*",
        "--enablerepo=%s" % REPOSITORY_ID,
        "--setopt=%s.skip_if_unavailable=0" % REPOSITORY_ID,
    ]
