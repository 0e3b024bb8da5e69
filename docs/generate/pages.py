"""The tables of variables in the roles' pages, and the table of roles in README.md."""

import re
from typing import Any

from .between import Made, put_between
from .specs import ROOT, SPECS, Json, all_roles, folder, options, spec

# Ansible's marks of a value, an option and a name that is typed.
MARK = re.compile(r"\b[VOC]\(([^)]*)\)")


def pages() -> Made:
    """Every page that has a table made, as it should be."""
    tables = {ROOT / "README.md": overview()}
    for role in all_roles():
        tables[folder(role) / "README.md"] = variables(role)
    return {path: put_between(path, [f"\n{table}\n"], SPECS) for path, table in tables.items()}


def overview() -> str:
    """The table of roles."""
    told = [
        f"| [{role}](roles/{role}/README.md) | {spec(role)['short_description']} |\n"
        for role in all_roles()
    ]
    return f"| Role | What it is for |\n|---|---|\n{''.join(told)}"


def variables(role: str) -> str:
    """The table of a role's variables."""
    head = "| Variable | Type | Default | What it declares |\n|---|---|---|---|\n"
    return head + "".join(rows(options(role)))


def rows(described: dict[str, Json], above: str = "") -> list[str]:
    """A row for each variable, and one for each part of those that are maps of a known form."""
    told = []
    for name, option in described.items():
        default = "must be given" if option.get("required") else f"`{shown(option['default'])}`"
        what = MARK.sub(r"`\1`", " ".join(option["description"])).replace("|", r"\|")
        told.append(f"| `{above}{name}` | {kind(option)} | {default} | {what} |\n")
        told += rows(option.get("options", {}), f"{above}{name}[].")
    return told


def kind(option: Json) -> str:
    """The kind of value, or the values themselves where there are few."""
    if "choices" in option and option["type"] != "list":
        return ", ".join(f"`{choice}`" for choice in option["choices"])
    if option["type"] == "list":
        return f"list of {option['elements']}"
    named: str = option["type"]
    return named


def shown(value: Any) -> str:
    """A default as one would write it into an inventory."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[" + ", ".join(value) + "]"
    return str(value) if value != "" else '""'
