# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell a patch of the running engine from another release line.

Docker promises that live-restore keeps containers running for patch releases, and not for any
other upgrade (docs.docker.com, "Live restore": "Live restore during upgrade").
"""

from typing import NamedTuple, Optional

from ...words.declarations.engine import upstream_version
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import Observation, PackageObserved, UnitObserved
from ...words.tables.daemon_options import Version, parse_version
from .engine_versions import Versions

# No engine is installed first: the present one starts.
INSTALLED = Versions()


class Crossing(NamedTuple):
    """A restart's old and new engine, if these are of two release lines."""

    running: Version
    coming: Versions

    def spoken(self) -> str:
        """Say where it goes, and what Docker promises."""
        return "from engine %s to %s, and Docker promises live-restore only within %s.x" % (
            _dotted(self.running),
            self.coming.spoken(),
            _dotted(self.running[:2]),
        )


def crossing(observed: Observation, coming: Versions = INSTALLED) -> Optional[Crossing]:
    """Give the change of release line that a restart of the daemon brings; None without one.

    ``coming`` are the engines of which one is installed first; without it the installed one starts.
    For a daemon that does not answer, the package tells what runs, if its file is still there.
    """
    installed = _installed(observed)
    running = parse_version(observed.daemon.server_version) if observed.daemon else ()
    if observed.daemon is None and not _is_replaced(observed):
        running = installed
    if coming == INSTALLED:
        coming = Versions(installed)
    lines = [each[:2] for each in coming.examples() if each]
    if not running or not lines or running[:2] in lines:
        return None
    return Crossing(running, coming)


def is_unknown(observed: Observation) -> bool:
    """Whether nobody can tell which engine runs: it does not answer, and its file was replaced."""
    return observed.daemon is None and _is_replaced(observed)


def is_installed(observed: Observation, versions: Versions) -> bool:
    """Whether the coming engine is the installed one, whichever runs."""
    return bool(versions.exact) and versions.exact == _installed(observed)


def _installed(observed: Observation) -> Version:
    package = observed.packages.get("docker-ce", PackageObserved())
    return parse_version(upstream_version(package.version))


def _is_replaced(observed: Observation) -> bool:
    return observed.units.get(DOCKER_SERVICE, UnitObserved()).program_replaced


def _dotted(version: Version) -> str:
    return ".".join(str(part) for part in version)
