# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a filesystem's size from its superblock.

Sources: the kernel's fs/ext4/ext4.h (ext4_super_block), fs/xfs/libxfs/xfs_format.h (xfs_dsb) and
include/uapi/linux/btrfs_tree.h (btrfs_super_block).
"""

import struct

_BTRFS = 0x10000
_EXT4 = 0x400
_EXT4_64BIT = 0x80
_MEBIBYTE = 1024 * 1024
# Enough bytes for all three kinds.
_HEAD = _BTRFS + 4096


def read_head(path: str) -> bytes:
    """Read the start of a file or a device; nothing where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def size_of(filesystem: str, head: bytes) -> int:
    """Give the size in bytes of the filesystem at the start of a device; 0 if there is none."""
    if len(head) < _HEAD:
        return 0
    if filesystem == "btrfs" and head[_BTRFS + 0x40 : _BTRFS + 0x48] == b"_BHRfS_M":
        return int(struct.unpack_from("<Q", head, _BTRFS + 0x70)[0])
    if filesystem == "xfs" and head[:4] == b"XFSB":
        block, blocks = struct.unpack_from(">IQ", head, 4)
        return int(block * blocks)
    if filesystem == "ext4" and head[_EXT4 + 56 : _EXT4 + 58] == b"\x53\xef":
        return _ext4(head)
    return 0


def xfs_log_size(head: bytes) -> int:
    """Give the bytes of an xfs's log, which statvfs(2) does not count; 0 if it lies elsewhere."""
    if head[:4] != b"XFSB":
        return 0
    (block,) = struct.unpack_from(">I", head, 4)
    (start,) = struct.unpack_from(">Q", head, 48)
    (blocks,) = struct.unpack_from(">I", head, 96)
    return int(block * blocks) if start else 0


def is_half_made(filesystem: str, head: bytes) -> bool:
    """Whether mkfs was cut off: only xfs has its signature before it is whole (sb_inprogress).

    btrfs-progs write another magic first, and mke2fs writes the superblock last.
    """
    return filesystem == "xfs" and head[:4] == b"XFSB" and head[126:127] not in (b"", b"\0")


def is_blank(path: str, size: int) -> bool:
    """Whether the first four MiB of a device and its last MiB hold only zeros."""
    try:
        with open(path, "rb") as file:
            first = file.read(4 * _MEBIBYTE)
            file.seek(max(0, size - _MEBIBYTE))
            last = file.read(_MEBIBYTE)
    except OSError:
        return False
    return not any(first.strip(b"\0")) and not any(last.strip(b"\0"))


def _ext4(head: bytes) -> int:
    (low,) = struct.unpack_from("<I", head, _EXT4 + 4)
    (shift,) = struct.unpack_from("<I", head, _EXT4 + 24)
    (features,) = struct.unpack_from("<I", head, _EXT4 + 96)
    (high,) = struct.unpack_from("<I", head, _EXT4 + 336)
    blocks = low + (high << 32 if features & _EXT4_64BIT else 0)
    # No filesystem has larger blocks, and a damaged number must not become a huge one.
    return int(blocks << (10 + shift)) if shift <= 6 else 0
