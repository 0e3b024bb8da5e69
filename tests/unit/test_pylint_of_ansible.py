"""Find in a second what ansible-test's pylint refuses most often; pylint itself takes minutes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"


def complaints(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store):
            yield f"line {node.lineno}: name it, as in _name: pylint takes no _"
        if isinstance(node, ast.For) and len(node.body) == 1 and not node.orelse:
            (only,) = node.body
            given = only.value if isinstance(only, ast.Expr) else None
            told = given.value if isinstance(given, ast.Yield) else None
            if told and ast.unparse(told) == ast.unparse(node.target):
                yield f"line {node.lineno}: use yield from"
        if isinstance(node, ast.FunctionDef):
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if isinstance(default, (ast.Dict, ast.List, ast.Set)):
                    yield f"line {default.lineno}: this default is shared by all calls"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("for each in some():\n    yield each", 1),
        ("for each in some():\n    yield each.name", 0),
        ("yield from some()", 0),
        ("name, _, value = some()", 1),
        ("name, _sign, value = some()", 0),
        ("def of(names={}): ...", 1),
    ],
)
def test_they_are_found(source: str, found: int) -> None:
    assert len(list(complaints(source))) == found


def test_no_plugin_has_any() -> None:
    told = [
        f"{path.relative_to(PLUGINS)}: {complaint}"
        for path in sorted(PLUGINS.rglob("*.py"))
        for complaint in complaints(path.read_text())
    ]
    assert not told
