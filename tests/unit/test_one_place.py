"""What is written in one place: ids of resources, impacts, causes, and how things are declared."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words import resources

PLUGINS = Path(__file__).parents[2] / "plugins"
NAMED = [each for name, each in vars(resources).items() if name.isupper() and type(each) is str]
# A word of everyday is no id where it stands.
IDS = frozenset(NAMED) - {resources.SYSTEM}
# What makes each, and the one file that may.
MAKERS = {
    "Resource": "resources.py",
    "Impact": "impacts.py",
    "Cause": "causes.py",
    "Declared": "declared.py",
}


def complaints(file: str, source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in IDS and file != "resources.py":
            yield f"line {node.lineno}: take the id {node.value!r} from words/resources.py"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = MAKERS.get(node.func.id, file)
            if place != file:
                yield f"line {node.lineno}: {node.func.id} is made in words/{place} alone"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('of = "storage.unit"', 1),
        ('of = resources.STORAGE_UNIT, "a storage.unit"', 0),
        ('Impact("none")', 1),
        ("Declared(resource=of)", 1),
        ("declare_at(resource=of)", 0),
    ],
)
def test_they_are_found(source: str, found: int) -> None:
    assert len(list(complaints("plan.py", source))) == found


def test_all_are_in_their_place() -> None:
    told = [
        f"{path.relative_to(PLUGINS)}: {complaint}"
        for path in sorted(PLUGINS.rglob("*.py"))
        for complaint in complaints(path.name, path.read_text())
    ]
    assert not told, "\n".join(told)


def test_no_two_resources_have_one_id() -> None:
    assert len(NAMED) == len(set(NAMED))
