# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask for consent before a package changes, if no container lives through the coming engine.

With live-restore containers outlive a patch of the engine. Docker does not promise it for another
release line, and none outlives an engine with another image store.
"""

from typing import Dict

from ...words.declarations.activation import ActivationDeclaration
from ...words.difference import Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import Observation, PackageObserved, StagedSet
from ...words.tables.daemon_options import Version
from ..activation.effect import effect_on_daemon
from ..containers.stop import stop_refusal
from .breaking_changes import IMAGE_STORE
from .engine_versions import Versions, agreed
from .release_line import is_installed

_DEED = "Replacing docker-ce"


def stop_refusals(
    activation: ActivationDeclaration,
    observed: Observation,
    versions: Versions,
    pending: StagedSet,
) -> Dict[str, Refusal]:
    """Refuse it under the unit's name; what stops without live-restore is refused elsewhere."""
    if stop_refusal(_DEED, activation, observed) is not None:
        return {}

    def of(version: Version) -> Dict[str, Refusal]:
        package = PackageObserved(".".join(str(part) for part in version))
        packages = dict(observed.packages, **{"docker-ce": package})
        effect = effect_on_daemon(observed._replace(packages=packages), pending)
        if IMAGE_STORE in effect.breaks:
            refusal = stop_refusal(_DEED, activation, observed, False, (IMAGE_STORE,))
            return {DOCKER_SERVICE: refusal} if refusal is not None else {}
        return {}

    found = agreed(versions, of)
    # Starting an engine that is already installed is the activation's deed, and judged there.
    if not found and not is_installed(observed, versions):
        across = stop_refusal(_DEED, activation, observed, coming=versions)
        if across is not None:
            found[DOCKER_SERVICE] = across
    return found
