"""Unit files as we read them, compared with systemd's own reading (`systemd-analyze`)."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.unit_lines import (
    arguments_of,
    assigned,
    assignments,
    continued_lines,
    environment_files,
    words,
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a=1\na =\n = \nb", [("", "a", "1", 1), ("", "a", "", 2), ("", "", "", 3)]),
        pytest.param("[A]\n\n x = y z \t\n", [("A", "x", "y z", 3)], id="blanks"),
        pytest.param("#a=1\n ;b=2\nc=#3", [("", "c", "#3", 3)], id="remarks"),
        pytest.param("a=1 \\\n 2\nb=3", [("", "a", "1   2", 1), ("", "b", "3", 3)], id="continued"),
        pytest.param("a=1\\\n# 2\n;3\\\n4", [("", "a", "1 4", 1)], id="remarks between"),
        pytest.param(
            "a=1\\\\\nb=2", [("", "a", "1\\\\", 1), ("", "b", "2", 2)], id="two backslashes"
        ),
        pytest.param("a=1\\\\\\\nb=2", [("", "a", "1\\\\ b=2", 1)], id="three backslashes"),
        pytest.param("a=1\\ \nb=2", [("", "a", "1\\", 1), ("", "b", "2", 2)], id="a blank behind"),
        pytest.param("#a\\\nb=2", [("", "b", "2", 2)], id="a remark goes on nowhere"),
        pytest.param("a=1\\", [("", "a", "1", 1)], id="the end of the file"),
        pytest.param("a=1\\\n", [("", "a", "1", 1)], id="the end of the last line"),
        pytest.param(
            "a=1\\\n[B]\nb=2", [("", "a", "1 [B]", 1), ("", "b", "2", 3)], id="no section"
        ),
        pytest.param("[A\\\n]\nb=2", [("A ", "b", "2", 3)], id="a section goes on"),
        pytest.param(
            "\ufeff[A]\r\na=1\\\r\n2\rb=3\r\n", [("A", "a", "1 2", 2), ("A", "b", "3", 4)]
        ),
        pytest.param("[A]\n\x0c#=1", [("A", "\x0c#", "1", 2)], id="a form feed"),
    ],
)
def test_what_a_file_says(text: str, said: list[tuple[str, str, str, int]]) -> None:
    assert list(assignments(text)) == said


def test_a_name_is_looked_for_in_every_section_of_one_name() -> None:
    text = "[Unit]\nA=0\n[Service]\nA=1\n[Unit]\nA=2\n[Service]\nA=\nB=3\nA=4"
    assert assigned(text, "Service", "A") == ["1", "", "4"]


def test_where_remarks_are_none_they_are_joined_like_the_rest() -> None:
    text = "a \\\n# b\\\nc\n# d \\\ne\n\nf\\"
    assert list(continued_lines(text, "", "")) == [(1, "a # bc"), (4, "# d e"), (6, ""), (7, "f")]


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("", ()),
        ("/bin/a b 'c d' e\\ f", ("/bin/a", "b", "c d", "e f")),
        ('-"/bin/a b" --c="d e"', ("/bin/a b", "--c=d e")),
        ("@/bin/a name b", ("/bin/a", "b")),
        ("-!!@/bin/a name", ("/bin/a",)),
    ],
)
def test_a_command_line_as_a_program_gets_it(line: str, arguments: tuple[str, ...]) -> None:
    assert arguments_of(words(line)) == arguments


def test_files_of_variables_are_named_without_what_says_that_they_need_not_be_there() -> None:
    text = "[Service]\nEnvironmentFile=-/a\nEnvironmentFile=\nEnvironmentFile=/b c"
    assert list(environment_files(text)) == ["/a", "", "/b c"]
