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
            name="btrfs",
            package="btrfs-progs",
            tools=("mkfs.btrfs", "btrfs"),
            make=("mkfs.btrfs", "-q", "-f", "-U", "{uuid}"),
            keep=("-K",),
            label=("-L", "{label}"),
            grow=("btrfs", "filesystem", "resize", "max", "{mount_point}"),
            relabel=("btrfs", "filesystem", "label", "{mount_point}", "{label}"),
            # btrfs-progs 6.2, tried: one byte less is refused.
            minimum=114294784,
            longest_label=255,
            driver="btrfs",
        ),
        Filesystem(
            name="xfs",
            package="xfsprogs",
            tools=("mkfs.xfs", "xfs_growfs", "xfs_io"),
            # overlay2 needs ftype=1 (moby, daemon/graphdriver/overlay2).
            make=("mkfs.xfs", "-q", "-f", "-m", "crc=1,uuid={uuid}", "-n", "ftype=1"),
            keep=("-K",),
            label=("-L", "{label}"),
            grow=("xfs_growfs", "{mount_point}"),
            relabel=("xfs_io", "-c", "label -s {label}", "{mount_point}"),
            minimum=300 * MEBIBYTE,
            longest_label=12,
            driver="overlay2",
        ),
        Filesystem(
            name="ext4",
            package="e2fsprogs",
            tools=("mkfs.ext4", "resize2fs", "e2label"),
            make=("mkfs.ext4", "-q", "-F", "-U", "{uuid}"),
            # What is zeroed later, during use, becomes holes in the loop device's file.
            keep=("-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"),
            label=("-L", "{label}"),
            grow=("resize2fs", "{device}"),
            relabel=("e2label", "{device}", "{label}"),
            # mke2fs takes less, but that leaves no room for images.
            minimum=64 * MEBIBYTE,
            longest_label=16,
            driver="overlay2",
        ),
    )
}


def fill(command: Sequence[str], **values: str) -> List[str]:
    """Put the values into a command's words."""
    return [word.format(**values) for word in command]
