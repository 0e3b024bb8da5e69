# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments of each role's module, made from the variables in the roles' specs."""

from typing import Any, Dict

from .tables.variables import VARIABLES

Arguments = Dict[str, Dict[str, Any]]

# Variables that a role uses on the controller and does not pass to its module.
OF_THE_ROLE_ALONE = ("docker_activation_deferred", "docker_kernel_reboot_timeout")
_CONSENT = {"allow_container_stop": "docker_activation_allow_container_stop"}
_WAIT = {"run_timeout": "docker_activation_run_timeout"}
_STAGING = {
    "retry": "docker_activation_retry",
    "deferred": "docker_activation_deferred",
    "run_timeout": "docker_activation_run_timeout",
}
# Variables of other roles that a role's module uses, under the module's own names for them.
FOLLOWED: Dict[str, Dict[str, str]] = {
    "docker_kernel": dict(_WAIT, daemon_exclusive="docker_daemon_exclusive"),
    "docker_proxy": dict(_CONSENT, **_STAGING),
    "docker_group": _WAIT,
    "docker_storage": _STAGING,
    "docker_engine": dict(
        _CONSENT, allow_data_left_behind="docker_daemon_allow_data_left_behind", **_WAIT
    ),
    "docker_daemon": dict(_CONSENT, storage_filesystem="docker_storage_filesystem", **_STAGING),
}


def arguments_of(role: str) -> Arguments:
    """Give the arguments for a role's own variables."""
    return {
        name[len(role) + 1 :]: argument
        for name, argument in VARIABLES[role].items()
        if name not in OF_THE_ROLE_ALONE
    }


def followed_by(role: str) -> Arguments:
    """Give the arguments of this role's module for other roles' variables."""
    known = {name: each for variables in VARIABLES.values() for name, each in variables.items()}
    return {name: known[variable] for name, variable in FOLLOWED.get(role, {}).items()}


def module_arguments(role: str, **beside: Dict[str, Any]) -> Arguments:
    """Give all arguments of a role's module; ``beside`` are those that no variable makes."""
    return dict(arguments_of(role), **dict(followed_by(role), **beside))


def package_proxy() -> Arguments:
    """Give the proxy option of a module that installs packages."""
    return {"proxy": in_one(arguments_of("docker_proxy"), default={}, apply_defaults=True)}


def in_one(arguments: Arguments, **options: Any) -> Dict[str, Any]:
    """Give an option that holds these arguments; if one of them is secret, it is not logged."""
    secret = {"no_log": True} if any(each.get("no_log") for each in arguments.values()) else {}
    return dict({"type": "dict", "options": arguments}, **dict(secret, **options))


def defaults_of(role: str) -> Dict[str, Any]:
    """Give the default of each argument of a role."""
    return {name: each["default"] for name, each in arguments_of(role).items()}
