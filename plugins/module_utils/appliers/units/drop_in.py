# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stage a drop-in as it is declared. Nothing live is touched, and nothing is started."""

from typing import Tuple

from ...planners.activation.effect import differs
from ...planners.proxy.plan import proxy_drop_in
from ...planners.units.drop_in import path_of, stage_drop_in
from ...words.declarations.host import Declaration
from ...words.difference import Plan
from ...words.observations.host import FileObserved, Observation, StagedSet
from ..host.applied import record_ownership
from ..host.files import write
from ..host.staging import stage


def apply_drop_in(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[str, ...]:
    """Stage the declared drop-in: one of the user's own, or the proxy's.

    :raises ApplyFailed: where it cannot be written.
    """
    del plan  # a drop-in is staged whole
    wanted = declaration.drop_in or proxy_drop_in(declaration.proxy)
    stage_of_it = stage_drop_in(wanted, observed)
    # Recorded before it is written: if the run is cut off in between, what we wrote is known as
    # ours.
    record_ownership(stage_of_it.staged.declared, observed.applied)
    secret = stage_of_it.file
    if secret is not None and differs(secret, observed.files.get(stage_of_it.path, FileObserved())):
        write(stage_of_it.path, secret.text or "", secret.mode)
    path, others = path_of(wanted), observed.staged
    files = {name: file for name, file in others.files.items() if name != path}
    declared = dict(others.declared, **stage_of_it.staged.declared)
    stage(StagedSet(dict(files, **stage_of_it.staged.files), declared))
    return ()
