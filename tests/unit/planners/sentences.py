"""The page of sentences: all that an operator is told, each once.

A plan's sentences come from every case. What a reader of arguments, an applier or a door raises
comes from the code, with %s in place of values.

Started as a program (`make sentences`) it writes the page, sorted by role and resource, with what
the cure disturbs. Read it as somebody who is called at 3 a.m. would. Rules for every sentence are
in test_sentences.py.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PAGE = ROOT / ".cache" / "sentences.md"
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / ".collections")]

from ansible_collections.dockwright.host.plugins.module_utils.words.difference import (  # noqa: E402
    Difference,
    in_words,
)

from tests.unit.planners import case, case_files  # noqa: E402

# Errors that end a run with a text of ours.
RAISED = ("AnsibleFilterError", "ApplyFailed", "DeclarationError", "Problem", "_fail")


class Sentence(NamedTuple):
    """A sentence: its kind, its resource and impact, and one case that has it."""

    kind: str
    resource: str
    impact: str
    text: str
    case: str


def sentences() -> Iterator[Sentence]:
    """Give each sentence of every case, once."""
    known = set()
    for name in case_files.case_names():
        for each in _of_case(name):
            key = (each.kind, each.text)
            if key not in known:
                known.add(key)
                yield each


def raised() -> Iterator[Sentence]:
    """Give the text of each error that ends a run, with the file that raises it."""
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name_of(node.func) in RAISED:
                text = _text(node)
                if text:
                    yield Sentence("raised", f"raised in {path.stem}.py", "", text, path.name)


def _name_of(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def _text(call: ast.Call) -> str:
    """Give the first text in a call's arguments, with its parts joined."""
    for argument in [*call.args, *(each.value for each in call.keywords)]:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                return node.value
    return ""


def write_page() -> int:
    """Write the page; give how many sentences are on it."""
    everything = [*sentences(), *raised()]
    told = sorted(everything, key=lambda each: (each.resource, each.kind))
    lines = ["# All that a plan tells", ""]
    heading = ""
    for each in told:
        if each.resource != heading:
            heading = each.resource
            lines += ["", f"## {heading}", ""]
        cost = "" if each.impact in ("", "none") else f" [{each.impact}]"
        lines.append(f"- {each.kind}{cost}: {each.text} ({each.case})")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(told)


def _of_case(name: str) -> Iterator[Sentence]:
    plan = case.plan_case(name)
    for each in plan.differences:
        yield from _of_difference(name, each)
    for unverifiable in plan.unverifiable:
        text = " ".join(f"{unverifiable.path} {unverifiable.reason}".split())
        yield Sentence("not judged", unverifiable.resource, "", text, name)
    for kind, texts in (("note", plan.notes), ("warning", plan.warnings)):
        for text in texts:
            yield Sentence(kind, kind + "s", "", text, name)


def _of_difference(name: str, each: Difference) -> Iterator[Sentence]:
    kind = "told" if each.only_reported else "cure"
    yield Sentence(kind, each.resource, each.impact, in_words(each), name)
    if each.refusal is not None:
        yield Sentence("refusal", each.resource, "", each.refusal.sentence(), name)


if __name__ == "__main__":
    print(f"{write_page()} sentences in {PAGE.relative_to(ROOT)}")
