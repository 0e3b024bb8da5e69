"""What a case declares: each role's arguments that it gives, and defaults for the others.

Runs on Python 3.6.
"""

from typing import Any, Dict, Mapping

from ansible_collections.dockwright.host.plugins.module_utils.planners.concerns import (
    ROLES,
    declare_together,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import (
    arguments_of,
    defaults_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)

from tests.unit.keys import armoured

Json = Dict[str, Any]
ONE = "09AFA6108E099AB679E1177CE4E83CBBE244995E"
# The declaration of a case that gives none: a key of its own, and nothing of daemon.json.
DECLARED: Dict[str, Json] = {
    "docker_engine": {"repo_urls": ["https://packages.example.test"], "repo_key_fingerprint": ONE},
    "docker_daemon": {"defaults": False},
}


def shape_of(arguments: Mapping[str, Mapping[str, Any]]) -> Json:
    """Give the keys that arguments may have, in the form of json_shapes."""
    return {
        name: shape_of(argument["options"]) if "options" in argument else Any
        for name, argument in arguments.items()
    }


# By role.
ARGUMENTS = {role: shape_of(arguments_of(role)) for role in ROLES}
# What the activation's module is told and no user declares.
ARGUMENTS["docker_activation"].update(deferred=bool, whole_run=bool)


def declare(case: Json, host: Json) -> Declaration:
    """Declare what a case gives its roles; its host may already tell of the storage."""
    given = {
        role: dict(defaults_of(role), **dict(DECLARED.get(role, {}), **case.get(role, {})))
        for role in ROLES
    }
    given["docker_storage"].update(
        dict(host.get("docker_storage", {}), **case.get("docker_storage", {}))
    )
    if given["docker_engine"]["repo_key"]:
        given["docker_engine"]["repo_key"] = armoured(given["docker_engine"]["repo_key"])
    declared = declare_together(given)
    before_daemon = case.get("before_daemon", False)
    return declared._replace(engine=declared.engine._replace(before_daemon=before_daemon))
