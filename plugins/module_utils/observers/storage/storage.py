# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at a filesystem under data-root, at its volume, and at all that could be in its way."""

import grp
import os
import pwd
import stat
from typing import Optional, Sequence, Tuple

from ...words.observations.storage import (
    COPYING,
    SET_ASIDE,
    ContentsObserved,
    LoopObserved,
    MountObserved,
    MountPointObserved,
    SignatureObserved,
    StorageLook,
    StorageObserved,
    VolumeObserved,
    unfinished,
)
from ...words.tables.filesystems import FILESYSTEMS
from ..host import command
from ..host.files import kind_of, read_text
from ..host.tools import is_program
from ..kernel.filesystems import observe_filesystems
from . import block_devices, superblock
from .contents import observe_contents
from .filesystem_errors import errors_of
from .fstab import observe_fstab
from .loops import nearest_folder, observe_loops
from .mounts import MountTable
from .signature import observe_signature

_FEW = 5
_FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]


def observe_storage(
    look: StorageLook, mounts: MountTable, docker_root: str, containerd_root: str
) -> StorageObserved:
    """Look at what is declared; both roots are where dockerd and containerd keep their data."""
    source = look.file or look.device
    volume = observe_volume(look)._replace(leftover=_leftover(look.file))
    here = mounts.on(look.mount_point) if look.mount_point else ()
    try:
        loops = observe_loops(
            source, [each for each in here if each.number != volume.number], mounts
        )
    except command.CommandFailed as failed:
        # Nobody can tell the contents of a volume that may be in use.
        unreadable = SignatureObserved(unreadable=str(failed))
        loops, volume = (), volume._replace(signature=unreadable)
    numbers = [each.number for each in loops if each.current] + [volume.number]
    of_volume = mounts.of([number for number in numbers if number])
    free, total = _space(look.file)
    above = mounts.around(source) + mounts.around(look.mount_point)
    ground = mounts.carrier(look.file) if look.file else MountObserved("")
    point = observe_mount_point(look.mount_point, here)
    return StorageObserved(
        volume=_probe(volume, loops, mounts.reached(of_volume)),
        loops=loops,
        mounts=here + tuple(each for each in of_volume if each not in here),
        mount_point=point,
        fstab=observe_fstab(),
        free=free,
        total=total,
        host_filesystem=ground.type,
        filesystems=observe_filesystems(),
        tools=observe_tools(),
        owner=_user(look.owner),
        group=_group(look.group),
        docker_root=_real(docker_root),
        containerd_root=containerd_root,
        selinux=read_text("/sys/fs/selinux/enforce").strip() == "1",
        below=mounts.inside(look.mount_point),
        above=tuple(sorted(set(above))),
        ground=ground,
        errors=errors_of(here[-1]) if here else 0,
        ground_errors=errors_of(ground),
        contents=_measured(look, point) if look.measures and not here else None,
    )


def _measured(look: StorageLook, point: MountPointObserved) -> Optional[ContentsObserved]:
    """Measure what is to move, as far as there is time in a plan."""
    try:
        return observe_contents(look.mount_point) if point.entries else None
    except OSError:
        return None


def observe_volume(look: StorageLook) -> VolumeObserved:
    """Look at the backing file, or the device that a name leads to, but not into it."""
    path = look.file or look.device
    try:
        status = os.lstat(path) if look.file else os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return VolumeObserved(real_path=_real(path))
    except OSError:
        return VolumeObserved(kind="other", real_path=_real(path))
    is_device = stat.S_ISBLK(status.st_mode)
    number = block_devices.written(status.st_rdev) if is_device else ""
    name = block_devices.name_of(number)
    volume = VolumeObserved(
        kind="device" if is_device else kind_of(status.st_mode),
        real_path=_real(path),
        size=block_devices.size(name) if is_device else status.st_size,
        allocated=status.st_blocks * block_devices.SECTOR,
        mode=stat.S_IMODE(status.st_mode),
        owner=status.st_uid,
        group=status.st_gid,
        number=number,
        holders=block_devices.holders(name) if name else (),
        security_context=_security_context(path),
    )
    if volume.kind == "file":
        swapped = volume.real_path in block_devices.swaps()
        volume = volume._replace(attributes=_attributes(path), holders=("swap",) if swapped else ())
    return volume


def _leftover(file: str) -> int:
    """Give the bytes of a backing file that a cut-off run has left unfinished."""
    try:
        return os.lstat(unfinished(file)).st_blocks * block_devices.SECTOR if file else 0
    except OSError:
        return 0


def observe_mount_point(path: str, mounts: Sequence[MountObserved]) -> MountPointObserved:
    """Look at the folder on which something is, or is to be, mounted."""
    # Listing a folder that autofs waits on would cause a mount.
    waits = bool(mounts) and mounts[-1].type == "autofs"
    unreadable = ""
    try:
        status = os.lstat(path)
        kind = kind_of(status.st_mode)
        entries = sorted(os.listdir(path)) if kind == "directory" and not waits else []
    except OSError as error:
        absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
        kind, entries = "absent" if absent else "other", []
        unreadable = "" if absent else error.strerror or str(error)
    return MountPointObserved(
        kind=kind,
        real_path=_real(path),
        entries=tuple([entry for entry in entries if entry != "lost+found"][:_FEW]),
        set_aside=bool(path) and os.path.lexists(path + SET_ASIDE),
        security_context=_security_context(path),
        copying=COPYING in entries,
        subvolumes=kind == "directory" and not waits and _holds_subvolumes(path),
        unreadable=unreadable,
    )


def _holds_subvolumes(path: str) -> bool:
    try:
        return bool(os.listdir(os.path.join(path, "btrfs", "subvolumes")))
    except OSError:
        return False


def observe_tools() -> Tuple[str, ...]:
    """Name the programs of all filesystems that are found."""
    folders = os.environ.get("PATH", "").split(":") + _FOLDERS
    names = dict.fromkeys(tool for each in FILESYSTEMS.values() for tool in each.tools)
    return tuple(name for name in names if any(is_program(each, name) for each in folders))


def _probe(
    volume: VolumeObserved, loops: Sequence[LoopObserved], mounted: Optional[MountObserved]
) -> VolumeObserved:
    """Look at what the volume holds; ``mounted`` is a mount of it that no other mount hides."""
    # An empty file holds nothing, and wipefs may report it as an error.
    there = volume.kind in ("file", "device") and volume.size and not volume.signature.unreadable
    path = volume.real_path if there else ""
    device = "/dev/" + block_devices.name_of(mounted.number) if mounted is not None else ""
    if mounted is None or not os.path.exists(device):
        signature = observe_signature(path) if path else volume.signature
        head = superblock.read_head(path) if path else b""
        asked = volume.kind == "device" and not signature.type
        return volume._replace(
            signature=signature,
            filesystem_bytes=superblock.size_of(signature.type, head),
            blank=superblock.is_blank(path, volume.size) if asked else True,
            half_made=superblock.is_half_made(signature.type, head),
        )
    # A mounted ext4's changes are in the device's cache at once, but in the file only later.
    begins = not any(each.offset for each in loops if each.number == mounted.number)
    return volume._replace(
        signature=observe_signature(device if begins else path) if path else volume.signature,
        filesystem_bytes=_mounted_bytes(mounted, superblock.read_head(device)),
    )


def _mounted_bytes(mounted: MountObserved, head: bytes) -> int:
    if mounted.type != "xfs":
        return superblock.size_of(mounted.type, head)
    try:
        told = os.statvfs(mounted.mount_point)
    except OSError:
        return 0
    # xfs keeps changes of its superblock in the log for long; the log itself keeps its size.
    return told.f_blocks * told.f_frsize + superblock.xfs_log_size(head)


def _space(file: str) -> Tuple[int, int]:
    if not file:
        return 0, 0
    try:
        told = os.statvfs(nearest_folder(file))
    except OSError:
        return 0, 0
    return told.f_bavail * told.f_frsize, told.f_blocks * told.f_frsize


def _attributes(path: str) -> str:
    """Give a file's attributes; nothing where its filesystem has none (lsattr(1))."""
    try:
        output = command.read(["lsattr", "-d", path])
    except command.CommandFailed:
        return ""
    words = output.stdout.split()
    return words[0].replace("-", "") if not output.status and words else ""


def _security_context(path: str) -> str:
    try:
        label = os.getxattr(path, "security.selinux", follow_symlinks=False)
    except (OSError, ValueError):
        return ""
    return label.decode("utf-8", "replace").rstrip("\0")


def _user(name: str) -> Optional[int]:
    try:
        return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _group(name: str) -> Optional[int]:
    try:
        return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _real(path: str) -> str:
    try:
        return os.path.realpath(path) if path else ""
    except ValueError:
        # The system knows no such path, and dockerd refuses it.
        return path
