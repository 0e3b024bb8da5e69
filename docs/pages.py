"""Write the tables of variables into the pages, from roles/<role>/meta/argument_specs.yml.

`make pages` runs it. What stands outside the markers is written by hand and stays.
"""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
COMMAND = "make pages"
# In the order in which site.yml walks them; the look that play 1 takes comes last.
ROLES = (
    "docker_kernel",
    "docker_proxy",
    "docker_group",
    "docker_storage",
    "docker_engine",
    "docker_daemon",
    "docker_activation",
    "docker_plan",
)
BEGIN = f"<!-- made by `{COMMAND}` from meta/argument_specs.yml: edit that -->"
END = "<!-- end of what is made -->"
BETWEEN = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
# Ansible's marks of a value, an option and a name that is typed.
MARK = re.compile(r"\b[VOC]\(([^)]*)\)")
Json = dict[str, Any]


def spec(role: str) -> Json:
    """What a role's argument_specs.yml says of its one entry point."""
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text()
    read: Json = yaml.safe_load(text)["argument_specs"]["variables"]
    return read


def variables(role: str) -> str:
    """The table of a role's variables."""
    head = "| Variable | Type | Default | What it declares |\n|---|---|---|---|\n"
    return f"\n{head}{''.join(rows(spec(role)['options']))}\n"


def rows(options: Json, above: str = "") -> list[str]:
    """A row for each variable, and one for each part of those that are maps of a known form."""
    told = []
    for name, option in options.items():
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


def overview() -> str:
    """The table of roles."""
    told = [
        f"| [{role}](roles/{role}/README.md) | {spec(role)['short_description']} |\n"
        for role in ROLES
    ]
    return f"\n| Role | What it is for |\n|---|---|\n{''.join(told)}\n"


def pages() -> dict[Path, str]:
    """Every page that has something made in it, as it should be."""
    made = {ROOT / "README.md": overview()}
    for role in ROLES:
        made[ROOT / "roles" / role / "README.md"] = variables(role)
    return {path: with_made(path, text) for path, text in made.items()}


def with_made(path: Path, made: str) -> str:
    """A page with what is made in its place."""
    page = path.read_text()
    if len(BETWEEN.findall(page)) != 1:
        raise SystemExit(f"{path}: it wants one line {BEGIN} and after it one line {END}")
    return BETWEEN.sub(lambda _: made, page)


def stale() -> list[Path]:
    """The pages that are not as they should be."""
    return [path for path, page in pages().items() if path.read_text() != page]


def main() -> int:
    """Write the pages that are stale, and name them."""
    for path in stale():
        path.write_text(pages()[path])
        print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
