"""Print all that a run of docker_storage could change on a host; run there by its own Python.

Each path has a line: its kind, owner and size, when its contents and its inode changed, and a
checksum of its contents. Two runs print the same only if nothing was touched.
"""

import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Mounts that systemd makes and removes by itself, for a login or one of its services.
PASSING = ("/run/user/", "/run/credentials/")
PLACES = ("/etc", "/data0", "/var/lib/docker", "/var/lib/dockwright", "/run/dockwright")
BLOCK = 1 << 16


def contents(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return str(path.readlink())
    if not stat.S_ISREG(mode):
        return ""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        at = 0
        while at < end:
            try:
                # Reading a hole takes long. Where one begins may change at any time, by the
                # kernel's decision.
                at = os.lseek(file.fileno(), at, os.SEEK_DATA) // BLOCK * BLOCK
            except OSError:
                break
            block = os.pread(file.fileno(), BLOCK, at)
            if block.strip(b"\0"):
                whole.update(f"{at} ".encode() + block)
            at += BLOCK
    return whole.hexdigest()


def describe(path: Path) -> Iterator[str]:
    yield str(path)
    try:
        status = path.lstat()
    except OSError as error:
        # The error of a filesystem that has shut down.
        yield str(error)
        return
    yield stat.filemode(status.st_mode)
    yield f"{status.st_uid}:{status.st_gid}"
    yield f"inode {status.st_ino}, {status.st_nlink} names, device {status.st_rdev}"
    if stat.S_ISREG(status.st_mode):
        yield f"{status.st_size} bytes, {status.st_blocks * 512} allocated"
    # Without the time of the last access, which this look itself changes.
    yield f"mtime {status.st_mtime_ns}, ctime {status.st_ctime_ns}"
    for name in sorted(os.listxattr(path, follow_symlinks=False)):
        yield f"{name}={os.getxattr(path, name, follow_symlinks=False)!r}"
    yield contents(path, status.st_mode)


def walk(place: Path) -> None:
    if not os.path.lexists(place):
        print(place, "is not there")
        return
    print(*describe(place), sep=" | ")
    for folder, folders, files in os.walk(place):
        folders.sort()
        for name in sorted(folders + files):
            print(*describe(Path(folder) / name), sep=" | ")


def loops(mounts: str) -> None:
    """Give this host's loop devices; the list has those of the machine's other containers too."""
    listed = subprocess.run(
        ["losetup", "--list", "--json", "--output-all"], stdout=subprocess.PIPE, check=True
    ).stdout
    places = [(line.split()[2], line.split()[4]) for line in mounts.splitlines()]
    shared = {number for number, place in places if place in ("/etc/hosts", "/var/lib/docker")}
    ours = {number for number, _place in places} - shared
    for loop in json.loads(listed or "{}").get("loopdevices", []):
        if str(loop["back-maj:min"]).strip() in ours:
            print(json.dumps(loop, sort_keys=True))


def main() -> None:
    for place in sys.argv[1:] or PLACES:
        walk(Path(place))
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    mounts = "\n".join(line for line in lines if not line.split()[4].startswith(PASSING))
    print(mounts)
    loops(mounts)


main()
