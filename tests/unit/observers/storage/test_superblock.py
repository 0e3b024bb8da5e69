"""Sizes from superblocks, laid out as by the mkfs of btrfs 6.2, xfs 6.1 and ext4 1.47."""

import struct
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import superblock

HEAD = 0x10000 + 4096
GIBIBYTE = 1024**3


def head(*parts: tuple[int, bytes]) -> bytes:
    block = bytearray(HEAD)
    for offset, contents in parts:
        block[offset : offset + len(contents)] = contents
    return bytes(block)


def btrfs(size: int) -> bytes:
    return head((0x10040, b"_BHRfS_M"), (0x10070, struct.pack("<Q", size)))


def xfs(blocks: int, log: int = 16384, log_start: int = 131078) -> bytes:
    return head(
        (0, struct.pack(">4sIQ", b"XFSB", 4096, blocks)),
        (48, struct.pack(">Q", log_start)),
        (96, struct.pack(">I", log)),
    )


def ext4(low: int, high: int = 0, shift: int = 2, features: int = 0x2C2) -> bytes:
    return head(
        (1024 + 4, struct.pack("<I", low)),
        (1024 + 24, struct.pack("<I", shift)),
        (1024 + 56, struct.pack("<H", 0xEF53)),
        (1024 + 96, struct.pack("<I", features)),
        (1024 + 336, struct.pack("<I", high)),
    )


@pytest.mark.parametrize(
    ("filesystem", "contents", "size"),
    [
        ("btrfs", btrfs(GIBIBYTE), GIBIBYTE),
        ("xfs", xfs(262144), GIBIBYTE),
        ("ext4", ext4(262144), GIBIBYTE),
        ("ext4", ext4(524288, shift=0), GIBIBYTE // 2),
        ("ext4", ext4(1, high=2), (2**33 + 1) * 4096),
        # Without 64bit the upper half belongs to something else.
        ("ext4", ext4(262144, high=2, features=0x242), GIBIBYTE),
        ("ext4", ext4(262144, shift=60), 0),
        # There is another filesystem than the one that is asked for.
        ("btrfs", xfs(262144), 0),
        ("xfs", btrfs(GIBIBYTE), 0),
        ("ext4", xfs(262144), 0),
        ("swap", ext4(262144), 0),
        ("", ext4(262144), 0),
        ("ext4", ext4(262144)[:4096], 0),
        ("btrfs", b"", 0),
    ],
)
def test_a_superblock_tells_the_size(filesystem: str, contents: bytes, size: int) -> None:
    assert superblock.size_of(filesystem, contents) == size


@pytest.mark.parametrize(
    ("contents", "size"),
    [(xfs(262144), 64 * 1024**2), (xfs(262144, log_start=0), 0), (btrfs(GIBIBYTE), 0), (b"", 0)],
)
def test_an_xfs_keeps_its_log_within_or_elsewhere(contents: bytes, size: int) -> None:
    assert superblock.xfs_log_size(contents) == size


def test_no_more_is_read_than_the_superblocks(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(bytes(HEAD * 2))
    assert superblock.read_head(str(tmp_path / "image")) == bytes(HEAD)
    assert superblock.read_head(str(tmp_path / "none")) == b""
    assert superblock.read_head(str(tmp_path)) == b""
