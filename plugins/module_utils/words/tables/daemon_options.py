# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dockerd's configuration file may hold, by engine version: keys, kinds of values, reloads.

The facts are moby's (daemon/config/config.go, config_linux.go, daemon/reload.go and the flags of
each release), tried against the lab's engines by tests/contract/test_daemon_options.py.
"""

from typing import Dict, NamedTuple, Optional, Tuple

Version = Tuple[int, ...]

RELOAD, RESTART = "reload", "restart"
# Newer than this the table does not know; dockerd's own validation then has the only word.
NEWEST_KNOWN: Version = (29, 7)
# Every engine that is asked about is at least this old.
OLDEST_KNOWN: Version = (20, 10)


class Option(NamedTuple):
    """One key: what its value is, which engines take it, what brings a change of it into effect.

    ``kind`` is bool, number, text, list (of text), map or pools; ``since`` is the first
    version that takes the key, ``until`` the first that does not any more. ``changed`` and
    ``removed`` say what it takes until the daemon goes by it: a reload, or a restart.
    """

    kind: str
    since: Version = ()
    until: Version = ()
    changed: str = RESTART
    removed: str = RESTART


def _reloaded(kind: str, removed: str = RESTART, since: Version = ()) -> Option:
    return Option(kind, since, changed=RELOAD, removed=removed)


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

# What dockerd takes without a word and then ignores, and where it belongs.
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

# Storage drivers (moby, daemon/graphdriver) and the first version without them.
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
# Those that are not the names of snapshotters as well (containerd, plugins/snapshots).
NO_SNAPSHOTTERS = ("overlay2", "vfs", "aufs", "overlay", "devicemapper")
# Their packages leave these out (docker-ce-packaging: exclude_graphdriver_btrfs).
DRIVERS_MISSING_FROM = {"rpm": ("btrfs",)}
# From here on a snapshotter of containerd can take a driver's place (features).
FIRST_WITH_SNAPSHOTTERS: Version = (24,)


class Feature(NamedTuple):
    """A feature that is read when the daemon starts, whatever a reload says.

    ``since`` is the first version that reads it, ``by_default`` the first in which it is on where
    nothing is said of it; empty where it is off, or where that hangs on the host.
    """

    since: Version
    by_default: Version = ()


# moby, daemon/command/daemon.go, daemon/daemon.go and daemon/image_store_choice.go; others are read
# when they are used.
SNAPSHOTTER = "containerd-snapshotter"
EMBEDDED = "embedded-containerd"
MIGRATION = "containerd-migration"
FEATURES_OF_THE_START: Dict[str, Feature] = {
    "cdi": Feature((25,), by_default=(28, 2)),
    MIGRATION: Feature((29,)),
    SNAPSHOTTER: Feature(FIRST_WITH_SNAPSHOTTERS),
    EMBEDDED: Feature((29, 7)),
}
# What such a feature is called beside the keys: it counts by itself.
OF_FEATURES = "features."

# A changed one lets no container live through a restart, whatever live-restore says (moby,
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

# The names of flags that differ from the key of the same meaning (moby, cmd/dockerd/config.go).
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
# The first engine whose dockerd validates a file and ends.
FIRST_WITH_VALIDATION: Version = (23,)
# A flag and the key may stand side by side (moby, skipDuplicates).
BESIDE_THE_FLAG = ("runtimes",)
BOOLEAN_FLAGS = frozenset(
    [key for key, option in OPTIONS.items() if option.kind == "bool"] + ["D", "validate"]
)


# A daemon with another of these does not know the containers of before.
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
    """Read a version as far as it is numbers: ``26.1.5+dfsg1`` is (26, 1, 5), "" is ()."""
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
    """Whether an engine of this version takes the key; one of unknown version takes all."""
    if not version:
        return True
    return version >= option.since and not (option.until and version >= option.until)


def is_read_at_start(name: str, version: Version) -> bool:
    """Whether an engine of this version reads a feature when it starts; all are, if unknown."""
    feature = FEATURES_OF_THE_START.get(name)
    return feature is not None and (not version or version >= feature.since)


def is_on_by_default(name: str, version: Version) -> bool:
    """Whether an engine of this version has a feature on where nothing is said of it."""
    first = FEATURES_OF_THE_START[name].by_default
    return bool(first) and version >= first


def effect_of(key: str, removed: bool, version: Version) -> str:
    """What it takes until the daemon goes by a changed key: ``reload`` or ``restart``."""
    option: Optional[Option] = OPTIONS.get(key)
    if option is None or not is_taken(option, version):
        return RESTART
    return option.removed if removed else option.changed
