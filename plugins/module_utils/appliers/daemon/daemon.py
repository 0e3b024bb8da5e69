# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stage daemon.json as it is declared. Nothing live is touched, and nothing is started."""

from typing import Tuple

from ...planners.daemon.desired import is_answered_for, stage_daemon
from ...planners.daemon.document import NotADocument
from ...words import resources
from ...words.declarations.daemon import DaemonDeclaration
from ...words.declarations.engine import EngineDeclaration
from ...words.declarations.host import Declaration
from ...words.difference import Plan
from ...words.observations.host import Observation, StagedSet
from ...words.tables.supported_systems import find_supported
from ..engine.packages import package_installer
from ..host.applied import record_ownership
from ..host.command import ApplyFailed
from ..host.staging import stage


def apply_daemon(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[str, ...]:
    """Stage what differs, beside what other roles have staged.

    :raises ApplyFailed: where it cannot be written.
    """
    _require_storage(declaration.daemon, observed)
    _install_tools(plan, declaration, observed)
    try:
        ours = stage_daemon(declaration.daemon, observed)
    except NotADocument as problem:
        raise ApplyFailed("/etc/docker/daemon.json cannot be merged into: %s." % problem)
    # Recorded before it is staged: if the run is cut off in between, what we wrote is known as
    # ours.
    record_ownership(ours.declared, observed.applied)
    others = observed.staged
    files = {path: file for path, file in others.files.items() if not is_answered_for(path)}
    stage(StagedSet(dict(files, **ours.files), dict(others.declared, **ours.declared)))
    return ()


def _install_tools(plan: Plan, declaration: Declaration, observed: Observation) -> None:
    """Install tools without which dockerd would not start, before the configuration is staged."""
    names = [each.path for each in plan.of_resource(resources.DAEMON_TOOL)]
    system = find_supported(observed.system.distribution, observed.system.version)
    if not names or system is None:
        return
    limits = EngineDeclaration((), proxy=declaration.engine.proxy)
    try:
        package_installer(system, limits).install_prerequisites(names)
    except ApplyFailed as failed:
        raise ApplyFailed(
            "Nothing of Docker's configuration was changed, since %s could not be installed: %s"
            % (", ".join(names), failed)
        )


def _require_storage(declaration: DaemonDeclaration, observed: Observation) -> None:
    """Require that the filesystem is mounted, so that no daemon uses the folder below it."""
    point = declaration.storage_mount_point
    if point and observed.carriers[point].mount_point != point:
        raise ApplyFailed(
            "Nothing is mounted on %s, where docker_storage is to have the filesystem for Docker: "
            "apply that role first, or Docker would fill the disk under it." % point
        )
