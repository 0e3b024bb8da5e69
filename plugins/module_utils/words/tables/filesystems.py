# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filesystems for a data-root, as data: how each is made, grown and labelled.

Sources: mkfs.btrfs(8), mkfs.xfs(8), mke2fs(8), btrfs-filesystem(8), xfs_growfs(8), resize2fs(8). In
a command {device} is what is formatted or mounted, {mount_point} where it is mounted, {uuid} the
filesystem's UUID and {label} its label.
"""

from typing import Dict, List, NamedTuple, Sequence, Tuple

MEBIBYTE = 1024 * 1024
Command = Tuple[str, ...]


class Filesystem(NamedTuple):
    """One filesystem.

    ``make`` formats and discards; the words ``keep`` make it discard nothing. ``grow`` and
    ``relabel`` work while it is mounted. ``minimum`` is the smallest size that its mkfs takes, and
    ``longest_label`` a label's length, both in bytes. ``driver`` is dockerd's storage driver on it,
    ``tools`` are the programs that it needs and ``package`` brings them.
    """

    name: str
    package: str
    tools: Tuple[str, ...]
    make: Command
    keep: Command
    label: Command
    grow: Command
    relabel: Command
    minimum: int
    longest_label: int
    driver: str


FILESYSTEMS: Dict[str, Filesystem] = {
    each.name: each
    for each in (
        Filesystem(
            "btrfs",
            "btrfs-progs",
            ("mkfs.btrfs", "btrfs"),
            ("mkfs.btrfs", "-q", "-f", "-U", "{uuid}"),
            ("-K",),
            ("-L", "{label}"),
            ("btrfs", "filesystem", "resize", "max", "{mount_point}"),
            ("btrfs", "filesystem", "label", "{mount_point}", "{label}"),
            # btrfs-progs 6.2, tried: one byte less is refused.
            114294784,
            255,
            "btrfs",
        ),
        Filesystem(
            "xfs",
            "xfsprogs",
            ("mkfs.xfs", "xfs_growfs", "xfs_io"),
            # overlay2 needs ftype=1 (moby, daemon/graphdriver/overlay2).
            ("mkfs.xfs", "-q", "-f", "-m", "crc=1,uuid={uuid}", "-n", "ftype=1"),
            ("-K",),
            ("-L", "{label}"),
            ("xfs_growfs", "{mount_point}"),
            ("xfs_io", "-c", "label -s {label}", "{mount_point}"),
            300 * MEBIBYTE,
            12,
            "overlay2",
        ),
        Filesystem(
            "ext4",
            "e2fsprogs",
            ("mkfs.ext4", "resize2fs", "e2label"),
            ("mkfs.ext4", "-q", "-F", "-U", "{uuid}"),
            # What is zeroed later, during use, becomes holes in the loop device's file.
            ("-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"),
            ("-L", "{label}"),
            ("resize2fs", "{device}"),
            ("e2label", "{device}", "{label}"),
            # mke2fs takes less, but that leaves no room for images.
            64 * MEBIBYTE,
            16,
            "overlay2",
        ),
    )
}


def fill(command: Sequence[str], **values: str) -> List[str]:
    """Put the values into a command's words."""
    return [word.format(**values) for word in command]
