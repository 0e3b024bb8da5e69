# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""dockerd's values for keys that its configuration file does not have.

The table holds only values that are the same in every engine since 20.10 and on every host (moby,
cmd/dockerd/config.go, config_unix.go and the defaults in daemon/config).
tests/contract/test_daemon_options.py compares it with real daemons. Keys that count by being there,
such as tlsverify, are left out.
"""

from typing import Any, Dict

DAEMON_DEFAULTS: Dict[str, Any] = {
    "allow-direct-routing": False,
    "containerd-namespace": "moby",
    "cpu-rt-period": 0,
    "cpu-rt-runtime": 0,
    "cri-containerd": False,
    "data-root": "/var/lib/docker",
    "debug": False,
    "default-ipc-mode": "private",
    "default-runtime": "runc",
    "default-shm-size": "64M",
    "exec-root": "/run/docker",
    "experimental": False,
    "graph": "/var/lib/docker",
    "group": "docker",
    "icc": True,
    "init": False,
    "ip-forward": True,
    "ip-forward-no-drop": False,
    "ip-masq": True,
    "iptables": True,
    "ipv6": False,
    "live-restore": False,
    "log-driver": "json-file",
    "log-level": "info",
    "max-concurrent-downloads": 3,
    "max-concurrent-uploads": 5,
    "max-download-attempts": 5,
    "mtu": 1500,
    "network-control-plane-mtu": 1500,
    "network-diagnostic-port": 0,
    "no-new-privileges": False,
    "pidfile": "/run/docker.pid",
    "raw-logs": False,
    "selinux-enabled": False,
    "shutdown-timeout": 15,
    "userland-proxy": True,
}
