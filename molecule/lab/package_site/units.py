"""Files of Docker's packages that Debian's do not have: units and containerd's configuration.

The units are Docker's in every line about starting, reloading and stopping. A lab host lacks
CAP_SYS_RESOURCE. systemd then sets the nearest limit that it may and leaves OOMScoreAdjust alone,
so nothing had to be removed.
"""

DOCKER_SERVICE = """\
[Unit]
Description=Docker Application Container Engine
Documentation=https://docs.docker.com
After=network-online.target nss-lookup.target docker.socket firewalld.service containerd.service \
time-set.target
Wants=network-online.target containerd.service
Requires=docker.socket
StartLimitBurst=3
StartLimitIntervalSec=60

[Service]
Type=notify
ExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock
ExecReload=/bin/kill -s HUP $MAINPID
TimeoutStartSec=0
RestartSec=2
Restart=always

# A limit that is not infinite costs the kernel accounting; cgroups count for containers.
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity

# systemd must not reset the cgroups of containers, nor kill them with the daemon.
Delegate=yes
KillMode=process
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
"""

DOCKER_SOCKET = """\
[Unit]
Description=Docker Socket for the API

[Socket]
ListenStream=/run/docker.sock
SocketMode=0660
SocketUser=root
SocketGroup=docker

[Install]
WantedBy=sockets.target
"""

CONTAINERD_SERVICE = """\
[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target dbus.service

[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/bin/containerd

Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5

# A limit that is not infinite costs the kernel accounting; cgroups count for containers.
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
"""

# As in containerd.io, the Kubernetes plugin is off.
CONTAINERD_CONFIG = """\
disabled_plugins = ["cri"]
"""

WRITTEN_FILES = {
    "usr/lib/systemd/system/docker.service": DOCKER_SERVICE,
    "usr/lib/systemd/system/docker.socket": DOCKER_SOCKET,
    "usr/lib/systemd/system/containerd.service": CONTAINERD_SERVICE,
    "etc/containerd/config.toml": CONTAINERD_CONFIG,
}
