# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look found at filesystems, loop devices and mounts. Types only."""

from typing import NamedTuple, Optional, Tuple

# The suffix of a folder once there is a whole copy of it in the filesystem to be mounted on it.
SET_ASIDE = ".before-dockwright"
# This is in a filesystem as long as it holds only half a copy.
COPYING = ".dockwright-copying"


def unfinished(file: str) -> str:
    """Give the name of a backing file that is still being made."""
    folder, _slash, name = file.rpartition("/")
    return "%s/.%s.dockwright-unfinished" % (folder, name)


class StorageLook(NamedTuple):
    """What to look at for a declared filesystem under data-root.

    ``measures`` tells that the contents of the mount point may have to move.
    """

    file: str = ""
    device: str = ""
    mount_point: str = ""
    owner: str = ""
    group: str = ""
    measures: bool = False


class MountObserved(NamedTuple):
    """A mount (proc(5), mountinfo): ``options`` are its own and its filesystem's together.

    ``root`` is the part of the filesystem that is mounted, mostly /. ``number`` is that of its
    block device, such as 7:3, empty where there is none. ``stopped`` is the kernel's word for a
    filesystem that nobody can write to any more, though its mount is for writing; empty where it
    works.
    """

    mount_point: str
    source: str = ""
    type: str = ""
    options: Tuple[str, ...] = ()
    root: str = "/"
    number: str = ""
    stopped: str = ""


class SignatureObserved(NamedTuple):
    """What low-level probing finds (blkid(8), -p): a filesystem's type, or another kind of use.

    All are empty where it finds nothing; ``unreadable`` says why it could not look.
    """

    type: str = ""
    uuid: str = ""
    label: str = ""
    unreadable: str = ""


class VolumeObserved(NamedTuple):
    """The volume that holds the filesystem: a backing file, or a device.

    ``kind`` is absent, file, directory, link, device or other. ``real_path`` is the path with links
    resolved. ``size`` and ``allocated`` are in bytes; ``attributes`` are letters of lsattr(1).
    ``number`` is a device's own, such as 252:16; ``holders`` are devices made of it. ``blank``
    tells that its beginning and end hold only zeros, which is looked at where a device has no
    signature; ``half_made`` that a mkfs was cut off in it. ``leftover`` are the allocated bytes of
    a backing file whose making was cut off. ``filesystem_bytes`` is the size of its filesystem, 0
    where it is not known.
    """

    kind: str = "absent"
    real_path: str = ""
    size: int = 0
    allocated: int = 0
    mode: int = 0
    owner: int = 0
    group: int = 0
    attributes: str = ""
    signature: SignatureObserved = SignatureObserved()
    number: str = ""
    holders: Tuple[str, ...] = ()
    filesystem_bytes: int = 0
    security_context: str = ""
    blank: bool = True
    half_made: bool = False
    leftover: int = 0


class LoopObserved(NamedTuple):
    """A loop device that is attached to the backing file, or to a file that had its name.

    ``current`` tells that it is attached to the file that has the name now. ``size``, ``offset``
    and ``size_limit`` are in bytes; ``holders`` are devices made of it.
    """

    device: str
    number: str
    backing_file: str
    current: bool = True
    size: int = 0
    offset: int = 0
    size_limit: int = 0
    read_only: bool = False
    direct_io: bool = False
    holders: Tuple[str, ...] = ()


class FstabLine(NamedTuple):
    """A line of fstab(5); ``number`` counts from 1, ``text`` is the whole line without its end.

    ``source_number`` is that of the device to which its first field leads, ``source_file`` the
    regular file; each is empty where it leads to none.
    """

    number: int
    text: str
    source: str
    mount_point: str
    type: str = ""
    options: Tuple[str, ...] = ()
    source_number: str = ""
    source_file: str = ""


class MountPointObserved(NamedTuple):
    """The folder under the mount; ``entries`` are some of its contents, or of the mount on it.

    ``real_path`` is the path with links resolved. ``set_aside`` tells that the folder's earlier
    contents lie beside it, ``copying`` that it holds a copy that was never finished, ``subvolumes``
    that Docker's btrfs driver has kept layers in it. ``security_context`` is SELinux's label.
    ``unreadable`` says, in the system's words, why nobody can look into it.
    """

    kind: str = "absent"
    real_path: str = ""
    entries: Tuple[str, ...] = ()
    set_aside: bool = False
    security_context: str = ""
    copying: bool = False
    subvolumes: bool = False
    unreadable: str = ""


class ContentsObserved(NamedTuple):
    """How much is in a folder, without what is mounted in it.

    ``size`` is in bytes, as a copy takes them: holes take nothing, hard links count once,
    compressed data counts in full. ``entries`` are files, folders and links, ``folders`` the
    folders among them. Where ``is_whole`` is false, there is more than was counted.
    """

    size: int = 0
    entries: int = 0
    folders: int = 0
    is_whole: bool = True


class StorageObserved(NamedTuple):
    """The filesystem under data-root, and everything that could be in its way.

    ``mounts`` are those on the mount point, the topmost last, and the volume's mounts elsewhere;
    ``below`` are mount points inside of it, ``above`` those that it or the file lies on. ``ground``
    is the mount that a backing file lies on or would lie on; ``free`` and ``total`` are the bytes
    of that filesystem and ``host_filesystem`` is its type. ``errors`` and ``ground_errors`` are the
    errors that the filesystem and its ground have counted. ``filesystems`` are those that the
    kernel has or has modules for, ``tools`` the programs found. ``owner`` and ``group`` are the
    numbers of the declared names, None where there is no such name. ``docker_root`` and
    ``containerd_root`` are where dockerd and containerd keep their data, links resolved;
    ``selinux`` tells whether it enforces. ``contents`` is how much is in the mount point, where
    that may have to move.
    """

    volume: VolumeObserved = VolumeObserved()
    loops: Tuple[LoopObserved, ...] = ()
    mounts: Tuple[MountObserved, ...] = ()
    mount_point: MountPointObserved = MountPointObserved()
    fstab: Tuple[FstabLine, ...] = ()
    free: int = 0
    total: int = 0
    host_filesystem: str = ""
    filesystems: Tuple[str, ...] = ()
    tools: Tuple[str, ...] = ()
    owner: Optional[int] = 0
    group: Optional[int] = 0
    docker_root: str = ""
    containerd_root: str = ""
    selinux: bool = False
    below: Tuple[str, ...] = ()
    above: Tuple[str, ...] = ()
    ground: MountObserved = MountObserved("")
    errors: int = 0
    ground_errors: int = 0
    contents: Optional[ContentsObserved] = None
