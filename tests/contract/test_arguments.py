"""One source for every variable: what follows from the roles' specs is made, not written."""

import importlib
import inspect
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.plugin_docs import read_docstring
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import add_fragments
from ansible_collections.dockwright.host.plugins.module_utils.planners.concerns import (
    CONCERNS,
    ROLES,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.filesystems import (
    FILESYSTEMS,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
    SUPPORTED_SYSTEMS,
    SupportedSystem,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.variables import (
    VARIABLES,
)
from ansible_collections.dockwright.host.plugins.plugin_utils.specs import specs

from docs.generate.between import COMMAND
from docs.generate.files import stale

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
# Fields of an argument that its page has too.
WORDS = ("type", "default", "elements", "choices", "required")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def roles() -> list[str]:
    return sorted(path.name for path in (ROOT / "roles").iterdir())


def tasks_path(role: str) -> Path:
    return ROOT / "roles" / role / "tasks" / "main.yml"


class Asked(Exception):
    """The arguments that a module gives to AnsibleModule."""


def taken_by(module: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give the arguments that a module takes, by its own word."""

    def ask(argument_spec: dict[str, Any], **_options: Any) -> None:
        raise Asked(argument_spec)

    loaded = importlib.import_module(
        f"ansible_collections.dockwright.host.plugins.modules.{module}"
    )
    monkeypatch.setattr(loaded, "AnsibleModule", ask)
    with pytest.raises(Asked) as asked:
        loaded.main()
    taken: dict[str, Any] = asked.value.args[0]
    return taken


def told_by(module: str) -> dict[str, Any]:
    """Give the options on a module's page, as Ansible composes it."""
    path = ROOT / "plugins" / "modules" / f"{module}.py"
    page: dict[str, Any] = read_docstring(str(path))["doc"]
    add_fragments(page, str(path), fragment_loader=fragment_loader)
    options: dict[str, Any] = page["options"]
    return options


def compared(described: dict[str, Any], parts: str) -> dict[str, Any]:
    """Give what a page and a module must say alike of each argument, its parts included."""
    return {
        name: {
            **{word: each[word] for word in WORDS if each.get(word) is not None},
            "parts": compared(each.get(parts, {}), parts),
        }
        for name, each in described.items()
    }


def module_of(role: str) -> str:
    """Give the module that a role's task calls."""
    called = re.findall(r"^  dockwright\.host\.(\w+):$", tasks_path(role).read_text(), re.MULTILINE)
    assert len(called) == 1, f"{tasks_path(role)} calls {called}: it wants one module of ours"
    return str(called[0])


def test_what_is_made_is_not_stale() -> None:
    paths = [str(path.relative_to(ROOT)) for path in stale()]
    assert not paths, (
        f"stale: {', '.join(paths)}. Run `{COMMAND}` and commit what it writes. What is to be "
        "different there is to be edited where its first line says that it is made from."
    )


@pytest.mark.parametrize("role", roles())
def test_public_variables_carry_their_roles_name(role: str) -> None:
    foreign = [name for name in specs()[role] if not name.startswith(f"{role}_")]
    assert not foreign, f"roles/{role}/meta/argument_specs.yml: {foreign} begin otherwise"


@pytest.mark.parametrize("module", MODULES)
def test_a_modules_page_tells_its_arguments(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = compared(told_by(module), "suboptions")
    taken = compared(taken_by(module, monkeypatch), "options")
    assert told == taken, (
        f"edit what plugins/modules/{module}.py takes, or tells; of a role's variable, "
        "roles/<role>/meta/argument_specs.yml"
    )


@pytest.mark.parametrize("role", [*ROLES, "docker_plan"])
def test_a_role_hands_on_all_that_its_module_takes(
    role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = module_of(role)
    (task,) = (each for each in load(tasks_path(role)) if f"dockwright.host.{module}" in each)
    given = set(task[f"dockwright.host.{module}"])
    taken = set(taken_by(module, monkeypatch))
    # The module of drop-ins takes a proxy, or its own handwritten arguments.
    by_hand = {"unit", "name", "sections", "environment", "credentials"}
    assert given == (taken - by_hand if module == "systemd_dropin" else taken), tasks_path(role)


@pytest.mark.parametrize("role", roles())
def test_a_role_judges_its_variables_first(role: str) -> None:
    first = load(tasks_path(role))[0]
    assert first == load(tasks_path("docker_plan"))[0], tasks_path(role)
    assert "dockwright.host.mistakes" in str(first)


@pytest.mark.parametrize("role", roles())
def test_a_role_takes_no_variable_as_it_is(role: str) -> None:
    """null means the default, which only the lookup knows."""
    known = [name for each in specs().values() for name in each]
    text = tasks_path(role).read_text()
    taken = re.findall(r"lookup\('dockwright\.host\.declared', '(\w+)'\)", text)
    assert set(taken) <= {*known, *ROLES}, tasks_path(role)
    bare = re.sub(r"\w+ is defined|lookup\('dockwright\.host\.declared', '\w+'\)", "", text)
    assert not [name for name in known if re.search(rf"(?<![.\w]){name}\b", bare)], tasks_path(role)


def test_site_walks_every_role_that_applies() -> None:
    plays = load(ROOT / "playbooks" / "site.yml")
    walked = [entry["role"].rpartition(".")[2] for entry in plays[1]["roles"]]
    assert tuple(walked) == ROLES == tuple(plays[0]["vars"]["dockwright_roles"]), (
        "edit the registry, plugins/module_utils/planners/concerns.py, "
        f"and run `{COMMAND}`; in playbooks/site.yml the activation alone is written by hand"
    )


def test_every_role_is_in_the_registry() -> None:
    """docker_plan keeps nothing on a host, and is no row."""
    registry = "plugins/module_utils/planners/concerns.py"
    assert sorted([*ROLES, "docker_plan"]) == roles(), f"edit {registry}"
    assert tuple(VARIABLES) == (*ROLES, "docker_plan"), f"run `{COMMAND}`"
    declared = {each.field for each in CONCERNS} | {"drop_in"}
    assert declared == set(Declaration._fields), f"edit {registry}, or Declaration"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_scenarios(role: str) -> None:
    scenario = ROOT / "molecule" / role / "molecule.yml"
    assert scenario.exists(), f"write {scenario.relative_to(ROOT)}"


def test_what_the_specs_choose_from_is_known() -> None:
    choices = specs()["docker_storage"]["docker_storage_filesystem"]["choices"]
    assert choices == ["auto", *FILESYSTEMS], (
        "edit roles/docker_storage/meta/argument_specs.yml, or words/tables/filesystems.py"
    )


@pytest.mark.parametrize("system", SUPPORTED_SYSTEMS, ids=lambda row: str(row.name))
def test_the_readme_names_every_supported_system(system: SupportedSystem) -> None:
    name, _blank, release = system.name.rpartition(" ")
    page = (ROOT / "README.md").read_text()
    named = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    told = [cell for cell in named if name in cell and release in re.findall(r"[\d.]+", cell)]
    assert len(told) == 1, f"README.md: its table of systems names {system.name} {len(told)} times"


def test_only_variables_that_exist_are_named() -> None:
    """In pages, examples, playbooks, roles, and the sentences that planners and appliers say."""
    known = {name for variables in VARIABLES.values() for name in variables}
    # What play 1 registers, and what the recipe for a variable adds.
    known |= {"docker_plan_result", "docker_daemon_log_level"}
    named = re.compile(rf"\b(?:{'|'.join(VARIABLES)})_\w+")
    where = ("*.md", "inventories", "playbooks", "roles/*/tasks", "plugins/*.py")
    listed = subprocess.run(
        ["git", "ls-files", "--", *where], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for path in listed.stdout.split():
        unknown = set(named.findall((ROOT / path).read_text())) - known
        assert not unknown, f"{path} names {', '.join(sorted(unknown))}: correct it there"


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
