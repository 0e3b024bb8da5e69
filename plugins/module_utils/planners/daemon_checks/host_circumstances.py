# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Collect the circumstances for checks of a coming daemon.json, on one host and for one version."""

from ...words.declarations.host import Declaration
from ...words.observations.host import Observation
from ...words.tables.daemon_options import Version
from ...words.tables.supported_systems import SupportedSystem
from ..daemon.desired import Desired, in_swarm
from ..image_store.store import store_taken
from ..kernel.open_files import most_open_files
from ..upgrade.engine_versions import Versions
from .cgroups import default_driver
from .circumstances import Circumstances
from .named_files import judged


def circumstances_of(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    versions: Versions,
    version: Version,
    desired: Desired,
) -> Circumstances:
    """Give what is known besides the document; ``version`` is one of those that may come."""
    return Circumstances(
        version=version,
        family=system.family,
        flags=desired.unit.flags,
        flags_source=desired.unit.source,
        takes_hosts=declaration.daemon.hosts_drop_in,
        swarm=in_swarm(observed),
        foreign=tuple(key for key in desired.document if key not in desired.declared),
        engine="" if versions.exact else versions.spoken(),
        cgroup_driver=default_driver(desired.live, observed),
        declared=desired.declared,
        store=store_taken(version, desired.document, desired.unit.flags, observed.data_root),
        named_files=judged(declaration.daemon, observed),
        open_files=most_open_files(declaration.kernel, observed),
    )
