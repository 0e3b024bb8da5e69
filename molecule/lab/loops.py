"""Detach loop devices, which belong to the machine and not to the container that attached them."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands import run
from engine import Engine

DELETED = " (deleted)"


@dataclass(frozen=True)
class LoopDevice:
    """An attached loop device; its backing file is a path inside its mount namespace."""

    name: str
    path: str
    inode: int
    device: str


def attached() -> list[LoopDevice]:
    """Give all loop devices of this machine that have a backing file."""
    if not shutil.which("losetup"):
        return []
    columns = "NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN"
    listing = run(["losetup", "--list", "--json", "--output", columns], check=False).stdout
    rows = json.loads(listing or "{}").get("loopdevices", [])
    return [
        LoopDevice(
            row["name"],
            str(row["back-file"] or "").removesuffix(DELETED),
            int(row["back-ino"] or 0),
            str(row["back-maj:min"] or "").strip(),
        )
        for row in rows
    ]


def detach_all_of(engine: Engine, containers: list[str]) -> list[str]:
    """Detach what these containers attached; a device in use goes with its last user."""
    devices = attached() if os.geteuid() == 0 and containers else []
    if not devices:
        return []
    detached = []
    for container in json.loads(engine.docker("inspect", *containers).stdout):
        for device in devices:
            if _belongs(device, container) and device.name not in detached:
                run(["losetup", "--detach", device.name], check=False)
                detached.append(device.name)
    return detached


def _belongs(device: LoopDevice, details: Any) -> bool:
    pid = int(details["State"]["Pid"])
    if pid:
        return _same_file(device, Path(f"/proc/{pid}/root"), device.path) or (
            device.device in _own_filesystems(pid)
        )
    # The container has stopped: its files are still in its writable layer and its volumes, whose
    # mount points are no longer part of their paths.
    layer = (details["GraphDriver"]["Data"] or {}).get("UpperDir")
    if layer and _same_inode(device, Path(layer), device.path):
        return True
    volumes = [Path(mount["Source"]) for mount in details["Mounts"] if mount["Type"] == "volume"]
    return any(_same_file(device, volume, device.path) for volume in volumes)


def _own_filesystems(pid: int) -> set[str]:
    """Give the device numbers of the root and of all that only this mount namespace has."""
    mounts = _mounts(pid)
    root = {device for device, place in mounts if place == "/"}
    shared = {device for device, _ in _mounts(os.getpid())}
    return root | ({device for device, _ in mounts} - shared)


def _mounts(pid: int) -> list[tuple[str, str]]:
    """Give device number and mount point of everything mounted where a process lives."""
    lines = Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    return [(fields[2], fields[4]) for fields in (line.split() for line in lines)]


def _same_file(device: LoopDevice, root: Path, path: str) -> bool:
    try:
        status = (root / path.lstrip("/")).stat()
    except OSError:
        return False
    number = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    return (status.st_ino, number) == (device.inode, device.device)


def _same_inode(device: LoopDevice, root: Path, path: str) -> bool:
    try:
        # An overlay shows its upper layer's inode numbers under a device number of its own.
        return (root / path.lstrip("/")).stat().st_ino == device.inode
    except OSError:
        return False
