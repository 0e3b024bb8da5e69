"""Copies of the site, each with one fault."""

from pathlib import Path

from .catalogue import DEB_FAMILIES, RPM_FAMILY
from .contents import link_tree
from .server import COPIES, HANGING, MISSING

OUT_OF_STEP = "out_of_step"
LAGGING = "lagging"
WRONG_KEY = "wrong_key"
WRONG_SIGNATURE = "wrong_signature"

SITES = {
    "good": "/",
    **{
        name: f"{COPIES}/{name}"
        for name in (OUT_OF_STEP, LAGGING, MISSING, HANGING, WRONG_KEY, WRONG_SIGNATURE)
    },
}


def linux_of(www: Path, copy: str) -> Path:
    """Give the folder of a copy's distributions."""
    return www / SITES[copy].lstrip("/") / "linux"


def make_out_of_step(www: Path) -> None:
    """Make a mirror in the middle of an update: its indexes are not the signed ones."""
    linux = linux_of(www, OUT_OF_STEP)
    link_tree(linux_of(www, "good"), linux)
    for index in (*linux.rglob("Packages*"), *linux.rglob("repodata/*primary*")):
        if index.is_file():
            _replace(index, _with_last_bit_flipped(index.read_bytes()))


def make_lagging(www: Path) -> None:
    """Make a mirror that has the new indexes, and not yet the packages that they name."""
    linux = linux_of(www, LAGGING)
    link_tree(linux_of(www, "good"), linux)
    for package in (*linux.rglob("*.deb"), *linux.rglob("*.rpm")):
        package.unlink()


def make_wrong_signature(www: Path) -> None:
    """Make a site signed by another key, next to the right key."""
    linux = linux_of(www, WRONG_SIGNATURE)
    link_tree(linux_of(www, WRONG_KEY), linux)
    families = [family.distribution for family in DEB_FAMILIES] + [*RPM_FAMILY.distributions]
    for distribution in families:
        right_key = linux_of(www, "good") / distribution / "gpg"
        _replace(linux / distribution / "gpg", right_key.read_bytes())


def _with_last_bit_flipped(content: bytes) -> bytes:
    # The size stays the same, so that only the hash shows the fault.
    return content[:-1] + bytes([content[-1] ^ 1])


def _replace(path: Path, content: bytes) -> None:
    # The good site shares this file, so it is replaced and never written to.
    path.unlink()
    path.write_bytes(content)
