"""Measure a filesystem under data-root: how long one of 10 GiB takes to make, how fast it is.

All on one lab host and one disk, one after the other: the notes' dd, the role with `full` and with
`sparse`, then writing inside with and without direct I/O. `make bench` prints the figures; no test
depends on them.
"""

import json
import sys
import time

from tests.lab import Lab

HOST = "debian13"
FILE, POINT = "/data0/bench.btrfs", "/data0/bench"
GIBIBYTES = 10
WRITTEN_MEBIBYTES = 2048
AWAY = {"docker_storage_state": "absent", "docker_storage_allow_data_removal": True}


def role(lab: Lab, **variables: object) -> float:
    """Apply the role alone; give the seconds of its module, and those of play 1 with it."""
    declared = {
        "docker_storage_file": FILE,
        "docker_storage_mount_point": POINT,
        "docker_storage_size": f"{GIBIBYTES}G",
        "docker_activation_deferred": True,
        **variables,
    }
    began = time.monotonic()
    ran = lab.playbook(
        "tests/contract/storage.yml", "--limit", HOST, "--extra-vars", json.dumps(declared)
    )
    if ran.returncode:
        sys.exit(ran.stdout + ran.stderr)
    return time.monotonic() - began


def script(lab: Lab, lines: str) -> float:
    """Run lines of shell on the host; give the seconds they took."""
    began = time.monotonic()
    lab.on(HOST, lines)
    return time.monotonic() - began


def throughput(lab: Lab) -> float:
    """Write inside the filesystem, through to the disk; give MiB a second."""
    write = f"dd if=/dev/zero of={POINT}/written bs=1M count={WRITTEN_MEBIBYTES} conv=fsync"
    seconds = script(lab, f"{write} 2>/dev/null")
    lab.on(HOST, f"rm {POINT}/written && sync")
    return WRITTEN_MEBIBYTES / seconds


def main() -> None:
    """Measure and print."""
    lab = Lab((HOST,))
    lab.command("up", HOST)
    lab.reset()
    role(lab, docker_storage_size="1G")
    role(lab, **AWAY)
    figures: dict[str, str] = {}
    by_hand = (
        f"mkdir -p {POINT}; dd if=/dev/zero of={FILE} bs=10M count={GIBIBYTES * 1024 // 10} "
        f"2>/dev/null; device=$(losetup --find --show {FILE}); mkfs.btrfs -q -f $device; "
        f"mount -t btrfs $device {POINT}"
    )
    figures["by hand, with the notes' dd"] = f"{script(lab, by_hand):.1f} s"
    lab.on(HOST, f"d=$(findmnt -no SOURCE {POINT}); umount {POINT}; losetup -d $d; rm {FILE}")
    for allocation in ("full", "sparse"):
        seconds = role(lab, docker_storage_allocation=allocation)
        figures[f"the role, {allocation}"] = f"{seconds:.1f} s"
        if allocation == "full":
            for direct_io in (True, False, True, False):
                role(lab, docker_storage_direct_io=direct_io)
                name = f"writing, direct I/O {'on' if direct_io else 'off'}"
                told = f"{throughput(lab):.0f} MiB/s"
                figures[name] = ", ".join(filter(None, (figures.get(name), told)))
        role(lab, docker_storage_allocation=allocation, **AWAY)
    for name, figure in figures.items():
        print(f"{name:<30} {figure}")


if __name__ == "__main__":
    main()
