"""What has more than a few fields is built by keyword: mypy sees no swap of two texts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FEW = 3
# All of its three fields are texts.
ALSO = "difference.Refusal"
# The rows of a table stand in columns.
ROWS = "supported_systems.SupportedSystem"


def last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def many(module: str, tree: ast.Module) -> Iterator[str]:
    """Each named tuple of more than a few fields, with the last name of its module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and "NamedTuple" in map(last, node.bases):
            name = f"{module}.{node.name}"
            fields = sum(isinstance(each, ast.AnnAssign) for each in node.body)
            if (fields > FEW or name == ALSO) and name != ROWS:
                yield name


def complaints(module: str, tree: ast.Module, types: frozenset[str]) -> Iterator[str]:
    full = {each.split(".")[1]: each for each in types if each.split(".")[0] == module}
    modules, calls = {}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) > 1:
            calls.append(node)
        if isinstance(node, ast.ImportFrom):
            for each in node.names:
                local = each.asname or each.name
                full[local] = f"{(node.module or '').split('.')[-1]}.{each.name}"
                modules[local] = each.name
    for call in calls:
        name = full.get(last(call.func), "")
        if isinstance(call.func, ast.Attribute):
            of = last(call.func.value)
            name = f"{modules.get(of, of)}.{call.func.attr}"
        if name in types:
            yield f"line {call.lineno}: name the arguments of {last(call.func)}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Many(1, 2)", 1),
        ("from x.here import Many as M; M(1, 2)", 1),
        ("from x import here as words; words.Many(1, 2, c=3)", 1),
        ("from x.there import Many; Many(1, 2)", 0),
        ("Many(1, b=2)", 0),
        ("Many(*each)", 0),
        ("Few(1, 2, 3)", 0),
    ],
)
def test_they_are_found(source: str, found: int) -> None:
    classes = "class Many(NamedTuple):\n a: int\n b: int\n c: int\n d: int\n"
    classes += "class Few(typing.NamedTuple):\n a: int\n b: int\n c: int\n"
    types = frozenset(many("here", ast.parse(classes)))
    assert len(list(complaints("here", ast.parse(source), types))) == found


def test_all_are_built_by_keyword() -> None:
    paths = sorted([*(ROOT / "plugins").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
    sources = {path: path.read_text() for path in paths}
    types = frozenset(
        name
        for path, source in sources.items()
        if "module_utils" in path.parts and "NamedTuple" in source
        for name in many(path.stem, ast.parse(source))
    )
    # Most files build none, and parsing is what takes long.
    names = "|".join({each.split(".")[1] for each in types})
    built = re.compile(rf"\b({names})(\((?!\))| as )")
    told = [
        f"{path.relative_to(ROOT)}: {complaint}"
        for path, source in sources.items()
        if built.search(source)
        for complaint in complaints(path.stem, ast.parse(source), types)
    ]
    assert types
    assert not told, "\n".join(told)
