"""With consent, what was refused is done, and nothing that was there is lost."""

from collections.abc import Iterator

import pytest

from tests.contract.storage import (
    AUTO,
    apply,
    converge,
    declare,
    each,
    install_tools,
    look,
    require_settled,
)
from tests.lab import Json, Lab

# It commits as docker_activation would; the proof here is that the guard goes again.
GUARD = "/etc/systemd/system/docker.service.d/dockwright-storage.conf"
DISK = "/dev/disk/by-id/lab-disk"
# Everything that a naive cp or move loses: hard links, attributes, owners, times, whiteouts.
CONTENT = """
mkdir -p {0}/layer/deep {0}/.hidden; cd {0}
echo one > layer/one; ln layer/one layer/deep/one; ln -s ../one layer/deep/link
head -c 3000000 /dev/urandom > layer/big; truncate -s 50M layer/sparse
mknod layer/whiteout c 0 0; mkfifo layer/pipe
chown 1234:5678 layer/one; chmod 4751 layer/big; chmod 1770 layer/deep
touch -d @1000000000 layer/one
python3 -c "import os
os.setxattr('layer/big', 'user.mine', b'kept')
os.setxattr('layer', 'trusted.overlay.opaque', b'y')
bound = bytes.fromhex('0100000200040000000000000000000000000000')
os.setxattr('layer/big', 'security.capability', bound)"
"""
# What must stay the same in its new place: names, kinds, owners, times, attributes, contents.
TOLD = """python3 -c "
import hashlib, os, stat
for folder, folders, files in os.walk('{0}'):
    for name in sorted(folders + files):
        path = os.path.join(folder, name); s = os.lstat(path)
        if name == 'lost+found': continue
        kind = '' if stat.S_ISDIR(s.st_mode) else '%d names, %d bytes' % (s.st_nlink, s.st_size)
        data = open(path, 'rb').read() if stat.S_ISREG(s.st_mode) else b''
        print(os.path.relpath(path, '{0}'), oct(s.st_mode), s.st_uid, s.st_gid, kind, s.st_rdev,
              int(s.st_mtime) if not stat.S_ISLNK(s.st_mode) else '',
              [(x, os.getxattr(path, x, follow_symlinks=False))
               for x in sorted(os.listxattr(path, follow_symlinks=False))],
              hashlib.sha256(data).hexdigest())
" | sort
"""
# The list of loop devices is the whole machine's, and its columns are as wide as the longest.
KEPT = """
cd /data0/absent; stat -c '%n %i %s %Y' volume docker/mine
losetup --list --raw --noheadings | grep /data0/absent/
"""


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> Iterator[Lab]:
    """Hosts on which scenes can be set."""
    lab = lab.distinct()
    lab.reset()
    install_tools(lab)
    yield lab


def every(lab: Lab, script: str) -> dict[str, str]:
    return {
        host: text.strip() for host, text in each(lab, dict.fromkeys(lab.hosts, script)).items()
    }


def declared(lab: Lab, name: str, **more: object) -> dict[str, Json]:
    return {host: declare(name, host, **more) for host in lab.hosts}


def require_refused(lab: Lab, variables: dict[str, Json], *words: str) -> None:
    """Require that every host refuses it with a reason, and that nothing changes."""
    before = look(lab, lab.hosts)
    for host, ended in apply(lab, variables).items():
        assert ended.failed, host
        for word in words:
            assert word in ended.words, host
    assert look(lab, lab.hosts) == before


def test_a_filesystem_of_somebody_else_is_mounted_with_its_content(hosts: Lab) -> None:
    here = "/data0/adopted"
    every(
        hosts,
        f"mkdir -p {here}; truncate -s 400M {here}/volume; mkfs.ext4 -q {here}/volume; "
        f"mount -o loop {here}/volume /mnt; echo kept > /mnt/mine; umount /mnt",
    )
    uuids = every(hosts, f"blkid -p -s UUID -o value {here}/volume")
    variables = declared(hosts, "adopted", filesystem="ext4", size="400M")
    require_refused(hosts, variables, "docker_storage_adopt_filesystem")
    consented = declared(hosts, "adopted", filesystem="ext4", size="400M", adopt_filesystem=True)
    converge(hosts, consented)
    assert set(every(hosts, f"cat {here}/docker/mine").values()) == {"kept"}
    assert every(hosts, f"blkid -p -s UUID -o value {here}/volume") == uuids
    # It is ours from now on, and needs no more consent.
    require_settled(hosts, variables)
    take_away(hosts, variables)


def take_away(lab: Lab, variables: dict[str, Json]) -> None:
    gone = {"docker_storage_state": "absent", "docker_storage_allow_data_removal": True}
    converge(lab, {host: {**each, **gone} for host, each in variables.items()})


def test_what_is_in_the_mount_point_is_moved_whole(hosts: Lab) -> None:
    # No overlay can hold a layer of overlay2: the hosts' own root is one, a volume is not.
    above = "/var/lib/containerd"
    point = f"{above}/moved"
    every(hosts, CONTENT.format(point) + f"chown 42:43 {point}; chmod 0710 {point}")
    before = every(hosts, TOLD.format(point))
    of_folder = every(hosts, f"stat -c '%a %u:%g' {point}")
    require_refused(
        hosts, declared(hosts, "moved", mount_point=point), "is not empty", "adopt_existing"
    )
    variables = declared(hosts, "moved", mount_point=point, adopt_existing="move")
    converge(hosts, variables)
    assert every(hosts, TOLD.format(point)) == before
    assert every(hosts, f"stat -c '%a %u:%g' {point}") == of_folder
    for host, table in every(hosts, f"findmnt -n -o FSTYPE {point}; ls -A {above}").items():
        assert table.split() == [AUTO[host], "moved"], host
    # Nothing of it is left under the mount, where it would use space twice.
    under = f"mount --bind {above} /mnt; ls -A /mnt/moved; umount /mnt"
    assert set(every(hosts, under).values()) == {""}
    require_settled(hosts, variables)
    take_away(hosts, variables)


def test_a_backing_file_that_was_ours_and_is_gone_is_not_made_anew_by_itself(hosts: Lab) -> None:
    here = "/data0/gone"
    variables = declared(hosts, "gone")
    converge(hosts, variables)
    every(hosts, f"echo mine > {here}/docker/mine; umount {here}/docker; mv {here}/volume /root/")
    words = "was here, with a filesystem in it, and is gone", "docker_storage_recreate"
    require_refused(hosts, variables, *words)
    every(hosts, f"mv /root/volume {here}/")
    converge(hosts, variables)
    assert set(every(hosts, f"cat {here}/docker/mine").values()) == {"mine"}
    every(hosts, f"umount {here}/docker; rm {here}/volume")
    converge(hosts, declared(hosts, "gone", recreate=True))
    assert set(every(hosts, f"ls -A {here}/docker | grep -v lost+found || true").values()) == {""}
    # The consent is for one time, and nothing asks for it again.
    require_settled(hosts, variables)
    take_away(hosts, variables)


def test_a_shrink_of_our_own_is_refused_while_it_is_in_use(hosts: Lab) -> None:
    variables = declared(hosts, "shrunk", size="400M")
    converge(hosts, variables)
    every(hosts, "sync -f /data0/shrunk/docker")
    smaller = declared(hosts, "shrunk", size="350M")
    for host, ended in apply(hosts, smaller).items():
        assert ended.failed, host
        assert "no run makes it smaller" in ended.words
        assert "Set docker_storage_size to 419430400" in ended.words
    sizes = every(hosts, "stat -c %s /data0/shrunk/volume")
    assert set(sizes.values()) == {"419430400"}
    take_away(hosts, variables)


def test_absent_deletes_data_with_consent_alone_and_then_everything(hosts: Lab) -> None:
    variables = declared(hosts, "absent")
    bare = look(hosts, hosts.hosts)
    converge(hosts, variables)
    every(hosts, f"mkdir -p {GUARD.rsplit('/', 1)[0]}; echo '# ours' > {GUARD}")
    every(hosts, "echo mine > /data0/absent/docker/mine; sync -f /data0/absent/docker")
    absent = declared(hosts, "absent", state="absent")
    kept = every(hosts, KEPT)
    for host, ended in apply(hosts, absent).items():
        assert ended.failed, host
        assert "/data0/absent/docker is not empty (mine)" in ended.words
        assert "docker_storage_allow_data_removal" in ended.words
    after = every(hosts, KEPT)
    assert after == kept
    every(hosts, "umount /data0/absent/docker")
    for ended in apply(hosts, absent).values():
        assert "is not mounted, so nobody knows what is in it" in ended.words
    take_away(hosts, variables)
    for host, seen in look(hosts, hosts.hosts).items():
        for word in ("/data0/absent/volume", "data0-absent-docker", "dockwright-direct-io"):
            assert word not in seen, (host, word)
        mounts = [line for line in bare[host].splitlines() if " - " in line]
        assert [line for line in seen.splitlines() if " - " in line] == mounts, host
    states = "systemctl is-enabled data0-absent-docker.mount dockwright-direct-io.service 2>&1"
    for host, told in every(hosts, f"{states} || true").items():
        assert "enabled" not in told.split(), host
    # The commit removes the guard, and waits here.
    for host, text in every(hosts, "cat /var/lib/dockwright/staged.json").items():
        assert f'"{GUARD}"' in text and '"text": null' in text, host
    every(hosts, f"rm {GUARD} /var/lib/dockwright/staged.json")
    require_settled(hosts, absent)


def test_a_disk_is_formatted_mounted_and_found_again(hosts: Lab) -> None:
    every(
        hosts,
        "mkdir -p /data0/disk /dev/disk/by-id; truncate -s 400M /data0/disk/image; "
        f"ln -s $(losetup --find --show /data0/disk/image) {DISK}",
    )
    variables = declared(hosts, "disk", file="", device=DISK)
    converge(hosts, variables)
    for host, table in every(hosts, "findmnt -n -o FSTYPE /data0/disk/docker").items():
        assert table == AUTO[host]
    every(hosts, "echo mine > /data0/disk/docker/mine")
    require_settled(hosts, variables)
    # Without a record, as on a host made anew around its data disk, it is somebody else's.
    every(
        hosts,
        "systemctl disable --now data0-disk-docker.mount 2> /dev/null; "
        "rm -r /var/lib/dockwright /etc/systemd/system/data0-disk-docker.mount; "
        "systemctl daemon-reload",
    )
    require_refused(hosts, variables, "Dockwright has not made", "adopt_filesystem")
    consented = declared(hosts, "disk", file="", device=DISK, adopt_filesystem=True)
    converge(hosts, consented)
    assert set(every(hosts, "cat /data0/disk/docker/mine").values()) == {"mine"}
    # The contents of a disk stay, so nobody who removes it from the declaration loses anything.
    converge(hosts, declared(hosts, "disk", file="", device=DISK, state="absent"))
    left = (
        "mount -o ro $(readlink {0}) /mnt; cat /mnt/mine; umount /mnt; losetup -d $(readlink {0})"
    )
    assert set(every(hosts, left.format(DISK)).values()) == {"mine"}


def test_absent_is_refused_while_docker_uses_it(hosts: Lab) -> None:
    """Only this test needs the engine; one host is enough, for distributions do not differ here."""
    host = hosts.hosts[0]
    storage = declare("used", host, size="512M")
    config = {"docker_daemon_config": {"data-root": "/data0/used/docker"}}
    limit = "--limit", host
    import json

    ran = hosts.playbook("site.yml", *limit, "-e", json.dumps({**storage, **config}))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = hosts.on(host, "docker info --format '{{.DockerRootDir}}'; cat " + GUARD)
    assert told.splitlines()[0] == "/data0/used/docker"
    assert "AssertPathIsMountPoint=/data0/used/docker" in told
    run = "systemctl show --property=InvocationID --value docker.service"
    before = hosts.on(host, f"{run}; stat -c '%i %s' /data0/used/volume {GUARD}")
    gone = {"docker_storage_state": "absent", "docker_storage_allow_data_removal": True}
    ended = apply(hosts, {host: {**storage, **gone}})[host]
    assert ended.failed
    assert "Docker's data-root, /data0/used/docker, lies on /data0/used/docker" in ended.words
    assert hosts.on(host, f"{run}; stat -c '%i %s' /data0/used/volume {GUARD}") == before
