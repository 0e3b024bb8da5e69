"""What is made from the argument specs can be read again as what they say."""

import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as kinds

from docs.generate.between import COMMAND, put_between
from docs.generate.roles import written

TEXT = kinds.text(string.printable + "äöü中文", max_size=12)
BEGIN, END = f"# made by `{COMMAND}` from a.yml: edit that", "# end of what is made"


@given(kinds.one_of(TEXT, kinds.booleans(), kinds.integers(), kinds.lists(TEXT, max_size=3)))
@example("0600")
@example("10G")
@example("yes")
@example("a: b #c")
def test_a_default_is_read_as_it_was_declared(value: Any) -> None:
    assert yaml.safe_load(f"key:{written(value)}\n") == {"key": value}


def test_only_what_stands_between_the_marks_is_made(tmp_path: Path) -> None:
    page = tmp_path / "page.yml"
    page.write_text(f"mine\n  {BEGIN}\nold\n  {END}\nmine too\n{BEGIN}\n{END}\n")
    made = put_between(page, ["new\n", "newer\n"], "a.yml")
    assert made == f"mine\n  {BEGIN}\nnew\n  {END}\nmine too\n{BEGIN}\nnewer\n{END}\n"


def test_a_file_without_its_marks_is_named_with_what_it_wants(tmp_path: Path) -> None:
    page = tmp_path / "page.yml"
    page.write_text("mine\n")
    with pytest.raises(SystemExit, match=r"page\.yml: it wants 1 time\(s\) a line `# made by"):
        put_between(page, ["new\n"], "a.yml")
