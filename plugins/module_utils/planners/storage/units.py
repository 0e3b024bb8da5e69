# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The units of the filesystem under data-root: its mount, its direct I/O, and Docker's guard."""

import re
from typing import Dict, Mapping, Sequence

from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import FileObserved, StagedFile
from ...words.observations.storage import COPYING
from ...words.paths import UNIT_FOLDER
from ..daemon.meaning import tidy_path
from ..units.text import drop_in_path, literal, render_drop_in

DIRECT_IO_SERVICE = "dockwright-direct-io.service"
DIRECT_IO_PATH = "%s/%s" % (UNIT_FOLDER, DIRECT_IO_SERVICE)
DAEMON_GUARD = drop_in_path(DOCKER_SERVICE, "dockwright-storage")
RUNTIME_GUARD = drop_in_path(CONTAINERD_SERVICE, "dockwright-storage")
GUARDS = (DAEMON_GUARD, RUNTIME_GUARD)
HEADER = "# Written by Dockwright (role docker_storage).\n"
_ASSERTED = re.compile(r"^AssertPathIsMountPoint=(.+)$", re.MULTILINE)
# A mount gets another loop device each time, so it is found by its file.
_SWITCH_ON = (
    'losetup --noheadings --output NAME --associated "$$1" | '
    'while read -r device; do losetup --direct-io=on "$$device"; done'
)


def mount_unit(mount_point: str) -> str:
    """Name a mount point's unit, as `systemd-escape -p --suffix=mount` does."""
    return _escape(mount_point) + ".mount"


def mount_unit_path(mount_point: str) -> str:
    """Give the path of that unit."""
    return "%s/%s" % (UNIT_FOLDER, mount_unit(mount_point))


def render_mount_unit(source: str, mount_point: str, kind: str, options: Sequence[str]) -> str:
    """Write the mount unit. A boot goes on without the mount; Docker, which has a guard, does not.

    With nofail nothing is required by local-fs.target, so a boot does not fail (systemd.mount(5)).
    """
    return HEADER + (
        "[Unit]\n"
        "Description=Filesystem of Docker's data-root\n"
        # Also while no guard is live; docker.socket comes too early to wait for a network disk.
        "Before=containerd.service docker.service\n"
        # Each start of Docker tries the mount, and must not run into a limit of starts.
        "StartLimitIntervalSec=0\n"
        "\n"
        "[Mount]\n"
        "What=%s\n"
        "Where=%s\n"
        "Type=%s\n"
        "Options=%s\n"
        # Reading a large log, or counting for a quota, takes longer than systemd's 90 s.
        "TimeoutSec=30min\n"
        "\n"
        "[Install]\n"
        "WantedBy=local-fs.target\n"
    ) % (literal(source), literal(mount_point), kind, literal(",".join(options)))


def render_direct_io(file: str, mount_point: str) -> str:
    """Write the service that switches direct I/O on after every mount, as mount(8) cannot."""
    unit = mount_unit(mount_point)
    return HEADER + (
        "[Unit]\n"
        "Description=Direct I/O for the loop device of %s\n"
        "After=%s\n"
        "\n"
        "[Service]\n"
        "Type=oneshot\n"
        "ExecStart=-/bin/sh -c '%s' sh %s\n"
        "\n"
        "[Install]\n"
        "WantedBy=%s\n"
    ) % (literal(file), literal(unit), _SWITCH_ON, literal(file), literal(unit))


def render_guard(mount_point: str) -> str:
    """Write the drop-in with which a service does not start without the mount, and says why.

    RequiresMountsFor= has no effect without a mount unit. So there are assertions, which a service
    does not skip silently (systemd.unit(5)); the second one is for a mount with half a copy in it.
    """
    point = literal(mount_point)
    wanted = (
        ("RequiresMountsFor", point),
        ("AssertPathIsMountPoint", point),
        ("AssertPathExists", "!%s/%s" % (point, COPYING)),
    )
    return render_drop_in(HEADER.rstrip("\n"), [("Unit", wanted)])


def is_written_by_us(text: str) -> bool:
    """Whether a unit is one of these."""
    return text.startswith(HEADER.rstrip("\n"))


def guards(mount_point: str, containerd_root: str) -> Dict[str, StagedFile]:
    """Give the wanted guards, with None for one that is not wanted."""
    guard = StagedFile(render_guard(mount_point))
    carried = is_under(containerd_root, mount_point)
    return {DAEMON_GUARD: guard, RUNTIME_GUARD: guard if carried else StagedFile(None)}


def guarded_mount_point(files: Mapping[str, FileObserved]) -> str:
    """Give the mount without which dockerd does not start; empty where no guard is live."""
    found = _ASSERTED.search(files.get(DAEMON_GUARD, FileObserved()).text)
    return found.group(1).replace("%%", "%") if found else ""


def is_under(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    path, folder = tidy_path(path), tidy_path(folder)
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _escape(path: str) -> str:
    """Escape a path for a unit's name (systemd.unit(5), "String escaping")."""
    trimmed = path.strip("/")
    escaped = "".join(_escape_byte(byte) for byte in bytearray(trimmed.encode("utf-8")))
    return "\\x2e" + escaped[1:] if escaped.startswith(".") else escaped


def _escape_byte(byte: int) -> str:
    letter = chr(byte)
    if letter == "/":
        return "-"
    if byte < 128 and (letter.isalnum() or letter in ":_."):
        return letter
    return "\\x%02x" % byte
