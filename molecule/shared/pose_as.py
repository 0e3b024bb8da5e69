"""Let a lab host pose as another release (``pose_as.py 9 8``), or as itself (no argument).

Files in /run are mounted over those that name the release, so the host itself stays as it is.
"""

import os
import subprocess
import sys
from pathlib import Path

RELEASE_FILES = (
    "/etc/os-release",
    "/etc/centos-release",
    "/etc/redhat-release",
    "/etc/lsb-release",
    "/etc/debian_version",
)


def pose(true_version: str, version: str) -> None:
    """Mount the other release's files over this one's."""
    for name in RELEASE_FILES:
        path = Path(os.path.realpath(name))
        if path.is_file():
            mask = Path("/run/posing" + str(path).replace("/", "-"))
            mask.write_text(path.read_text().replace(true_version, version))
            subprocess.run(["mount", "--bind", str(mask), str(path)], check=True)


def be_oneself() -> None:
    """Unmount them again, however many there are."""
    for name in RELEASE_FILES:
        while subprocess.run(["umount", os.path.realpath(name)], stderr=-3).returncode == 0:
            continue


if len(sys.argv) == 3:
    pose(sys.argv[1], sys.argv[2])
else:
    be_oneself()
