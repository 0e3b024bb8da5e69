# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have the installed dockerd validate a configuration that no daemon has read yet."""

from typing import Dict, Optional

from ansible_collections.dockwright.host.plugins.module_utils.difference import Refusal
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    VIEW,
    Answer,
    FileObserved,
    Observation,
    Question,
    StagedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    PATH,
    NotADocument,
    read_document,
    secrets_of,
    withhold,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.docker_unit import (
    read_unit,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.effect import with_staged

VALIDATION = "dockerd"
_NAME = "daemon.json"


def ask_validation(observed: Observation, staged: StagedSet) -> Dict[str, Question]:
    """Ask dockerd with the flags its unit will give it; nothing where it or the file is not there.

    The file lies in a view of the host that nobody else sees, since it may hold secrets.
    """
    files = with_staged(observed.files, staged)
    unit = read_unit(files)
    file = files.get(PATH, FileObserved())
    if file.kind != "file" or not unit.arguments or not unit.is_plain:
        return {}
    path = "%s/%s" % (VIEW, _NAME)
    argv = (unit.arguments[0], "--validate", "--config-file", path) + unit.arguments[1:]
    return {VALIDATION: Question((argv,), {_NAME: file.text})}


def validation_refusal(answer: Optional[Answer], text: str) -> Optional[Refusal]:
    """Read dockerd's answer; None where it is content, cannot validate or could not be asked."""
    if answer is None or answer.unasked or not answer.statuses or answer.statuses[0] == 0:
        return None
    said = answer.outputs[0].strip().split("\n")[-1] if answer.outputs[0].strip() else ""
    # Engines before 23.0 have no such flag.
    if "unknown flag: --validate" in answer.outputs[0]:
        return None
    try:
        said = withhold(said, secrets_of(read_document(text)))
    except NotADocument:
        said = "the file is no JSON"
    said = said.replace("%s/%s" % (VIEW, _NAME), PATH)
    return Refusal("dockerd --validate says: %s." % said.rstrip("."), "Correct the declaration.")
