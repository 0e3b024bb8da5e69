# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of storage drivers (storage-opts), by driver and engine version.

The facts are moby's (daemon/graphdriver, parseOptions of each driver). A driver does not start with
an option that it does not know, and another driver's option is such a one.
"""

from typing import Dict, NamedTuple

from .daemon_options import Version


class DriverOption(NamedTuple):
    """One option: what kind of text it is, and which engines take it."""

    kind: str = "any"
    since: Version = ()
    until: Version = ()


_OF_DEVICEMAPPER: Dict[str, str] = {
    "dm.basesize": "binary size",
    "dm.blkdiscard": "bool",
    "dm.blocksize": "binary size",
    "dm.datadev": "any",
    "dm.directlvm_device": "any",
    "dm.directlvm_device_force": "bool",
    "dm.fs": "any",
    "dm.libdm_log_level": "any",
    "dm.loopdatasize": "binary size",
    "dm.loopmetadatasize": "binary size",
    "dm.metadatadev": "any",
    "dm.min_free_space": "any",
    "dm.mkfsarg": "any",
    "dm.mountopt": "any",
    "dm.override_udev_sync_check": "bool",
    "dm.thinp_autoextend_percent": "any",
    "dm.thinp_autoextend_threshold": "any",
    "dm.thinp_metapercent": "any",
    "dm.thinp_percent": "any",
    "dm.thinpooldev": "any",
    "dm.use_deferred_deletion": "bool",
    "dm.use_deferred_removal": "bool",
    "dm.xfs_nospace_max_retries": "any",
}
DRIVER_OPTIONS: Dict[str, Dict[str, DriverOption]] = {
    "overlay2": {
        "overlay2.size": DriverOption("binary size"),
        "overlay2.override_kernel_check": DriverOption("bool", until=(24,)),
    },
    "btrfs": {"btrfs.min_space": DriverOption("binary size")},
    "zfs": {"zfs.fsname": DriverOption()},
    "vfs": {
        "size": DriverOption("binary size"),
        "vfs.xattrs": DriverOption("xattrs", since=(25,)),
    },
    "overlay": {},
    "devicemapper": {
        name: DriverOption(kind, until=(25,)) for name, kind in _OF_DEVICEMAPPER.items()
    },
}
# These drivers never read their options.
WITHOUT_A_LOOK = frozenset(("fuse-overlayfs", "aufs"))
# All others ignore the case of their options' names.
EXACT_LETTERS = frozenset(("vfs",))
