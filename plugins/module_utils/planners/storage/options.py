# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mount options: those of the unit, and which of them a live mount lacks (mount(8), proc(5))."""

from typing import List, Sequence, Tuple

from ...words.declarations.storage import StorageDeclaration
from ...words.observations.storage import MountObserved

QUOTA = ("pquota", "prjquota")
# Options for mount(8) and systemd, which never reach the kernel.
_OF_USERSPACE = ("loop", "nofail", "defaults", "auto", "noauto", "_netdev", "user", "nouser")
# Options of any mount, which a kernel always shows (fs/proc_namespace.c); compared in both
# directions.
_OF_ANY = ("ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow", "sync")
# Options of the filesystem, shown if they are not its default.
_TOLD = ("compress", "compress-force", "discard", "commit", "ssd", "nossd")
# The default interval of writing out, in seconds, which is not shown (btrfs(5), ext4(5)).
_COMMIT = {"btrfs": "30", "ext4": "5"}
_COMPRESSING = ("compress", "compress-force")
_UNCOMPRESSED = ("compress=no", "compress=none")
# An option that ends another one, which a remount would otherwise keep (mount_setattr(2)).
_OPPOSITES = {
    "ro": "rw",
    "nosuid": "suid",
    "nodev": "dev",
    "noexec": "exec",
    "noatime": "relatime",
    "nodiratime": "diratime",
    "nosymfollow": "symfollow",
    "sync": "async",
}
# A mount's defaults, which are not shown.
_IMPLIED = ("rw", "suid", "dev", "exec", "async", "relatime", "atime", "diratime", "symfollow")


def unit_options(declaration: StorageDeclaration, kind: str, quota: bool) -> List[str]:
    """Give the mount unit's options: those needed to mount, then the declared ones."""
    declared = list(declaration.mount_options)
    options = ["loop", "nofail"] if declaration.file else ["nofail"]
    discards = any(_name(option).startswith(("discard", "nodiscard")) for option in declared)
    if declaration.file and declaration.allocation == "full" and not discards:
        # A discard of deleted data inside would punch holes into the backing file.
        options.append("nodiscard")
    if kind == "xfs" and quota and not any(_name(option) in QUOTA for option in declared):
        options.append("pquota")
    return options + [option for option in declared if option not in options]


def remount_options(options: Sequence[str], surplus: Sequence[str] = ()) -> List[str]:
    """Give the options that a mount can change while it is in use, and those that end a surplus."""
    changing = [option for option in options if _name(option) not in _OF_USERSPACE + QUOTA]
    ending = [_OPPOSITES[name] for name in surplus if name in _OPPOSITES]
    if any(_name(option) in _COMPRESSING for option in surplus):
        ending.append("compress=no")
    return ending + changing or ["rw"]


def missing_live(options: Sequence[str], mount: MountObserved) -> Tuple[List[str], List[str]]:
    """Give the options that a live mount lacks, and those that it has too many of.

    Options that a kernel does not show are taken to be there; the unit is compared by itself.
    """
    wanted = remount_options(options)
    if mount.type == "xfs":
        # xfs silently ignores what it cannot change (fs/xfs/xfs_super.c), so that needs a new
        # mount.
        wanted = [option for option in wanted if option in _OF_ANY + _IMPLIED]
    lacking = [option for option in wanted if not _is_live(option, mount)]
    surplus = [name for name in _OF_ANY if name in mount.options and name not in wanted]
    if "nodiscard" in wanted:
        lacking = [option for option in lacking if option != "nodiscard"]
        surplus.extend(each for each in mount.options if _name(each) == "discard")
    if mount.type == "btrfs" and not any(_name(option) in _COMPRESSING for option in wanted):
        surplus.extend(each for each in mount.options if _name(each) in _COMPRESSING)
    return lacking, surplus


def lacks_quota(options: Sequence[str], mount: MountObserved) -> bool:
    """Whether the limit of folders, which only a new mount brings, is wanted and missing."""
    return any(_name(option) in QUOTA for option in options) and not has_quota(mount)


def has_quota(mount: MountObserved) -> bool:
    """Whether a mount limits folders, as overlay2.size needs (moby, quota/projectquota.go)."""
    return any(name in mount.options for name in QUOTA)


def _is_live(option: str, mount: MountObserved) -> bool:
    if option in _IMPLIED or option == "nodiscard":
        return True
    if option in _OF_ANY:
        return option in mount.options
    told = [each for each in mount.options if _name(each) == _name(option)]
    if option in _UNCOMPRESSED or option == "commit=%s" % _COMMIT.get(mount.type, ""):
        return not told or option in told
    if _name(option) in _TOLD:
        # compress is shown as compress=zlib:3, and compress=zstd as compress=zstd:3.
        return any(each == option or each.startswith((option + ":", option + "=")) for each in told)
    return True


def _name(option: str) -> str:
    return option.partition("=")[0]
