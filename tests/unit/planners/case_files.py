"""The files of cases and of hosts: found by walking, and read once.

A file is named by its path below its folder, without the ending. A key that nobody reads is an
error that names the file, and so is a key that an object has twice. Runs on Python 3.6.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.planners.concerns import ROLES
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import Difference

from tests.unit.planners.declared import ARGUMENTS
from tests.unit.planners.json_shapes import BadFile, require_known_keys, unread
from tests.unit.planners.observed_host import OBSERVED, SHAPES, Json

FOLDER = Path(__file__).resolve().parent
# By key: the shape of what it holds, as json_shapes wants it.
CASE = dict(
    ARGUMENTS,
    what=str,
    host=str,
    observed=OBSERVED,
    roles=Any,
    before_daemon=bool,
    verdict=str,
    plan=Tuple[Difference, ...],
    unverifiable=Any,
    asks=Any,
    complaint=Any,
    notes=Any,
    warnings=Any,
    stages=OBSERVED["staged"],
    unsaid=Any,
)
HOST = dict(OBSERVED, like=str, docker_storage=ARGUMENTS["docker_storage"])


def case_names() -> List[str]:
    """Name every case, in order."""
    cases = FOLDER / "cases"
    found = (path.relative_to(cases).with_suffix("") for path in cases.rglob("*.json"))
    return sorted(path.as_posix() for path in found)


def read_case_file(name: str) -> Json:
    """Read the file of a case, with no key that nobody reads."""
    file = f"cases/{name}.json"
    case = _read(file, CASE)
    for role in set(case.get("roles", ())) - set(ROLES):
        raise BadFile(f"{file}: " + unread(f"roles names {role}", role, ROLES))
    return case


@lru_cache(maxsize=None)
def read_host_file(name: str) -> Json:
    """Read the file of a host with what it has of those it is like; nobody changes what it gives."""
    host = _read(f"hosts/{name}.json", HOST)
    like = host.pop("like", "")
    return overridden(read_host_file(like), host) if like else host


def overridden(host: Json, parts: Json) -> Json:
    """Give a host with parts overridden; of its storage parts of the parts are."""
    host = dict(host)
    for part, values in parts.items():
        if part == "storage" and host.get(part):
            host[part] = overridden(host[part], values)
        elif isinstance(values, dict):
            host[part] = dict(host.get(part) or {}, **values)
        else:
            host[part] = values
    return host


def _read(file: str, shape: Dict[str, Any]) -> Json:
    try:
        read = json.loads((FOLDER / file).read_text(), object_pairs_hook=_object)
        require_known_keys(read, shape, "", SHAPES)
    except (BadFile, ValueError) as error:
        raise BadFile(f"{file}: {error}") from error
    return dict(read)


def _object(pairs: List[Tuple[str, Any]]) -> Json:
    found: Json = {}
    for key, value in pairs:
        if key in found:
            raise BadFile(f"{key} is there twice in an object")
        found[key] = value
    return found
