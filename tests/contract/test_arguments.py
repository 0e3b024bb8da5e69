"""One source for every argument: the roles, their specs, the modules and their pages agree."""

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations import (
    coming as coming_declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations import (
    drop_in as drop_in_declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations import (
    group as group_declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations import (
    host as declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations import (
    kernel as kernel_declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations import (
    proxy as proxy_declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations import (
    storage as storage_declaration,
)
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import (
    ENTRY_POINT,
    arguments_of,
)

from docs import pages

ROOT = Path(__file__).parents[2]
ARGUMENTS = {
    "docker_kernel": kernel_declaration.KERNEL_ARGUMENTS,
    "docker_proxy": proxy_declaration.PROXY_ARGUMENTS,
    "docker_group": group_declaration.GROUP_ARGUMENTS,
    "docker_storage": storage_declaration.STORAGE_ARGUMENTS,
    "docker_engine": declaration.ENGINE_ARGUMENTS,
    "docker_daemon": declaration.DAEMON_ARGUMENTS,
    "docker_activation": declaration.ACTIVATION_ARGUMENTS,
}
# What a role takes on the controller and does not hand to its module under the same name.
ROLE_ONLY = {"docker_activation": {"deferred"}, "docker_kernel": {"reboot_timeout"}}
# The module of a role where it has another name, and what it takes of other roles besides.
MODULE = {
    "docker_proxy": "systemd_dropin",
    "docker_daemon": "docker_daemon_config",
    "docker_storage": "loop_filesystem",
}
# The option of that module that holds a role's arguments, where it is made for more.
OPTION = {"docker_proxy": "proxy"}
CONSENTS = {
    "docker_kernel": {**kernel_declaration.KERNEL_GIVEN, **declaration.WAITING},
    "docker_group": declaration.WAITING,
    "docker_proxy": proxy_declaration.PROXY_GIVEN,
    "docker_engine": {
        **declaration.ENGINE_CONSENTS,
        **declaration.PACKAGE_PROXY,
        **coming_declaration.DAEMON_GIVEN,
    },
    "docker_daemon": {
        **declaration.DAEMON_CONSENTS,
        **declaration.STORAGE_GIVEN,
        **declaration.PACKAGE_PROXY,
    },
    "docker_storage": {**declaration.STORAGE_CONSENTS, **declaration.PACKAGE_PROXY},
}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


# docker_plan has those of all roles beside its own, as links.
DEFAULTS = {"docker_plan": "main/docker_plan.yml"}


def defaults(role: str) -> dict[str, Any]:
    read: dict[str, Any] = load(ROOT / "roles" / role / "defaults" / DEFAULTS.get(role, "main.yml"))
    return read


def options(role: str) -> dict[str, dict[str, Any]]:
    spec = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")
    read: dict[str, dict[str, Any]] = spec["argument_specs"][ENTRY_POINT]["options"]
    return read


def every_variable() -> list[str]:
    return [name for role in roles() for name in options(role)]


def arguments(role: str, module: str) -> dict[str, Any]:
    """What a role's task hands to its module."""
    (task,) = (
        task
        for task in load(ROOT / "roles" / role / "tasks" / "main.yml")
        if f"dockwright.host.{module}" in task
    )
    read: dict[str, Any] = task[f"dockwright.host.{module}"]
    return read


def documentation(module: str) -> dict[str, Any]:
    name = f"ansible_collections.dockwright.host.plugins.modules.{module}"
    read: dict[str, Any] = yaml.safe_load(importlib.import_module(name).DOCUMENTATION)
    for fragment in read.get("extends_documentation_fragment", []):
        name = (
            f"ansible_collections.dockwright.host.plugins.doc_fragments.{fragment.split('.')[-1]}"
        )
        shared = importlib.import_module(name).ModuleDocFragment.DOCUMENTATION
        read["options"].update(yaml.safe_load(shared)["options"])
    return read


def roles() -> list[str]:
    return sorted(path.name for path in (ROOT / "roles").iterdir())


@pytest.mark.parametrize("role", roles())
def test_defaults_are_the_argument_specs_defaults(role: str) -> None:
    assert defaults(role) == {name: option["default"] for name, option in options(role).items()}


@pytest.mark.parametrize("role", roles())
def test_public_variables_carry_their_roles_name(role: str) -> None:
    assert all(name.startswith(f"{role}_") for name in defaults(role))


@pytest.mark.parametrize("role", sorted(ARGUMENTS))
def test_a_roles_variables_are_its_modules_arguments(role: str) -> None:
    variables = {
        name[len(role) + 1 :]: (option["type"], option["default"])
        for name, option in options(role).items()
        if name[len(role) + 1 :] not in ROLE_ONLY.get(role, set())
    }
    arguments = {
        name: (argument["type"], argument["default"]) for name, argument in ARGUMENTS[role].items()
    }
    assert variables == arguments


@pytest.mark.parametrize("role", sorted(ARGUMENTS))
def test_a_modules_page_tells_its_arguments(role: str) -> None:
    expected = {**ARGUMENTS[role], **CONSENTS.get(role, {})}
    told = documentation(MODULE.get(role, role))["options"]
    if role in OPTION:
        told = told[OPTION[role]]["suboptions"]
    assert told_arguments(told) == known_arguments(expected)


def test_the_plans_page_tells_the_arguments_of_every_role() -> None:
    told = documentation("docker_plan")["options"]
    assert tuple(told["roles"]["choices"]) == tuple(told["roles"]["default"]) == declaration.ROLES
    for role in declaration.ROLES:
        assert told_arguments(told[role]["suboptions"]) == known_arguments(ARGUMENTS[role])


def test_the_plan_hands_on_every_variable_of_every_role() -> None:
    given = arguments("docker_plan", "docker_plan")
    for role in declaration.ROLES:
        assert given[role] == f"{{{{ lookup('dockwright.host.declared', '{role}') }}}}"
        assert set(arguments_of(role)) == set(ARGUMENTS[role])


@pytest.mark.parametrize("role", sorted(ARGUMENTS))
def test_a_role_hands_on_every_variable(role: str) -> None:
    expected = set(ARGUMENTS[role]) | set(CONSENTS.get(role, {}))
    given = arguments(role, MODULE.get(role, role))
    if role in OPTION:
        whole = given[OPTION[role]]
        assert f"lookup('dockwright.host.declared', '{role}')" in whole
        given = dict.fromkeys([*arguments_of(role), *re.findall(r"'(\w+)': ", whole)])
    assert set(given) == expected


@pytest.mark.parametrize("role", roles())
def test_a_role_judges_its_variables_first(role: str) -> None:
    first = load(ROOT / "roles" / role / "tasks" / "main.yml")[0]
    assert first == load(ROOT / "roles" / "docker_plan" / "tasks" / "main.yml")[0]
    assert "dockwright.host.mistakes" in str(first)


@pytest.mark.parametrize("role", roles())
def test_a_role_takes_no_variable_as_it_is(role: str) -> None:
    """Null is a default, which only the lookup knows."""
    text = (ROOT / "roles" / role / "tasks" / "main.yml").read_text()
    taken = re.findall(r"lookup\('dockwright\.host\.declared', '(\w+)'\)", text)
    assert set(taken) <= set(every_variable()) | set(declaration.ROLES)
    bare = re.sub(r"\w+ is defined|lookup\('dockwright\.host\.declared', '\w+'\)", "", text)
    assert not [name for name in every_variable() if re.search(rf"(?<![.\w]){name}\b", bare)]


def test_a_drop_ins_page_tells_its_arguments() -> None:
    told = documentation("systemd_dropin")["options"]
    told.pop("proxy")
    known = {**drop_in_declaration.DROP_IN_ARGUMENTS, **declaration.PROXY_CONSENTS}
    assert told_arguments(told) == known_arguments(known)


def test_site_walks_every_role_that_applies() -> None:
    plays = load(ROOT / "playbooks" / "site.yml")
    walked = [entry["role"].rpartition(".")[2] for entry in plays[1]["roles"]]
    assert tuple(walked) == declaration.ROLES == tuple(plays[0]["vars"]["dockwright_roles"])


def test_the_plan_knows_the_defaults_of_every_role() -> None:
    folder = ROOT / "roles" / "docker_plan" / "defaults" / "main"
    for role in declaration.ROLES:
        assert (folder / f"{role}.yml").resolve() == ROOT / "roles" / role / "defaults" / "main.yml"


def test_the_pages_are_made_of_what_the_specs_say_now() -> None:
    stale = [str(path.relative_to(ROOT)) for path in pages.stale()]
    assert not stale, f"stale: {', '.join(stale)}. Run `{pages.COMMAND}` and commit what it writes."


def test_every_role_has_a_page_in_the_order_of_site() -> None:
    assert (*declaration.ROLES, "docker_plan") == pages.ROLES
    assert sorted(pages.ROLES) == roles()


def test_a_filters_page_tells_its_arguments() -> None:
    folder = ROOT / "plugins" / "filter"
    for path in sorted(folder.glob("[!_]*.py")):
        name = f"ansible_collections.dockwright.host.plugins.filter.{path.stem}"
        for each, called in importlib.import_module(name).FilterModule().filters().items():
            page = folder / f"{each}.yml"
            assert page.exists(), f"{each} has no page: write {page.relative_to(ROOT)}"
            told = load(page)["DOCUMENTATION"]
            _input, *others = inspect.signature(called).parameters
            assert list(told["options"]) == ["_input", *others], page
            assert told.get("positional", "") == ", ".join(others), page


def told_arguments(told: dict[str, Any]) -> dict[str, Any]:
    return {name: (each["type"], each.get("default")) for name, each in told.items()}


def known_arguments(known: dict[str, Any]) -> dict[str, Any]:
    return {name: (each["type"], each.get("default")) for name, each in known.items()}
