# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the checks of the daemon.json to come go by on one host, with an engine of one version."""

from ansible_collections.dockwright.host.plugins.module_utils.daemon_options import Version
from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.observation import Observation
from ansible_collections.dockwright.host.plugins.module_utils.planners.circumstances import (
    Circumstances,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_cgroups import (
    default_driver,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.desired_daemon import (
    Desired,
    in_swarm,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.engine_versions import (
    Versions,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.image_store import (
    store_taken,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.named_files import judged
from ansible_collections.dockwright.host.plugins.module_utils.planners.open_files import (
    most_open_files,
)
from ansible_collections.dockwright.host.plugins.module_utils.supported_systems import (
    SupportedSystem,
)


def circumstances_of(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    versions: Versions,
    version: Version,
    desired: Desired,
) -> Circumstances:
    """Give what is known beside the document; ``version`` is one of those that it may have."""
    return Circumstances(
        version,
        system.family,
        desired.unit.flags,
        desired.unit.source,
        declaration.daemon.hosts_drop_in,
        in_swarm(observed),
        tuple(key for key in desired.document if key not in desired.declared),
        "" if versions.exact else versions.spoken(),
        default_driver(desired.live, observed),
        desired.declared,
        store_taken(version, desired.document, desired.unit.flags, observed.data_root),
        judged(declaration.daemon, observed),
        most_open_files(declaration.kernel, observed),
    )
