"""Every file that is made, and whether it is as it should be."""

import functools
from pathlib import Path

from .between import Made
from .pages import pages
from .roles import links, made_roles
from .tables import made_tables


@functools.cache
def made() -> Made:
    """Every file that is made in whole or in part, as it should be."""
    return {**made_tables(), **made_roles(), **pages()}


def stale() -> list[Path]:
    """The files and links that are not as they should be."""
    files = [path for path, text in made().items() if not path.exists() or path.read_text() != text]
    return files + [
        path
        for path, target in links().items()
        if not path.is_symlink() or path.readlink() != target
    ]


def write(path: Path) -> None:
    """Write one of them as it should be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path in links():
        path.unlink(missing_ok=True)
        path.symlink_to(links()[path])
    else:
        path.write_text(made()[path])
