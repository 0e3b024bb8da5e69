# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The keys of dockerd's configuration file, by engine version: kinds of values, and their reloads.

The facts are moby's (daemon/config/config.go, config_linux.go, daemon/reload.go and the flags of
each release). tests/contract/test_daemon_options.py tries them with the lab's engines.
"""

from typing import Dict, NamedTuple, Optional, Tuple

Version = Tuple[int, ...]

RELOAD, RESTART = "reload", "restart"
# The table knows no newer version; for those dockerd's own validation alone decides.
NEWEST_KNOWN: Version = (29, 7)
# No older engine is ever asked about.
OLDEST_KNOWN: Version = (20, 10)


class Option(NamedTuple):
    """One key: the kind of its value, which engines take it, and how a change takes effect.

    ``kind`` is bool, number, text, list (of text), map or pools. ``since`` is the first version
    that takes the key, ``until`` the first that no longer does. ``changed`` and ``removed`` say
    what a daemon needs before it uses the new state: a reload, or a restart.
    """

    kind: str
    since: Version = ()
    until: Version = ()
    changed: str = RESTART
    removed: str = RESTART


def _reloaded(kind: str, removed: str = RESTART, since: Version = ()) -> Option:
    return Option(kind=kind, since=since, changed=RELOAD, removed=removed)


OPTIONS: Dict[str, Option] = {
    "allow-direct-routing": Option("bool", since=(28, 2)),
    "allow-nondistributable-artifacts": Option("list"),
    "api-cors-header": Option("text", until=(28,)),
    "authorization-plugins": _reloaded("list", removed=RELOAD),
    "bip": Option("text"),
    "bip6": Option("text", since=(28,)),
    "bridge": Option("text"),
    "bridge-accept-fwmark": Option("text", since=(29,)),
    "builder": Option("map"),
    "cdi-spec-dirs": Option("list", since=(25,)),
    "cgroup-parent": Option("text"),
    "cluster-advertise": Option("text", until=(23,)),
    "cluster-store": Option("text", until=(23,)),
    "cluster-store-opts": Option("map", until=(23,)),
    "containerd": Option("text"),
    "containerd-namespace": Option("text"),
    "cpu-rt-period": Option("number"),
    "cpu-rt-runtime": Option("number"),
    "cri-containerd": Option("bool"),
    "data-root": Option("text"),
    "debug": _reloaded("bool"),
    "default-address-pools": Option("pools"),
    "default-cgroupns-mode": _reloaded("text"),
    "default-gateway": Option("text"),
    "default-gateway-v6": Option("text"),
    "default-ipc-mode": _reloaded("text"),
    "default-network-opts": Option("map", since=(24,)),
    "default-runtime": _reloaded("text"),
    "default-shm-size": _reloaded("text"),
    "default-stop-timeout": _reloaded("number", since=(29, 7)),
    "default-ulimits": Option("map"),
    "deprecated-key-path": Option("text"),
    "dns": Option("list"),
    "dns-opts": Option("list"),
    "dns-search": Option("list"),
    "exec-opts": Option("list"),
    "exec-root": Option("text"),
    "experimental": Option("bool"),
    "features": _reloaded("map", removed=RELOAD),
    "firewall-backend": Option("text", since=(29,)),
    "fixed-cidr": Option("text"),
    "fixed-cidr-v6": Option("text"),
    "graph": Option("text", until=(23,)),
    "group": Option("text"),
    "host-gateway-ip": Option("text"),
    "host-gateway-ips": Option("list", since=(28,)),
    "hosts": Option("list"),
    "icc": Option("bool"),
    "init": Option("bool"),
    "init-path": Option("text"),
    "insecure-registries": _reloaded("list"),
    "ip": Option("text"),
    "ip-forward": Option("bool"),
    "ip-forward-no-drop": Option("bool", since=(28,)),
    "ip-masq": Option("bool"),
    "ip6tables": Option("bool"),
    "iptables": Option("bool"),
    "ipv6": Option("bool"),
    "labels": _reloaded("list"),
    "live-restore": _reloaded("bool"),
    "log-driver": Option("text"),
    "log-format": Option("text", since=(25,)),
    "log-level": Option("text"),
    "log-opts": Option("map"),
    "max-concurrent-downloads": _reloaded("number", removed=RELOAD),
    "max-concurrent-uploads": _reloaded("number", removed=RELOAD),
    "max-download-attempts": _reloaded("number", removed=RELOAD),
    "metrics-addr": Option("text"),
    "min-api-version": Option("text", since=(29,)),
    "mtu": Option("number"),
    "network-control-plane-mtu": Option("number"),
    "network-diagnostic-port": _reloaded("number", removed=RELOAD),
    "no-new-privileges": Option("bool"),
    "node-generic-resources": Option("list"),
    "nri-opts": _reloaded("map", removed=RELOAD, since=(29, 2)),
    "oom-score-adjust": Option("number", until=(25,)),
    "pidfile": Option("text"),
    "proxies": Option("map", since=(23,)),
    "raw-logs": Option("bool"),
    "registry-mirrors": _reloaded("list"),
    "rootless": Option("bool"),
    "runtimes": _reloaded("map"),
    "seccomp-profile": Option("text"),
    "selinux-enabled": Option("bool"),
    "shutdown-timeout": _reloaded("number"),
    "storage-driver": Option("text"),
    "storage-opts": Option("list"),
    "swarm-default-advertise-addr": Option("text"),
    "tls": Option("bool"),
    "tlscacert": Option("text"),
    "tlscert": Option("text"),
    "tlskey": Option("text"),
    "tlsverify": Option("bool"),
    "userland-proxy": Option("bool"),
    "userland-proxy-path": Option("text"),
    "userns-remap": Option("text"),
}

# Keys that dockerd accepts silently and ignores, and the place where they belong.
MISPLACED = {
    "http-proxy": "proxies: {http-proxy: ...}",
    "https-proxy": "proxies: {https-proxy: ...}",
    "no-proxy": "proxies: {no-proxy: ...}",
    "add-runtime": "runtimes",
    "authorization-plugin": "authorization-plugins",
    "cdi-spec-dir": "cdi-spec-dirs",
    "default-address-pool": "default-address-pools",
    "default-network-opt": "default-network-opts",
    "default-ulimit": "default-ulimits",
    "dns-opt": "dns-opts",
    "exec-opt": "exec-opts",
    "feature": "features",
    "host": "hosts",
    "insecure-registry": "insecure-registries",
    "label": "labels",
    "log-opt": "log-opts",
    "node-generic-resource": "node-generic-resources",
    "registry-mirror": "registry-mirrors",
    "storage-opt": "storage-opts",
}
REMEDIES = {
    "graph": "Write data-root instead.",
    "cluster-store": "Classic swarm is gone: take the key out.",
    "cluster-store-opts": "Classic swarm is gone: take the key out.",
    "cluster-advertise": "Classic swarm is gone: take the key out.",
}

# Storage drivers (moby, daemon/graphdriver), and the first version without each.
STORAGE_DRIVERS: Dict[str, Version] = {
    "overlay2": (),
    "fuse-overlayfs": (),
    "btrfs": (),
    "zfs": (),
    "vfs": (),
    "aufs": (24,),
    "overlay": (24,),
    "devicemapper": (25,),
}
# Drivers whose names are not names of snapshotters too (containerd, plugins/snapshots).
NO_SNAPSHOTTERS = ("overlay2", "vfs", "aufs", "overlay", "devicemapper")
# The packages of these families leave this driver out (docker-ce-packaging:
# exclude_graphdriver_btrfs).
DRIVERS_MISSING_FROM = {"rpm": ("btrfs",)}
# From here on a snapshotter of containerd can be used in place of a driver (features).
FIRST_WITH_SNAPSHOTTERS: Version = (24,)


class Feature(NamedTuple):
    """A feature that is read when the daemon starts, never at a reload.

    ``since`` is the first version that reads it, ``by_default`` the first in which it is on by
    default; empty where it is off, or where that depends on the host.
    """

    since: Version
    by_default: Version = ()


# moby, daemon/command/daemon.go, daemon/daemon.go and daemon/image_store_choice.go; other features
# are read when they are used.
SNAPSHOTTER = "containerd-snapshotter"
EMBEDDED = "embedded-containerd"
MIGRATION = "containerd-migration"
FEATURES_OF_THE_START: Dict[str, Feature] = {
    "cdi": Feature((25,), by_default=(28, 2)),
    MIGRATION: Feature((29,)),
    SNAPSHOTTER: Feature(FIRST_WITH_SNAPSHOTTERS),
    EMBEDDED: Feature((29, 7)),
}
# The name of such a feature beside the keys, since each counts by itself.
OF_FEATURES = "features."

# If one of these changes, no container lives through a restart, whatever live-restore is (moby,
# daemon/restore and the documentation of live-restore: bridge, graph driver, data root).
BREAK_LIVE_RESTORE = frozenset(
    (
        "bip",
        "bip6",
        "bridge",
        "containerd",
        "containerd-namespace",
        "data-root",
        "default-address-pools",
        "exec-root",
        OF_FEATURES + SNAPSHOTTER,
        OF_FEATURES + EMBEDDED,
        "fixed-cidr",
        "fixed-cidr-v6",
        "graph",
        "storage-driver",
        "userns-remap",
    )
)

# Flags whose names differ from the key of the same meaning (moby, cmd/dockerd/config.go).
KEY_OF_FLAG = dict(
    {flag: key for flag, key in MISPLACED.items() if ":" not in key},
    **{
        "D": "debug",
        "G": "group",
        "H": "hosts",
        "b": "bridge",
        "g": "data-root",
        "graph": "data-root",
        "l": "log-level",
        "p": "pidfile",
        "s": "storage-driver",
    },
)
# Flags whose key has another place or name in the file.
FLAGS_WITHOUT_KEY = frozenset(
    ("containerd-plugins-namespace", "http-proxy", "https-proxy", "no-proxy")
)
# The first engine whose dockerd can validate a file and then end.
FIRST_WITH_VALIDATION: Version = (23,)
# A flag and its key may both be there (moby, skipDuplicates).
BESIDE_THE_FLAG = ("runtimes",)
BOOLEAN_FLAGS = frozenset(
    [key for key, option in OPTIONS.items() if option.kind == "bool"] + ["D", "validate"]
)


# If one of these changes, the daemon does not know its earlier containers.
FORGET_CONTAINERS = frozenset(
    (
        "containerd-namespace",
        "data-root",
        OF_FEATURES + SNAPSHOTTER,
        OF_FEATURES + EMBEDDED,
        "graph",
        "storage-driver",
        "userns-remap",
    )
)


def parse_version(text: str) -> Version:
    """Read the leading numbers of a version: ``26.1.5+dfsg1`` is (26, 1, 5), "" is ()."""
    numbers = []
    for part in text.split("."):
        digits = ""
        for letter in part:
            if not letter.isdigit():
                break
            digits += letter
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def is_taken(option: Option, version: Version) -> bool:
    """Whether an engine of this version takes the key; if the version is unknown, it does."""
    if not version:
        return True
    return version >= option.since and not (option.until and version >= option.until)


def is_read_at_start(name: str, version: Version) -> bool:
    """Whether an engine of this version reads a feature at its start; if unknown, it does."""
    feature = FEATURES_OF_THE_START.get(name)
    return feature is not None and (not version or version >= feature.since)


def is_on_by_default(name: str, version: Version) -> bool:
    """Whether an engine of this version has a feature on by default."""
    first = FEATURES_OF_THE_START[name].by_default
    return bool(first) and version >= first


def effect_of(key: str, removed: bool, version: Version) -> str:
    """Give what a changed key needs to take effect: ``reload`` or ``restart``."""
    option: Optional[Option] = OPTIONS.get(key)
    if option is None or not is_taken(option, version):
        return RESTART
    return option.removed if removed else option.changed
