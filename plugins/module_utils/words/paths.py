# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files and folders of a host that more than one part of the house speaks of."""

DAEMON_JSON = "/etc/docker/daemon.json"
REGISTRY_CERTIFICATES = "/etc/docker/certs.d"
DATA_ROOT = "/var/lib/docker"
DOCKER_SOCKET = "/run/docker.sock"
DOCKER_PID_FILE = "/run/docker.pid"
CONTAINERD_CONFIG = "/etc/containerd/config.toml"
CONTAINERD_ROOT = "/var/lib/containerd"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"

# Ours: what was applied last, what is staged, what was live before a commit, what apt or dnf began.
STATE_FOLDER, STATE_MODE = "/var/lib/dockwright", 0o700
APPLIED_RECORD = STATE_FOLDER + "/applied.json"
STAGED_SET = STATE_FOLDER + "/staged.json"
SAVED_SET = STATE_FOLDER + "/saved"
TRANSACTION_RECORD = STATE_FOLDER + "/transaction.json"

UNIT_FOLDER = "/etc/systemd/system"
RESTORE_UNIT = UNIT_FOLDER + "/dockwright-restore.service"
FSTAB = "/etc/fstab"
MACHINE_ID = "/etc/machine-id"
GRUB_CONFIG = "/boot/grub/grub.cfg"
KERNEL_COMMAND_LINE = "/proc/cmdline"
