"""What unit tests share."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture
def narrow_umask() -> Iterator[None]:
    """Work under the umask that hardened hosts give root."""
    before = os.umask(0o077)
    yield
    os.umask(before)
