"""containerd's metadata, as containerd 2.1.9 wrote it with two images of Docker's in it."""

import contextlib
import gzip
import io
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.bolt import (
    Damaged,
    count_keys,
)
from hypothesis import given
from hypothesis import strategies as st

CAPTURED = gzip.decompress((Path(__file__).with_name("containerd_meta.db.gz")).read_bytes())
IMAGES = (b"v1", b"moby", b"images")


def test_images_of_docker_are_counted() -> None:
    assert count_keys(io.BytesIO(CAPTURED), IMAGES) == 2


def test_a_bucket_that_is_not_there_holds_nothing() -> None:
    assert count_keys(io.BytesIO(CAPTURED), (b"v1", b"k8s.io", b"images")) == 0


@pytest.mark.parametrize("spoilt", [0, 4096])
def test_one_meta_is_enough(spoilt: int) -> None:
    """A crash during a write spoils one of the two; the other is the earlier state."""
    magic = spoilt + 16
    changed = CAPTURED[:magic] + bytes(4) + CAPTURED[magic + 4 :]
    assert count_keys(io.BytesIO(changed), IMAGES) in (1, 2)


@pytest.mark.parametrize("kept", [0, 16, 100, 4096, 8192, 20000])
def test_half_a_file_is_told_as_damaged(kept: int) -> None:
    with pytest.raises(Damaged):
        count_keys(io.BytesIO(CAPTURED[:kept]), IMAGES)


@given(st.integers(0, len(CAPTURED) - 1), st.binary(min_size=1, max_size=64))
def test_a_changed_file_is_counted_or_told_as_damaged(place: int, written: bytes) -> None:
    changed = CAPTURED[:place] + written + CAPTURED[place + len(written) :]
    with contextlib.suppress(Damaged):
        assert count_keys(io.BytesIO(changed), IMAGES) >= 0
