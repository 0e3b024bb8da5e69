"""Files of variables, compared with systemd's own reading of them (by environment.d)."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.environment_file import (
    read_variables,
    render_environment_file,
)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("# A=1\n ;B=2\nC=3", [("C", "3")]),
        (" A = b  c \t\nB=", [("A", "b  c"), ("B", "")]),
        ("A=1 # 2\nB=\"c\" # 'd'", [("A", "1 # 2"), ("B", "c# 'd'")]),
        ("A=b\\\n c\\\\\nB=2", [("A", "b c\\"), ("B", "2")]),
        ("A=b\\\n# c\nB=2\\", [("A", "b# c"), ("B", "2")]),
        ("# A\\\nB=2", [("B", "2")]),
        ('A="b\nc \\\nd \\" \\x \\$"\nB=2', [("A", 'b\nc d " \\x $'), ("B", "2")]),
        ("A='b\nc \\'\\n\nB=2", [("A", "b\nc \\n"), ("B", "2")]),
        ("A=\"b\" 'c'd\"e\"\nB=\\'2'", [("A", 'bcd"e"'), ("B", "'2'")]),
        ('A=1\nB="2\nC=3\\', [("A", "1"), ("B", "2\nC=3")]),
        ("export A=1\n2=3\n=B=4\nC", []),
        ("A=1\r\nB='2\r\n3'\r\n", [("A", "1"), ("B", "2\r\n3")]),
        ("", []),
    ],
)
def test_what_a_file_sets(text: str, variables: list[tuple[str, str]]) -> None:
    assert list(read_variables(text)) == variables


def test_what_is_written_is_read_again() -> None:
    variables = {"A": 'http://u:p%40$x`y"z\\@proxy:3128', "B": "", "C": "# 'c' ;"}
    assert dict(read_variables(render_environment_file("# header", variables))) == variables
