# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Docker's packages call their own: units, the group, the daemon's program."""

DOCKER_SERVICE = "docker.service"
SOCKET_UNIT = "docker.socket"
CONTAINERD_SERVICE = "containerd.service"
DOCKER_GROUP = "docker"
DOCKERD = "dockerd"
