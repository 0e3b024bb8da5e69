# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The environment in which package scripts run."""

# With SYSTEMD_OFFLINE systemctl leaves the service manager alone and only edits files (systemd,
# docs/ENVIRONMENT.md): no script starts or restarts the daemon, on deb and on rpm, and a run that
# is cut off leaves nothing to undo. A mask would do the same to docker.service, but a masked
# docker.socket loses its open sockets at the next daemon-reload, and dockerd its next start.
HOLD_BACK = {"SYSTEMD_OFFLINE": "1"}
