# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The mounts of a view: the host is seen as it is, and nothing that is written there stays.

In a new mount namespace (mount_namespaces(7)) the root, and each mount below it that may be written
to, lies under an overlay whose upper half is memory. Every other mount is there as well, read-only.
Nothing of the host is hidden, and all that was written is lost with the view's last process.
"""

import ctypes
import errno
import os
import re
from typing import Dict, List, NamedTuple

# From sched.h, sys/mount.h and linux/mount.h.
_NEW_MOUNTS, _NEW_NETWORK = 0x00020000, 0x40000000
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
_DETACH = 2
# mount_setattr(2) is there since Linux 5.12, with this number on every architecture.
_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000
# A read-only remount must repeat these options (mount(2)).
_KEPT = {
    b"nosuid": 0x2,
    b"nodev": 0x4,
    b"noexec": 0x8,
    b"noatime": 0x400,
    b"nodiratime": 0x800,
    b"relatime": 0x200000,
}
# Memory is mounted here until the view is made; the copy below it shows what it covers.
_MEMORY = b"/run"
_HOST, _ROOT = _MEMORY + b"/host", _MEMORY + b"/root"
# Filesystems that commands write to and that can be the lower half of an overlay.
_WRITTEN = b"bcachefs btrfs ext2 ext3 ext4 f2fs jfs nfs nfs4 overlay ramfs tmpfs xfs zfs".split()
# The kernel's own trees are shown as they are.
_KERNELS = (b"/dev", b"/proc", b"/sys")
_UNREADABLE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN)
# Deeper mounts belong to containers, and there may be thousands of them.
_DEEPEST, _MOST = 4, 48


class _Mount(NamedTuple):
    """A line of mountinfo (proc(5))."""

    id: bytes
    parent: bytes
    point: bytes
    options: bytes
    filesystem: bytes


def enter_view(offline: bool) -> None:
    """Have this process see the view from now on; with ``offline`` without a network.

    :raises OSError: naming what the kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _require(libc.unshare(_NEW_MOUNTS), "a mount namespace")
    if offline:
        # This is not required: if it is refused the command has a network and does not use it.
        libc.unshare(_NEW_NETWORK)
    _mount(libc, b"none", b"/", b"", _RECURSIVE | _PRIVATE)
    mounts = _read_mounts()
    _mount(libc, b"tmpfs", _MEMORY, b"tmpfs", 0, b"mode=0755")
    os.mkdir(_HOST)
    _mount(libc, b"/", _HOST, b"", _BIND | _RECURSIVE)
    # The copy shows the memory as well, on top of the host's own mount.
    _require(libc.umount2(_HOST + _MEMORY, _DETACH), "an end of the memory in the copy")
    _make_read_only(libc)
    os.mkdir(_ROOT)
    _Builder(libc, mounts).build()
    os.chroot(_ROOT)
    os.chdir("/")


class _Builder:
    """Build the overlays, from the root down."""

    def __init__(self, libc: ctypes.CDLL, mounts: List[_Mount]) -> None:
        self._libc = libc
        self._upon: Dict[bytes, List[_Mount]] = {}
        for mount in mounts:
            self._upon.setdefault(mount.parent, []).append(mount)
        known = {mount.id for mount in mounts}
        # The first filesystem of a boot is mounted on itself; the root may lie on top of it.
        roots = [each for each in mounts if each.parent not in known or each.parent == each.id]
        self._first = next((each for each in roots if each.point == b"/"), None)
        self._made = 0

    def build(self) -> None:
        if self._first is None:
            raise OSError("the mounts of this process have no root")
        self._build(self._first)

    def _build(self, mount: _Mount) -> None:
        upon = [each for each in self._upon.get(mount.id, ()) if each is not mount]
        covering = next((each for each in upon if each.point == mount.point), None)
        if covering is not None:
            self._build(covering)
            return
        path = mount.point.rstrip(b"/")
        if not path:
            self._overlay(mount, path)
        elif not self._is_written(mount) or not self._tries_overlay(mount, path):
            self._show(mount, path)
            return
        for each in upon:
            # A mount further down on the same mount is hidden by the nearer one.
            if not any(_is_below(each.point, other.point) for other in upon):
                self._build(each)

    def _show(self, mount: _Mount, path: bytes) -> None:
        if mount.filesystem == b"autofs":
            # Nothing is mounted there yet, and a look must not cause a mount.
            return
        flags = ctypes.c_ulong(_BIND | _RECURSIVE)
        done = self._libc.mount(_HOST + path, _ROOT + path, b"", flags, b"")
        # Nobody can read a mount whose folder was removed or whose server is gone.
        if done and ctypes.get_errno() not in _UNREADABLE:
            _require(done, "a view of the mount at %s" % os.fsdecode(path))

    def _is_written(self, mount: _Mount) -> bool:
        return (
            mount.filesystem in _WRITTEN
            and self._made < _MOST
            and mount.point.count(b"/") <= _DEEPEST
            and not any((mount.point + b"/").startswith(each + b"/") for each in _KERNELS)
            and os.path.isdir(_HOST + mount.point)
        )

    def _tries_overlay(self, mount: _Mount, path: bytes) -> bool:
        try:
            self._overlay(mount, path)
        except OSError:
            return False
        return True

    def _overlay(self, mount: _Mount, path: bytes) -> None:
        folder = b"%s/%d" % (_MEMORY, self._made)
        self._made += 1
        # The path has no comma or colon, which would end the option.
        lower, upper, work = (folder + part for part in (b"/lower", b"/upper", b"/work"))
        for each in (folder, lower, upper, work):
            os.mkdir(each)
        _mount(self._libc, _HOST + path, lower, b"", _BIND)
        # The overlay shows its upper half's own mode and owner.
        status = os.stat(lower)
        os.chown(upper, status.st_uid, status.st_gid)
        os.chmod(upper, status.st_mode & 0o7777)
        options = b"lowerdir=%s,upperdir=%s,workdir=%s" % (lower, upper, work)
        what = "an overlay over %s (%s)" % (
            os.fsdecode(path or b"/"),
            os.fsdecode(mount.filesystem),
        )
        done = self._libc.mount(b"overlay", _ROOT + path, b"overlay", ctypes.c_ulong(0), options)
        _require(done, what)


class _Attributes(ctypes.Structure):
    """struct mount_attr of linux/mount.h."""

    _fields_ = [
        (name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")
    ]


def _make_read_only(libc: ctypes.CDLL) -> None:
    """Make the copy of the host's mounts read-only for everybody."""
    wanted = _Attributes(attr_set=_READ_ONLY)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    arguments = (_AT_FDCWD, _HOST, _AT_RECURSIVE, ctypes.byref(wanted), size)
    if libc.syscall(ctypes.c_long(_SETATTR), *arguments) == 0:
        return
    for mount in _read_mounts():
        if mount.point == _HOST or _is_below(mount.point, _HOST):
            if mount.filesystem == b"autofs":
                continue
            kept = sum(_KEPT.get(option, 0) for option in mount.options.split(b","))
            flags = ctypes.c_ulong(_REMOUNT | _BIND | _READ_ONLY | kept)
            done = libc.mount(b"none", mount.point, b"", flags, b"")
            # A mount that another one covers cannot be reached by its path, and so by nobody.
            if done and ctypes.get_errno() not in (errno.EINVAL, errno.ENOENT, errno.ENOTDIR):
                _require(done, "a mount of %s read-only" % os.fsdecode(mount.point))


def _read_mounts() -> List[_Mount]:
    with open("/proc/self/mountinfo", "rb") as file:
        lines = file.read().splitlines()
    mounts = []
    for line in lines:
        fields = line.split(b" ")
        mounts.append(
            _Mount(
                id=fields[0],
                parent=fields[1],
                point=re.sub(rb"\\([0-7]{3})", _byte, fields[4]),
                options=fields[5],
                filesystem=fields[fields.index(b"-", 6) + 1],
            )
        )
    return mounts


def _byte(found: "re.Match[bytes]") -> bytes:
    return bytes([int(found.group(1), 8) & 0xFF])


def _is_below(path: bytes, folder: bytes) -> bool:
    return path != folder and path.startswith(folder.rstrip(b"/") + b"/")


def _mount(
    libc: ctypes.CDLL,
    source: bytes,
    target: bytes,
    filesystem: bytes,
    flags: int,
    options: bytes = b"",
) -> None:
    done = libc.mount(source, target, filesystem, ctypes.c_ulong(flags), options)
    what = os.fsdecode(filesystem) if filesystem else "nothing new"
    _require(done, "a mount of %s at %s" % (what, os.fsdecode(target)))


def _require(done: int, deed: str) -> None:
    if done:
        raise OSError("%s was refused: %s" % (deed, os.strerror(ctypes.get_errno())))
