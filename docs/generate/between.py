"""Files that are made in part: what stands between two marks is made, all else is a person's."""

import re
from collections.abc import Sequence
from pathlib import Path

COMMAND = "make generate"
# Files that are made, each with its text as it should be.
Made = dict[Path, str]
# A mark says what the lines are made from; in Markdown it is a comment of HTML.
BETWEEN = re.compile(
    rf"(^ *(?:#|<!--) made by `{COMMAND}` from [^\n]+\n).*?(^ *(?:#|<!--) end of what is made)",
    re.DOTALL | re.MULTILINE,
)
MARKS = {
    ".md": ("<!-- made by `{}` from {}: edit that -->", "<!-- end of what is made -->"),
    ".yml": ("# made by `{}` from {}: edit that", "# end of what is made"),
}


def put_between(path: Path, texts: Sequence[str], source: str) -> str:
    """A file's text with these texts between its marks, in their order.

    :raises SystemExit: where it has more marks than that, or fewer.
    """
    text, waiting = path.read_text(), list(texts)
    if len(BETWEEN.findall(text)) != len(waiting):
        begin, end = MARKS[path.suffix]
        raise SystemExit(
            f"{path}: it wants {len(waiting)} time(s) a line `{begin.format(COMMAND, source)}` "
            f"and after it a line `{end}`."
        )
    return BETWEEN.sub(lambda marks: marks[1] + waiting.pop(0) + marks[2], text)
