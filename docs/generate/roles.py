"""What follows in the roles and in site.yml from the argument specs, and from the list of roles."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import (
    FOLLOWED,
    OF_THE_ROLE_ALONE,
)

from .between import COMMAND, Made, put_between
from .specs import (
    LOOK,
    REGISTRY,
    ROLES,
    ROOT,
    SPECS,
    all_roles,
    folder,
    listed,
    options,
    spec,
    spec_path,
    spec_text,
)

SITE = ROOT / "playbooks" / "site.yml"
HEAD = f"---\n# Made by `{COMMAND}` from %s: edit that.\n"
# A text that a person takes for no number either: words, a path, or a size such as 10G.
PLAIN = re.compile(r"[A-Za-z/].*|[0-9]+[A-Z]+")
# The role whose module takes its variables in one option, by hand, for it is made for more.
IN_ONE_OPTION = "docker_proxy"


def made_roles() -> Made:
    """Every file of the roles, and site.yml, that is made in whole or in part."""
    made = {}
    for role in all_roles():
        made[defaults_path(role)] = defaults(role)
        made[folder(role) / "meta" / "main.yml"] = galaxy_information(role)
    for role in ROLES:
        tasks = folder(role) / "tasks" / "main.yml"
        made[tasks] = put_between(tasks, [handed_over(role)], SPECS)
    look = folder(LOOK) / "tasks" / "main.yml"
    made[look] = put_between(look, ["".join(map(handed_whole, ROLES))], REGISTRY)
    made[spec_path(LOOK)] = spec_text(LOOK)
    made[SITE] = put_between(SITE, [listed(6, ROLES), walked()], REGISTRY)
    return made


def links() -> dict[Path, Path]:
    """The links by which play 1, which runs the look alone, knows each role's defaults."""
    of_look = defaults_path(LOOK).parent
    return {
        of_look / f"{role}.yml": Path("../../..") / defaults_path(role).relative_to(ROOT / "roles")
        for role in ROLES
    }


def defaults_path(role: str) -> Path:
    """Where a role's defaults stand; the look has a folder of them."""
    path = folder(role) / "defaults" / "main.yml"
    return path.with_suffix("") / f"{role}.yml" if role == LOOK else path


def defaults(role: str) -> str:
    """A role's defaults."""
    lines = [f"{name}:{written(option['default'])}\n" for name, option in options(role).items()]
    return HEAD % SPECS + "".join(lines)


def written(value: Any) -> str:
    """A value in YAML, after a key and its colon."""
    if isinstance(value, list) and value:
        return "".join(f"\n  -{written(each)}" for each in value)
    if isinstance(value, str) and PLAIN.fullmatch(value) and is_text_as_it_is(value):
        return f" {value}"
    return f" {json.dumps(value, ensure_ascii=False)}"


def is_text_as_it_is(text: str) -> bool:
    """Whether YAML reads this text, without quotes, as this text."""
    try:
        return bool(yaml.safe_load(f"key: {text}") == {"key": text})
    except yaml.YAMLError:
        return False


def galaxy_information(role: str) -> str:
    """What Galaxy wants to know of a role: the same for each, but for its name and purpose."""
    template = (Path(__file__).parent / "galaxy_information.txt").read_text()
    purpose = written(spec(role)["short_description"]).strip()
    return HEAD % SPECS + template.format(role=role, purpose=purpose)


def handed_over(role: str) -> str:
    """What a role's task gives its module: the role's own variables, and those that it follows."""
    own = [
        name for name in options(role) if name not in OF_THE_ROLE_ALONE and role != IN_ONE_OPTION
    ]
    given = {**{name[len(role) + 1 :]: name for name in own}, **FOLLOWED.get(role, {})}
    return "".join(f"    {name}: {looked_up(variable)}\n" for name, variable in given.items())


def handed_whole(role: str) -> str:
    """What the look's task gives its module of one role."""
    return f"    {role}: {looked_up(role)}\n"


def looked_up(name: str) -> str:
    """The value of a variable, or of all of a role's, as a task asks for it."""
    return f"\"{{{{ lookup('dockwright.host.declared', '{name}') }}}}\""


def walked() -> str:
    """The roles that the second play walks before the activation, each by its own tag."""
    return "".join(
        f"    - role: dockwright.host.{role}\n      tags: [{role}]\n" for role in ROLES[:-1]
    )
