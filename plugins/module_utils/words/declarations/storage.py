# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a user declares of the filesystem under data-root. Pure; no host is touched."""

import posixpath
import re
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..tables.filesystems import FILESYSTEMS
from ..told_value import cut, told_value
from .error import DeclarationError

# Units as truncate(1) and fallocate(1) read them.
_UNITS: Dict[str, int] = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_DECIMAL_UNITS: Dict[str, int] = {"K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_SIZE = re.compile(r"^(?P<number>\d+(?:\.\d+)?) ?(?P<unit>[KMGT]?)(?P<binary>i?)(?P<byte>B?)$")
_LONGEST_WAIT = 7 * 24 * 60 * 60
# The largest offset in a file (lseek(2)).
_MOST = 2**63 - 1
# A size is a multiple of this.
BLOCK = 4096
# systemd.unit(5) and fstab(5) each have their own way to escape these.
_UNFIT = re.compile(r"[\s\"'\\$\x00-\x1f\x7f]")
# PATH_MAX without its final zero, and NAME_MAX (limits.h(0p)).
_LONGEST_PATH, _LONGEST_NAME = 4095, 255
# Characters that stay as they are (systemd.unit(5), "String Escaping for Inclusion in Unit Names").
_LONGEST_UNIT = 255 - len(".mount")
_UNESCAPED = re.compile(r"[A-Za-z0-9:_./]")
# Options that the unit sets by itself, and those that would make another kind of mount.
_OWN_OPTIONS = (
    ("loop", "nofail", "fail", "bind", "rbind", "remount", "offset", "sizelimit")
    # A mount of a part of the filesystem would be taken for somebody else's.
    + ("subvol", "subvolid")
)
# The system needs their contents, which a mount would hide and a move would take away.
_OF_THE_SYSTEM = re.compile(
    r"^/(?:home|media|mnt|opt|root|snap|srv|var(?:/(?:backups|cache|lib|local|log|mail|opt))?)?$|"
    r"^/(?:bin|boot|dev|efi|etc|lib|lib32|lib64|libx32|lost\+found|ostree|proc|run|sbin|sys|sysroot|tmp"
    r"|usr|var/(?:lock|run|spool|tmp)"
    # The package managers' databases, what systemd keeps, and our own record.
    r"|var/lib/(?:apt|cloud|dnf|dockwright|dpkg|rpm|systemd))(?:/|\Z)"
)
# A boot makes these anew (hier(7)), or systemd-tmpfiles deletes what is old (tmpfiles.d(5)).
_NOT_KEPT = re.compile(r"^/(?:dev|proc|run|sys|tmp|var/(?:lock|run|tmp))/")
# The system's own folders: nobody looks for a backing file there, and its tools may clear them.
_NO_PLACE_FOR_FILES = re.compile(
    r"^/(?:bin|boot|efi|etc|lib|lib32|lib64|libx32|sbin|usr(?!/local/)"
    r"|var/lib/(?:apt|dnf|dockwright|dpkg|rpm|systemd)|var/cache)/"
)
# Names that lead to the same disk after every boot (udev(7), 60-persistent-storage.rules).
_STABLE = re.compile(
    r"^/dev/(?:disk/by-(?:id|path|uuid|label|partuuid|partlabel)/.|mapper/.|"
    r"(?!disk/|block/|char/|fd/|loop/|input/|pts/|shm/|bus/|cpu/|dri/|net/|snd/|mqueue/)[^/]+/[^/]+$)"
)


class StorageDeclaration(NamedTuple):
    """What is declared of the filesystem under data-root.

    Nothing is managed without ``file`` or ``device``. ``size`` and ``host_reserve`` are in bytes;
    without a reserve it is one GiB or five per cent of the host's filesystem, whichever is larger.
    ``allocation`` is ``full`` or ``sparse``. ``file_owner`` and ``file_group`` are names or
    numbers. ``adopt_existing`` says what becomes of the mount point's contents,
    ``adopt_filesystem`` consents to using a filesystem that somebody else made, ``recreate`` to a
    new empty one in place of one that is gone, ``allow_data_removal`` to deleting one with data.
    """

    file: str = ""
    device: str = ""
    size: int = 0
    filesystem: str = "auto"
    mount_point: str = "/var/lib/docker"
    mount_options: Tuple[str, ...] = ()
    label: str = ""
    allocation: str = "full"
    direct_io: bool = True
    file_owner: str = "root"
    file_group: str = "root"
    file_mode: int = 0o600
    host_reserve: Optional[int] = None
    state: str = "mounted"
    adopt_existing: str = "refuse"
    adopt_filesystem: bool = False
    recreate: bool = False
    allow_data_removal: bool = False
    lock_timeout: int = 120

    @property
    def source(self) -> str:
        """The backing file or the device that is mounted; empty where nothing is managed."""
        return self.file or self.device

    @property
    def is_mounted(self) -> bool:
        """Whether a filesystem is declared."""
        return bool(self.source) and self.state == "mounted"


def declare_storage(arguments: Mapping[str, Any]) -> StorageDeclaration:
    """Read the arguments of ``docker_storage``.

    :raises DeclarationError: for a value without meaning.
    """
    file, device = arguments["file"], arguments["device"]
    if file and device:
        raise DeclarationError(
            "docker_storage_file (%s) and docker_storage_device (%s) are both set. Keep the one "
            "that is to carry the filesystem." % (cut(file), cut(device))
        )
    if not file and not device:
        return StorageDeclaration()
    mount_point = _path("docker_storage_mount_point", arguments["mount_point"])
    _require_a_units_name(mount_point)
    # What is refused now may have been declared before, and can still be removed.
    is_wanted = arguments["state"] == "mounted"
    if is_wanted and _OF_THE_SYSTEM.match(mount_point):
        raise DeclarationError(
            "docker_storage_mount_point is %s, which the system has for itself. It wants a folder "
            "of its own, such as /var/lib/docker." % cut(mount_point)
        )
    if file:
        file = _path("docker_storage_file", file)
        if is_wanted:
            _require_a_place(file)
        _require_outside(file, mount_point)
    else:
        device = _path("docker_storage_device", device)
        _require_stable(device)
    reserve = arguments["host_reserve"]
    return StorageDeclaration(
        file=file,
        device=device,
        size=_size(arguments["size"]) // BLOCK * BLOCK,
        filesystem=arguments["filesystem"],
        mount_point=mount_point,
        mount_options=tuple(_options(arguments["mount_options"])),
        label=_label(arguments["label"], arguments["filesystem"]),
        allocation=arguments["allocation"],
        direct_io=bool(arguments["direct_io"]),
        file_owner=_name("docker_storage_file_owner", arguments["file_owner"]),
        file_group=_name("docker_storage_file_group", arguments["file_group"]),
        file_mode=_mode(arguments["file_mode"]),
        host_reserve=size_in_bytes("docker_storage_host_reserve", reserve) if reserve else None,
        state=arguments["state"],
        adopt_existing=arguments["adopt_existing"],
        adopt_filesystem=bool(arguments["adopt_filesystem"]),
        recreate=bool(arguments["recreate"]),
        allow_data_removal=bool(arguments["allow_data_removal"]),
        lock_timeout=seconds("docker_storage_lock_timeout", arguments["lock_timeout"]),
    )


def _size(text: str) -> int:
    """Read a file's size; below one MiB the unit must be missing, for no filesystem is so small.

    :raises DeclarationError: for such a size, and for a text that is no size.
    """
    size = size_in_bytes("docker_storage_size", text)
    if size < _UNITS["M"]:
        raise DeclarationError(
            "docker_storage_size is %s, which is %d bytes. It wants a size with its unit, such as "
            "10G or 512M." % (told_value(text), size)
        )
    return size


def size_in_bytes(variable: str, text: str) -> int:
    """Read a size: 10G and 10GiB are 10 times 1024 cubed, 10GB is 10 times 1000 cubed.

    :raises DeclarationError: for a text that is no size.
    """
    match = _SIZE.match(text.strip())
    if match is None or (match.group("binary") and not match.group("unit")):
        raise DeclarationError(
            "%s is %s. It wants a size such as 10G, 512M or 1.5T (powers of 1024), 10GB (powers of "
            "1000), or a number of bytes." % (variable, told_value(text))
        )
    unit = match.group("unit")
    factor = _UNITS.get(unit, 1)
    if unit and match.group("byte") and not match.group("binary"):
        factor = _DECIMAL_UNITS[unit]
    whole, _point, fraction = match.group("number").partition(".")
    size = int(whole) * factor + int(fraction or 0) * factor // int("1" + "0" * len(fraction))
    if size > _MOST:
        raise DeclarationError(
            "%s is %s, which is more than a file can have. It wants a size such as 10G."
            % (variable, told_value(text))
        )
    return size


def _path(variable: str, text: str) -> str:
    """Read a path: absolute, in its one spelling, without what units and fstab have to escape.

    :raises DeclarationError: for any other.
    """
    if not text.startswith("/"):
        raise DeclarationError(
            "%s is %s, which is relative. It wants an absolute path." % (variable, told_value(text))
        )
    unfit = _UNFIT.search(text)
    if unfit is not None:
        raise DeclarationError(
            "%s is %s. It holds %r, which systemd and fstab each want escaped in a way of their "
            "own; take a path without it." % (variable, told_value(text), unfit.group(0))
        )
    path = plain_path(text)
    longest = max(len(part.encode("utf-8", "surrogatepass")) for part in path.split("/"))
    if longest > _LONGEST_NAME or len(path.encode("utf-8", "surrogatepass")) > _LONGEST_PATH:
        raise DeclarationError(
            "%s is %s, which is longer than a path can be: %d bytes in all, %d from slash to slash."
            % (variable, told_value(text), _LONGEST_PATH, _LONGEST_NAME)
        )
    return path


def plain_path(text: str) -> str:
    """Write a path in the one form that systemd and the kernel use."""
    return posixpath.normpath(text).replace("//", "/")


def _require_a_place(file: str) -> None:
    if _STABLE.match(file):
        raise DeclarationError(
            "docker_storage_file is %s, a name of devices. It wants a file; a disk is declared as "
            "docker_storage_device." % cut(file)
        )
    told = "where nothing is kept" if _NOT_KEPT.match(file) else ""
    told = told or ("among what is the system's" if _NO_PLACE_FOR_FILES.match(file) else "")
    if told:
        raise DeclarationError(
            "docker_storage_file is %s, %s. It wants a path on a disk, such as "
            "/var/lib/docker.img." % (cut(file), told)
        )


def _require_a_units_name(mount_point: str) -> None:
    """Require that the unit's name, in which other bytes take four letters, is not too long."""
    escaped = _UNESCAPED.sub("", mount_point).encode("utf-8", "surrogatepass")
    length = len(_UNESCAPED.findall(mount_point)) - 1 + 4 * len(escaped)
    if length > _LONGEST_UNIT:
        raise DeclarationError(
            "docker_storage_mount_point is %s, and its mount unit would have a longer name than "
            "systemd takes. It wants a shorter path, such as /var/lib/docker."
            % told_value(mount_point)
        )


def _require_outside(file: str, mount_point: str) -> None:
    if file == mount_point or file.startswith(mount_point + "/"):
        raise DeclarationError(
            "docker_storage_file is %s, which lies inside docker_storage_mount_point, %s. The "
            "filesystem in it would hide the file it is made of; put it outside."
            % (cut(file), cut(mount_point))
        )
    if mount_point.startswith(file + "/"):
        raise DeclarationError(
            "docker_storage_mount_point is %s, which lies below docker_storage_file, %s: a file "
            "has no folders in it." % (cut(mount_point), cut(file))
        )


def _require_stable(device: str) -> None:
    if not _STABLE.match(device):
        raise DeclarationError(
            "docker_storage_device is %s, a name that may be another disk's after the next boot. "
            "Name it by /dev/disk/by-id/..., which `ls -l /dev/disk/by-id` lists." % cut(device)
        )


def _options(options: Any) -> Any:
    for text in options:
        for option in str(text).split(","):
            name = option.strip().partition("=")[0]
            if not name or _UNFIT.search(option.strip()):
                raise DeclarationError(
                    "docker_storage_mount_options holds %s. It wants options of mount(8), such as "
                    "noatime or compress=zstd." % told_value(text)
                )
            if name in _OWN_OPTIONS or name.startswith(("x-", "X-")):
                raise DeclarationError(
                    "docker_storage_mount_options holds %s, which is not for a declaration: the "
                    "mount unit says by itself what it takes to mount." % cut(name)
                )
            yield option.strip()


def _label(label: str, filesystem: str) -> str:
    longest = FILESYSTEMS[filesystem].longest_label if filesystem in FILESYSTEMS else 12
    if len(label.encode("utf-8")) > longest or _UNFIT.search(label):
        raise DeclarationError(
            "docker_storage_label is %s. It wants at most %d bytes without blanks and quotes."
            % (told_value(label), longest)
        )
    return label


def _name(variable: str, text: str) -> str:
    if not re.match(r"^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?\Z", text):
        raise DeclarationError(
            "%s is %s. It wants a name or a number." % (variable, told_value(text))
        )
    return text


def _mode(text: str) -> int:
    if not re.match(r"^0?[0-7]{3}\Z", text) or int(text, 8) & 0o600 != 0o600:
        raise DeclarationError(
            "docker_storage_file_mode is %s. It wants three octal digits in quotes with which the "
            'owner can read and write, such as "0600".' % told_value(text)
        )
    return int(text, 8)


def seconds(variable: str, number: int) -> int:
    """Read a number of seconds.

    :raises DeclarationError: for one below 0, or too large for any wait.
    """
    if not 0 <= number <= _LONGEST_WAIT:
        raise DeclarationError(
            "%s is %d. It wants seconds, from 0 to %d (a week)." % (variable, number, _LONGEST_WAIT)
        )
    return number
