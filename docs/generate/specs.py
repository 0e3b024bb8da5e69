"""What the roles' argument specs say. Each variable is written there, and only there."""

import functools
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.dockwright.host.plugins.module_utils.planners import concerns
from ansible_collections.dockwright.host.plugins.plugin_utils.specs import ENTRY_POINT

from .between import put_between

ROLES = concerns.ROLES
ROOT = Path(__file__).parents[2]
SPECS = "meta/argument_specs.yml"
REGISTRY = "plugins/module_utils/planners/concerns.py"
# What takes the look of play 1; no row of the registry, for it keeps nothing on a host.
LOOK = "docker_plan"
Json = dict[str, Any]


def all_roles() -> tuple[str, ...]:
    """Every role, in the order in which site.yml walks them; the look comes last."""
    return (*ROLES, LOOK)


def folder(role: str) -> Path:
    """Where a role lives."""
    return ROOT / "roles" / role


def spec_path(role: str) -> Path:
    """The file in which a role's variables are written."""
    return folder(role) / "meta" / "argument_specs.yml"


def spec_text(role: str) -> str:
    """What that file says; what the look may be asked for follows from the list of roles."""
    if role != LOOK:
        return spec_path(role).read_text()
    chosen = f"        choices:\n{listed(10, ROLES)}        default:\n{listed(10, ROLES)}"
    return put_between(spec_path(LOOK), [chosen], REGISTRY)


@functools.cache
def spec(role: str) -> Json:
    """What a role's argument_specs.yml says of its one entry point."""
    read: Json = yaml.safe_load(spec_text(role))["argument_specs"][ENTRY_POINT]
    return read


def options(role: str) -> dict[str, Json]:
    """A role's variables by name."""
    read: dict[str, Json] = spec(role)["options"]
    return read


def listed(indentation: int, roles: tuple[str, ...]) -> str:
    """Roles as a list in YAML."""
    return "".join(f"{' ' * indentation}- {role}\n" for role in roles)
