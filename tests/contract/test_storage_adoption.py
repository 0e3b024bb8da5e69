"""A set-up by hand, as people's notes have it, is adopted while Docker runs on it.

The commands are those of such notes, with three exceptions: `dd` makes 300 MiB instead of 10 GiB;
the loop device is the first free one from 7 on, since all containers share them; `tee` writes the
line that `vi` put into fstab. Where packages lack btrfs, it is an xfs.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.containers import trust_registry
from tests.lab import Lab

FILE, POINT = "/data0/store/soft/myDocker.btrfs", "/data0/store/soft/docker"
UNIT = "data0-store-soft-docker.mount"
SIZE = 300 * 1024**2
LINE = f"{FILE} {POINT}    auto  loop  0 0"
Json = dict[str, Any]

DECLARED: Json = {
    "docker_storage_file": FILE,
    "docker_storage_mount_point": POINT,
    "docker_storage_size": "300M",
    "docker_activation_stable_seconds": 0,
}

NOTES = """\
export DEBIAN_FRONTEND=noninteractive
@install@ > /dev/null 2>&1
mkdir -p @point@

dd if=/dev/zero of=@file@ bs=10M count=30 2> /dev/null
n=7; until losetup /dev/loop$n @file@ 2> /dev/null; do n=$((n+1)); [ $n -lt 64 ]; done
mkfs.@kind@ -q -f /dev/loop$n
mount -t @kind@ /dev/loop$n @point@

mkdir -p /etc/docker
tee /etc/docker/daemon.json <<-'EOF'
{
   "data-root": "/data0/store/soft/docker",
   "storage-driver": "@driver@",
   "registry-mirrors": ["https://cbnwh58y.mirror.aliyuncs.com"]
}
EOF
systemctl restart docker

cp -a /etc/fstab /root/fstab.before
echo '@line@' >> /etc/fstab
echo 'none /srv tmpfs noauto 0 0' | tee -a /etc/fstab >> /root/fstab.before
"""

# What must be the same afterwards: loop device, mount, filesystem, daemon and container.
IDENTITY = f"""\
losetup --noheadings --output NAME,BACK-INO -j {FILE}
awk '$5 == "{POINT}" {{print $1, $3}}' /proc/self/mountinfo
blkid -p -s UUID -o value $(findmnt --noheadings --output SOURCE {POINT})
systemctl show --property=InvocationID,MainPID docker.service
docker inspect --format '{{{{.State.Pid}}}} {{{{.State.StartedAt}}}}' theirs
sha256sum /etc/docker/daemon.json
"""
DIRECT_IO = f"cat /sys/block/$(basename $(losetup --noheadings --output NAME -j {FILE}))/loop/dio"
# What is not about the filesystem is for other tests.
PLANNED = {
    "docker_plan_roles": ["docker_storage", "docker_engine", "docker_daemon", "docker_activation"]
}


def notes(host: str) -> str:
    """Give the notes' commands, adapted to this host."""
    rpm = host == "centos9"
    words = {
        "install": "dnf -y -q install xfsprogs"
        if rpm
        else "apt-get update -q; apt-get install -y -q --no-install-recommends btrfs-progs",
        "kind": "xfs" if rpm else "btrfs",
        "driver": "overlay2" if rpm else "btrfs",
        "file": FILE,
        "point": POINT,
        "line": LINE,
    }
    text = NOTES
    for word, meaning in words.items():
        text = text.replace(f"@{word}@", meaning)
    return text


@pytest.fixture(scope="module")
def by_hand(lab: Lab) -> Iterator[Lab]:
    """Hosts with the engine, set up by the notes, and with a container."""
    lab = lab.distinct()
    lab.reset_with_engine()
    ran = lab.playbook("site.yml", "--tags", "docker_engine")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lab.everywhere({host: notes(host) for host in lab.hosts})
    image = f"{trust_registry(lab)}/library/busybox"
    lab.each(f"docker run -d --init --name theirs --restart always {image} sleep 36000")
    yield lab


def site(lab: Lab, variables: Json, *arguments: str, fails: bool = False) -> str:
    """Run site.yml with these variables, and require that it ends as expected."""
    ran = lab.playbook("site.yml", "-e", json.dumps(variables), *arguments)
    assert ran.returncode == (2 if fails else 0), ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_it_is_adopted_without_a_restart_of_anything(by_hand: Lab) -> None:
    before = by_hand.each(IDENTITY)
    assert set(by_hand.each(DIRECT_IO).values()) == {"0"}
    told = site(by_hand, DECLARED, "--tags", "docker_storage", "--diff")
    assert f"{UNIT} takes its place" in told
    assert by_hand.each(IDENTITY) == before
    assert set(by_hand.each(DIRECT_IO).values()) == {"1"}
    by_hand.each("cmp /etc/fstab /root/fstab.before")
    states = by_hand.each(f"systemctl is-enabled {UNIT}; systemctl is-active {UNIT}")
    assert set(states.values()) == {"enabled\nactive"}
    where = by_hand.each(f"systemctl show --property=FragmentPath --value {UNIT}")
    assert set(where.values()) == {f"/etc/systemd/system/{UNIT}"}
    for host, text in by_hand.each(f"stat -c '%a %u %s %b %B' {FILE}").items():
        mode, owner, size, blocks, unit = text.split()
        assert (mode, owner, int(size)) == ("600", "0", SIZE), host
        # Their mkfs has discarded what dd wrote.
        assert int(blocks) * int(unit) >= SIZE, host


def test_nothing_is_left_to_do(by_hand: Lab) -> None:
    before = by_hand.each(IDENTITY)
    told = site(by_hand, DECLARED, "--tags", "docker_storage")
    assert "no hosts matched" in told
    assert by_hand.each(IDENTITY) == before


def test_the_rest_of_the_site_leaves_it_and_the_container_alone(
    by_hand: Lab, tmp_path: Path
) -> None:
    shown = "docker inspect --format '{{.State.Pid}} {{.State.StartedAt}}' theirs"
    container = by_hand.each(shown)
    site(by_hand, DECLARED)
    assert by_hand.each(shown) == container
    for host, plan in by_hand.plan(tmp_path, {**DECLARED, **PLANNED}).items():
        assert (plan["verdict"], plan["differences"]) == ("clean", []), host


def test_the_unit_mounts_it_after_a_restart_of_the_host(by_hand: Lab, tmp_path: Path) -> None:
    by_hand.command("restart", *by_hand.hosts)
    states = by_hand.each(f"systemctl is-active {UNIT} docker.service")
    assert set(states.values()) == {"active\nactive"}
    assert set(by_hand.each("docker ps --format '{{.Names}}'").values()) == {"theirs"}
    assert set(by_hand.each(DIRECT_IO).values()) == {"1"}
    for host, plan in by_hand.plan(tmp_path, {**DECLARED, **PLANNED}).items():
        assert (plan["verdict"], plan["differences"]) == ("clean", []), host


def test_a_btrfs_is_not_adopted_where_packages_lack_it(by_hand: Lab) -> None:
    if len(by_hand.hosts) < 2 or "centos9" not in by_hand.hosts:
        pytest.skip("it takes a host without btrfs and one that makes it one")
    maker = next(host for host in by_hand.hosts if host != "centos9")
    file, point = "/data0/theirs.btrfs", "/data0/theirs"
    made = by_hand.on(
        maker,
        f"truncate -s 300M {file}; mkfs.btrfs -q {file}; tar -C / -cSzf - {file[1:]} | base64 -w0; "
        f"rm {file}",
    )
    by_hand.on(
        "centos9",
        f"echo {made} | base64 -d | tar -C / -xSz; mkdir {point}; mount -o loop {file} {point}; "
        f"echo '{file} {point} auto loop 0 0' >> /etc/fstab",
    )
    look = f"sha256sum {file} /etc/fstab; findmnt --noheadings {point}; ls /etc/systemd/system"
    before = by_hand.on("centos9", look)
    declared = {**DECLARED, "docker_storage_file": file, "docker_storage_mount_point": point}
    limit = ("--tags", "docker_storage", "--limit", "centos9")
    told = site(by_hand, declared, *limit, fails=True)
    assert f"{file} holds a btrfs" in told
    named = {**declared, "docker_storage_filesystem": "btrfs"}
    told = site(by_hand, named, *limit, fails=True)
    assert "docker_storage_filesystem is btrfs, and this host is CentOS Stream 9" in told
    assert "Set it to xfs" in told
    assert by_hand.on("centos9", look) == before
    by_hand.on("centos9", f"umount {point}; sed -i '\\,^{file},d' /etc/fstab; rm {file}")
