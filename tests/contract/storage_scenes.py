"""Obstacles to the filesystem under data-root: each scene, and the words of its refusal.

In a script, $HERE is the scene's folder, $FILE its backing file and $POINT its mount point. `loop`
attaches a file and prints the device, which is detached after the scene; `btrfs`, `xfs` and `ext4`
make such a filesystem in a new file, with one file in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.contract.storage import declare
from tests.lab import EVERY_HOST, Json

TABLE = (
    "python3 -c \"import struct; b = bytearray(512); b[446:462] = struct.pack('<8BII', "
    "0, 0, 2, 0, 0x83, 0, 2, 0, 2048, 4096); b[510:] = b'\\x55\\xaa'; "
    "open('$FILE', 'r+b').write(b)\""
)
_WORDS = """\
loop() { losetup --find --show "$@" | tee -a /root/devices; }
content() { mkdir $HERE/tmp; mount -o loop $1 $HERE/tmp; echo kept > $HERE/tmp/mine
  umount $HERE/tmp; rmdir $HERE/tmp; }
xfs() { truncate -s 400M $1; mkfs.xfs -q $1; content $1; }
ext4() { truncate -s 400M $1; mkfs.ext4 -q -L theirs $1; content $1; }
HERE=/data0/%s FILE=/data0/%s/volume POINT=/data0/%s/docker
mkdir -p $HERE; touch /root/devices
"""
_CLEAR = """
for device in $(cat /root/devices); do losetup --detach $device || true; done
rm -rf /root/devices /dev/disk $HERE
"""
ADOPTED: Json = {"adopt_filesystem": True, "filesystem": "ext4", "size": "400M"}


@dataclass(frozen=True)
class Scene:
    """One obstacle."""

    name: str
    arrange: str
    says: tuple[str, ...]
    declares: Json = field(default_factory=dict)
    undo: str = ""
    hosts: tuple[str, ...] = EVERY_HOST

    def fits(self, hosts: Iterable[str]) -> bool:
        """Whether the scene can be set on one of these hosts."""
        return any(host in self.hosts for host in hosts)

    def begin(self) -> str:
        """Give the script that sets the scene."""
        return f"{self._words}{{ {self.arrange}; }} > /dev/null\n"

    def end(self) -> str:
        """Give the script that clears it away."""
        return f"{self._words}{self.undo}{_CLEAR}"

    @property
    def _words(self) -> str:
        return _WORDS % (self.name, self.name, self.name)

    def declared(self, host: str) -> Json:
        """Give the variables of the run."""
        return declare(self.name, host, **self.declares)


def _scene(name: str, arrange: str, says: tuple[str, ...], undo: str = "", **more: Any) -> Scene:
    hosts = more.pop("hosts", EVERY_HOST)
    return Scene(name, arrange, says, more, undo, hosts)


_ALL = (
    _scene(
        "a_swap_signature",
        "truncate -s 400M $FILE; mkswap -q $FILE",
        ("/volume holds a swap", "Nothing is formatted over it"),
    ),
    _scene(
        "another_filesystem",
        "ext4 $FILE",
        ("holds an ext4", "an xfs is declared", "docker_storage_filesystem: ext4"),
        filesystem="xfs",
        size="400M",
    ),
    _scene(
        "a_partition_table",
        f"truncate -s 400M $FILE; {TABLE}",
        ("partition table (dos)", "Nothing is formatted over it"),
    ),
    _scene(
        "a_filesystem_of_somebody_else",
        "ext4 $FILE",
        ("holds an ext4", "Dockwright has not made", "docker_storage_adopt_filesystem"),
        filesystem="ext4",
        size="400M",
    ),
    _scene(
        "data_without_a_signature",
        "head -c 1048576 /dev/urandom > $FILE",
        ("is a file of 1 MiB in which no filesystem is found", "not known to be empty"),
    ),
    _scene(
        "zeros_that_are_not_known_to_be_empty",
        "truncate -s 400M $FILE",
        ("no filesystem is found", "Remove it if it is"),
    ),
    _scene(
        "a_shrink",
        "ext4 $FILE; truncate -s 500M $FILE",
        ("no run makes it smaller", "Set docker_storage_size to 524288000"),
        **ADOPTED,
    ),
    _scene(
        "a_mount_point_that_is_not_empty",
        "mkdir $POINT; echo mine > $POINT/mine",
        ("is not empty (mine)", "would hide", "docker_storage_adopt_existing"),
    ),
    _scene(
        "another_mount_on_the_mount_point",
        "mkdir $POINT; mount -t tmpfs theirs $POINT; echo mine > $POINT/mine",
        ("is already mounted, from theirs (tmpfs)", "another docker_storage_mount_point"),
        "umount $POINT",
    ),
    _scene(
        "two_loop_devices_on_one_file",
        "ext4 $FILE; loop $FILE; loop $FILE",
        ("is attached to /dev/loop", ", /dev/loop", "Two devices on one file corrupt it"),
        **ADOPTED,
    ),
    _scene(
        "a_file_mounted_elsewhere",
        # Read-only, so that the kernel writes nothing to it meanwhile.
        "ext4 $FILE; mkdir $HERE/there; mount -o loop,ro,noload $FILE $HERE/there",
        ("is mounted on /data0/a_file_mounted_elsewhere/there as well",),
        "umount $HERE/there",
        **ADOPTED,
    ),
    _scene(
        "a_loop_device_with_an_offset",
        "ext4 $FILE; loop --offset 1048576 $FILE",
        ("in part (from byte 1048576, to its end)", "losetup --detach"),
        **ADOPTED,
    ),
    _scene(
        "a_read_only_loop_device",
        "ext4 $FILE; loop --read-only $FILE",
        ("is attached to /dev/loop", "read-only"),
        **ADOPTED,
    ),
    _scene(
        "a_line_of_fstab_for_the_mount_point",
        'cp /etc/fstab /root/fstab; echo "/dev/sdz1 $POINT ext4 noauto 0 0" >> /etc/fstab',
        ("of /etc/fstab mounts /dev/sdz1 on", "Take that line out, or declare what it says"),
        "cp /root/fstab /etc/fstab",
    ),
    _scene(
        "a_line_of_fstab_for_the_file",
        'cp /etc/fstab /root/fstab; echo "$FILE /mnt ext4 loop,noauto 0 0" >> /etc/fstab; '
        "ext4 $FILE",
        ("of /etc/fstab mounts /data0/a_line_of_fstab_for_the_file/volume on /mnt",),
        "cp /root/fstab /etc/fstab",
        **ADOPTED,
    ),
    _scene(
        "more_than_is_free_without_the_reserve",
        "mkdir -p $HERE/disk; mount -t tmpfs -o size=600m disk $HERE/disk",
        ("takes another 500 MiB", "200 MiB stay in reserve", "docker_storage_host_reserve"),
        "umount $HERE/disk",
        file="/data0/more_than_is_free_without_the_reserve/disk/volume",
        size="500M",
        host_reserve="200M",
    ),
    _scene(
        "more_than_the_reserve_of_one_gibibyte_leaves",
        "mkdir -p $HERE/disk; mount -t tmpfs -o size=1400m disk $HERE/disk",
        ("takes another 500 MiB", "1 GiB stay in reserve", "docker_storage_host_reserve"),
        "umount $HERE/disk",
        file="/data0/more_than_the_reserve_of_one_gibibyte_leaves/disk/volume",
        size="500M",
        host_reserve="",
    ),
    _scene(
        "growth_beyond_what_is_free",
        "mkdir -p $HERE/disk; mount -t tmpfs -o size=600m disk $HERE/disk; ext4 $HERE/disk/volume",
        ("stay in reserve", "docker_storage_host_reserve"),
        "umount $HERE/disk",
        **{**ADOPTED, "size": "900M"},
        file="/data0/growth_beyond_what_is_free/disk/volume",
    ),
    _scene(
        "less_than_mkfs_takes",
        "true",
        ("is to be 32 MiB, and the smallest ", "Set docker_storage_size to more"),
        size="32M",
    ),
    _scene(
        "btrfs_where_no_kernel_has_it",
        "true",
        ("docker_storage_filesystem is btrfs", "no btrfs", "Set it to xfs"),
        filesystem="btrfs",
        hosts=("centos9",),
    ),
    _scene("a_relative_path", "true", ("'volume', which is relative",), file="volume"),
    _scene(
        "a_file_inside_the_mount_point",
        "true",
        ("lies inside docker_storage_mount_point", "put it outside"),
        file="/data0/a_file_inside_the_mount_point/docker/volume",
    ),
    _scene(
        "a_link_in_the_place_of_the_file",
        "ext4 $HERE/real; ln -s real $FILE",
        ("a symbolic link on the way leads to /data0/a_link_in_the_place_of_the_file/real",),
        **ADOPTED,
    ),
    _scene(
        "a_link_on_the_way_to_the_file",
        "mkdir $HERE/real; ln -s real $HERE/link; ext4 $HERE/real/volume",
        ("a symbolic link on the way leads to", "/real/volume"),
        **ADOPTED,
        file="/data0/a_link_on_the_way_to_the_file/link/volume",
    ),
    _scene(
        "a_link_that_leads_nowhere",
        "ln -s nowhere $FILE",
        ("a symbolic link on the way leads to", "/nowhere"),
    ),
    _scene(
        "a_folder_in_the_place_of_the_file",
        "mkdir $FILE",
        ("is a directory, not a file", "It was left alone"),
    ),
    _scene(
        "a_link_on_the_way_to_the_mount_point",
        "mkdir $HERE/real; ln -s real $POINT",
        ("docker_storage_mount_point is ", "a symbolic link on the way leads to"),
    ),
    _scene(
        "a_file_in_the_place_of_the_mount_point",
        "echo mine > $POINT",
        ("is a file, not a folder to mount on",),
    ),
    _scene(
        "a_backing_file_that_was_deleted_in_use",
        "ext4 $FILE; mkdir $POINT; mount -o loop,ro,noload $FILE $POINT; rm $FILE",
        ("was deleted or replaced while in use", "is lost once it is detached", "with `dd`"),
        "umount $POINT",
        **ADOPTED,
    ),
    _scene(
        "a_masked_mount_unit",
        "ln -s /dev/null /etc/systemd/system/data0-a_masked_mount_unit-docker.mount; "
        "systemctl daemon-reload",
        ("data0-a_masked_mount_unit-docker.mount is masked", "systemctl unmask"),
        "rm /etc/systemd/system/data0-a_masked_mount_unit-docker.mount; systemctl daemon-reload",
    ),
    _scene(
        "an_override_of_the_mount_unit",
        "folder=/etc/systemd/system/data0-an_override_of_the_mount_unit-docker.mount.d; "
        "mkdir $folder; echo '[Mount]' > $folder/theirs.conf",
        ("theirs.conf, which is not Dockwright's, overrides the mount unit",),
        "rm -r /etc/systemd/system/data0-an_override_of_the_mount_unit-docker.mount.d",
    ),
    _scene(
        "an_owner_that_nobody_knows",
        "true",
        ("docker_storage_file_owner is nobody-knows", "Create it first"),
        file_owner="nobody-knows",
    ),
    _scene(
        "a_file_and_a_device",
        "true",
        ("docker_storage_file", "docker_storage_device", "are both set"),
        device="/dev/disk/by-id/lab-disk",
    ),
    _scene(
        "a_device_by_a_name_that_may_change",
        "true",
        ("a name that may be another disk's after the next boot", "/dev/disk/by-id"),
        file="",
        device="/dev/loop7",
    ),
    _scene(
        "a_device_that_is_not_there",
        "true",
        ("docker_storage_device is /dev/disk/by-id/lab-disk, which is not there",),
        file="",
        device="/dev/disk/by-id/lab-disk",
    ),
    _scene(
        "a_device_with_a_swap_signature",
        "truncate -s 400M $FILE; mkswap -q $FILE; mkdir -p /dev/disk/by-id; "
        "ln -s $(loop $FILE) /dev/disk/by-id/lab-disk",
        ("/dev/disk/by-id/lab-disk holds a swap", "Nothing is formatted over it"),
        file="",
        device="/dev/disk/by-id/lab-disk",
    ),
    _scene(
        "a_device_with_a_filesystem_of_somebody_else",
        "ext4 $FILE; mkdir -p /dev/disk/by-id; ln -s $(loop $FILE) /dev/disk/by-id/lab-disk",
        ("lab-disk holds an ext4", "docker_storage_adopt_filesystem"),
        file="",
        device="/dev/disk/by-id/lab-disk",
        filesystem="ext4",
    ),
    _scene(
        "a_device_that_is_mounted_elsewhere",
        "ext4 $FILE; mkdir -p /dev/disk/by-id $HERE/there; "
        "ln -s $(loop $FILE) /dev/disk/by-id/lab-disk; "
        "mount -o ro,noload /dev/disk/by-id/lab-disk $HERE/there",
        ("lab-disk is mounted on /data0/a_device_that_is_mounted_elsewhere/there as well",),
        "umount $HERE/there",
        file="",
        device="/dev/disk/by-id/lab-disk",
        adopt_filesystem=True,
    ),
    _scene(
        "a_filesystem_that_the_kernel_has_stopped",
        # The folder's own block is overwritten: listing it is the error.
        "ext4 $FILE; mkdir $POINT; mount -o loop $FILE $POINT; mkdir $POINT/broken; umount $POINT; "
        "size=$(dumpe2fs -h $FILE 2> /dev/null | sed -n 's/^Block size: *//p'); "
        "block=$(debugfs -R 'blocks /broken' $FILE 2> /dev/null); "
        "dd if=/dev/urandom of=$FILE bs=$size seek=${block% } count=1 conv=notrunc 2> /dev/null; "
        "mount -o loop,errors=remount-ro $FILE $POINT; ! ls $POINT/broken 2> /dev/null",
        (
            "the kernel lets nobody write to the filesystem on /data0/a_filesystem_that_the_kernel",
            "docker any more (",
            "), as it does after an error. Errors on record: 1.",
            "`e2fsck -f /data0/a_filesystem_that_the_kernel_has_stopped/volume`",
        ),
        "umount $POINT",
        **ADOPTED,
    ),
    _scene(
        "an_xfs_that_has_shut_down",
        "xfs $FILE; mkdir $POINT; mount -o loop $FILE $POINT; xfs_io -x -c shutdown $POINT",
        ("docker cannot be read: Input/output error", "Look for the cause with `dmesg`"),
        "umount $POINT",
        **{**ADOPTED, "filesystem": "xfs"},
    ),
    _scene(
        "a_move_without_room",
        # How much is allocated settles only once the kernel has written it.
        "mkdir $POINT; head -c 200M /dev/urandom > $POINT/mine; sync $POINT/mine",
        ("takes 200 MiB, and a new ext4 of 128 MiB has room for", "Set docker_storage_size to 1G"),
        adopt_existing="move",
        filesystem="ext4",
        size="128M",
    ),
    _scene(
        "a_file_that_its_btrfs_compresses",
        "mkdir -p $HERE/disk; truncate -s 700M $HERE/image; mkfs.btrfs -q $HERE/image; "
        "mount -o loop,compress-force $HERE/image $HERE/disk; ext4 $HERE/disk/volume",
        ("which its btrfs compresses", "Set docker_storage_allocation to sparse"),
        "umount $HERE/disk",
        hosts=("debian13", "ubuntu2404"),
        **{**ADOPTED, "file": "/data0/a_file_that_its_btrfs_compresses/disk/volume"},
    ),
    _scene(
        "absent_over_a_file_of_somebody_else",
        "ext4 $FILE",
        ("is a file that Dockwright has not made", "Remove it by hand"),
        state="absent",
        allow_data_removal=True,
    ),
)
SCENES = {scene.name: scene for scene in _ALL}
