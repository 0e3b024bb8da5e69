"""A full disk of the host, and a backing file that stays allocated whatever goes on inside."""

from collections.abc import Iterator

import pytest

from tests.contract.storage import (
    SIZE,
    apply,
    converge,
    declare,
    each,
    install_tools,
    require_settled,
)
from tests.lab import Json, Lab

PLACE = "/data0/full"
FILE, POINT = f"{PLACE}/disk/volume", f"{PLACE}/docker"
# Each filesystem on one host: distributions make no difference to it.
KINDS = {"debian13": "btrfs", "ubuntu2404": "ext4", "centos9": "xfs"}
CHECKS = {"btrfs": "btrfs check --readonly", "ext4": "e2fsck -fn", "xfs": "xfs_repair -n"}
# A disk of the host's own, of which statvfs(3) calls every byte free. The free space is in many
# pieces, so that a file of all of it needs blocks for their list, for which there is no room.
DISK = f"""
mkdir -p {PLACE}/disk; truncate -s 700M {PLACE}/image; mkfs.ext4 -q -m 0 {PLACE}/image
mount -o loop {PLACE}/image {PLACE}/disk
"""
PIECES = f"""
cd {PLACE}/disk; for number in $(seq 200); do fallocate -l 256K piece$number; done; sync -f .
for number in $(seq 1 2 200); do rm piece$number; done; sync -f .
"""
FREE = f"stat -f -c '%a %S' {PLACE}/disk"
ALLOCATED = f"stat -c '%s %b' {FILE}"


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> Iterator[Lab]:
    """Hosts with a small disk of their own under the backing file, on which it is mounted."""
    lab.reset()
    install_tools(lab)
    converge(lab, everywhere(lab))
    yield lab


def everywhere(lab: Lab, **more: object) -> dict[str, Json]:
    """Declare the filesystem on every host, each with its own kind."""
    return {
        host: declare(
            "full", host, filesystem=KINDS[host], file=FILE, **{"size": SIZE["centos9"], **more}
        )
        for host in lab.hosts
    }


def every(lab: Lab, script: str) -> dict[str, str]:
    printed = each(lab, dict.fromkeys(lab.hosts, script))
    return {host: text.strip() for host, text in printed.items()}


def free(lab: Lab) -> dict[str, int]:
    """Give the bytes that each host calls free on its disk."""
    pairs = {host: printed.split() for host, printed in every(lab, f"sync; {FREE}").items()}
    return {host: int(blocks) * int(size) for host, (blocks, size) in pairs.items()}


def require_allocated(lab: Lab, size: int) -> None:
    for host, printed in every(lab, ALLOCATED).items():
        long, blocks = (int(word) for word in printed.split())
        assert long == size, host
        assert blocks * 512 >= size, f"{host}: {size - blocks * 512} bytes are not allocated"


def test_a_file_stays_allocated_when_the_filesystem_in_it_was_filled_and_emptied(
    hosts: Lab,
) -> None:
    size = 320 * 1024**2
    require_allocated(hosts, size)
    fill = f"""
    head -c 3000000 /dev/urandom > {POINT}/kept; sha256sum {POINT}/kept > /root/sums
    dd if=/dev/zero of={POINT}/filler bs=1M 2> /root/said || true
    grep 'No space left on device' /root/said
    sync -f {POINT}; rm {POINT}/filler; sync -f {POINT}; sync
    """
    every(hosts, fill)
    require_allocated(hosts, size)
    require_settled(hosts, everywhere(hosts))


def test_holes_are_found_and_filled_again_with_the_content_intact(hosts: Lab) -> None:
    size = 320 * 1024**2
    every(hosts, f"sync -f {POINT}; fstrim {POINT}; sync")
    for host, printed in every(hosts, ALLOCATED).items():
        assert int(printed.split()[1]) * 512 < size - 50 * 1024**2, f"{host}: nothing was punched"
    for host, ended in apply(hosts, everywhere(hosts), "--check").items():
        assert "storage.allocation" in ended.steps, host
        told = " ".join(ended.sentences)
        assert f" of {FILE} that are not: writes could fail there" in told, host
    converge(hosts, everywhere(hosts))
    require_allocated(hosts, size)
    # As the next mount finds it, with nothing in a cache.
    every(hosts, "systemctl stop data0-full-docker.mount")
    checks = {host: f"{CHECKS[KINDS[host]]} {FILE} 2>&1" for host in hosts.hosts}
    each(hosts, checks)
    every(hosts, "systemctl start data0-full-docker.mount; sha256sum -c /root/sums")
    require_settled(hosts, everywhere(hosts))


def test_a_disk_that_is_full_in_the_middle_of_growth_leaves_the_file_as_long_as_before(
    hosts: Lab,
) -> None:
    move_to_disk(hosts)
    before = free(hosts)
    blocks = every(hosts, f"stat -c %b {FILE}")
    look = f"stat -c %s {FILE}; sha256sum -c /root/sums; grep ' {POINT} ' /proc/self/mountinfo"
    seen = every(hosts, look)
    wanted = everywhere(hosts)
    for host, number in blocks.items():
        # By the host's own figures it fits to the last byte.
        wanted[host]["docker_storage_size"] = str(int(number) * 512 + before[host])
    for host, ended in apply(hosts, wanted).items():
        assert ended.failed, host
        assert "No space left on device. It is as long as before." in ended.words, host
    assert every(hosts, look) == seen
    for host, room in free(hosts).items():
        # A list of pieces that was once too long for its block keeps the next block.
        assert before[host] - room <= 4 * 4096, host
    require_settled(hosts, everywhere(hosts))
    # With less than all of the space, it grows there.
    more = everywhere(hosts, size="400M")
    # Lab hosts lack CAP_SYS_RESOURCE, without which no kernel resizes a mounted ext4.
    able = {host: more[host] for host in hosts.hosts if KINDS[host] != "ext4"}
    if able:
        converge(hosts, able)
        require_settled(hosts, able)
    every(hosts, "sha256sum -c /root/sums")


def move_to_disk(lab: Lab) -> None:
    """Have the backing file lie on a disk of its own with little space."""
    every(
        lab,
        f"systemctl stop data0-full-docker.mount; mv {PLACE}/disk {PLACE}/before; {DISK}{PIECES}"
        f"cp -p --sparse=never {PLACE}/before/volume {FILE}; sync -f {FILE}; "
        "systemctl start data0-full-docker.mount",
    )
    require_settled(lab, everywhere(lab))


def test_a_disk_that_is_full_in_the_middle_of_creation_keeps_nothing_of_the_file(
    hosts: Lab,
) -> None:
    gone = {"state": "absent", "allow_data_removal": True}
    converge(hosts, everywhere(hosts, size="400M", **gone))
    before = free(hosts)
    wanted = everywhere(hosts)
    for host, bytes_free in before.items():
        wanted[host]["docker_storage_size"] = str(bytes_free)
    for host, ended in apply(hosts, wanted).items():
        assert ended.failed, host
        assert f"{FILE} could not be made with {before[host]} bytes" in ended.words, host
        assert "No space left on device. Nothing of it was left." in ended.words, host
    assert free(hosts) == before
    left = f"find {PLACE}/disk -name '*volume*'; ls -A {POINT}; ls /etc/systemd/system | grep full"
    assert set(every(hosts, f"({left}) || true").values()) == {""}
    converge(hosts, everywhere(hosts))
    require_settled(hosts, everywhere(hosts))
