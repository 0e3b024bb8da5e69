"""What unit tests share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

# Hypothesis keeps tables of characters and constants here, outside the tree.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "dockwright-hypothesis")


@pytest.fixture
def narrow_umask() -> Iterator[None]:
    """Work under the umask that root has on hardened hosts."""
    before = os.umask(0o077)
    yield
    os.umask(before)
