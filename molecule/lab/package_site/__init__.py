"""The lab's package site: Docker's packages, in Docker's layout, made of Debian's binaries.

`build` makes everything below WORK/www in the tool container, and `server.py` serves it. The
manifest says which engines it holds, in which exact versions, and the key.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from .debian import DEFAULT_MIRROR
from .engines import STAND_IN_LIBRARIES
from .manifest import Engine, Manifest, read_manifest

__all__ = [
    "STAND_IN_LIBRARIES",
    "Engine",
    "Manifest",
    "build",
    "read_manifest",
    "recipe_digest",
]

_HERE = Path(__file__).resolve().parent


def build(
    work: Path,
    run_in_tool: Callable[[Sequence[str]], None],
    mirror: str = DEFAULT_MIRROR,
) -> Manifest:
    """Make the site below `work` in the tool container, and say what it holds."""
    run_in_tool(
        [
            "env",
            f"PYTHONPATH={_HERE.parent}",
            "PYTHONDONTWRITEBYTECODE=1",
            "python3",
            "-m",
            "package_site",
            "build",
            str(work),
            "--mirror",
            mirror,
        ]
    )
    return read_manifest(work)


def recipe_digest() -> str:
    """Give a digest of this package's sources: a site from other sources is out of date."""
    digest = hashlib.sha256()
    for source in sorted(_HERE.glob("*.py")):
        content = source.read_bytes()
        digest.update(f"{source.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
