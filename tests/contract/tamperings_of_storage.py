"""Tamperings with the filesystem under data-root: its file, loop device, mount and units."""

from typing import Any

from tests.contract.tampering import Tampering

FILE, POINT = "/data0/images.img", "/data0/docker"
UNIT = "data0-docker.mount"
UNIT_FILE = f"/etc/systemd/system/{UNIT}"
FOREIGN = f"{UNIT_FILE}.d/theirs.conf"
DIRECT_IO = "dockwright-direct-io.service"
GUARD = "/etc/systemd/system/docker.service.d/dockwright-storage.conf"
# Declared on the table's hosts; small, for nothing is kept in it.
STORAGE: dict[str, Any] = {
    "docker_storage_file": FILE,
    "docker_storage_mount_point": POINT,
    "docker_storage_size": "512M",
    "docker_storage_mount_options": ["noatime"],
}

VOLUME = ("storage.volume", FILE)
MOUNT = ("storage.mount", POINT)
SWITCH = ("storage.direct_io", FILE)
DOWN = ("service.running", "docker.service")
LOOP = f"$(losetup --noheadings --output NAME -j {FILE})"
# Docker binds folders of its own to themselves, and leaves these mounts.
TAKE_OFF = f"systemctl stop docker.socket docker.service; umount --recursive {POINT}"
PUT_BACK = "systemctl reset-failed docker.service; systemctl start docker.service"
# A place where nothing was written yet, since a hole's former contents cannot be restored.
FREE = "--offset 508M --length 1M"


def kept(path: str) -> tuple[str, str]:
    """Give the shell lines that keep a file, and those that put it back as it was."""
    return f"cp -a {path} /root/kept; ", f"mv /root/kept {path}"


KEEP_UNIT, MEND_UNIT = kept(UNIT_FILE)
KEEP_SERVICE, MEND_SERVICE = kept(f"/etc/systemd/system/{DIRECT_IO}")
KEEP_GUARD, MEND_GUARD = kept(GUARD)
KEEP_FSTAB, MEND_FSTAB = kept("/etc/fstab")

STORAGE_ROWS = (
    Tampering(
        "the filesystem is unmounted",
        TAKE_OFF,
        PUT_BACK,
        (MOUNT, SWITCH, DOWN),
    ),
    Tampering(
        "something else is mounted in its place",
        f"{TAKE_OFF}; mount -t tmpfs -o mode=0755 tmpfs {POINT}",
        f"umount {POINT}; {PUT_BACK}",
        (VOLUME, DOWN),
        refused="is already mounted, from tmpfs (tmpfs), not from",
    ),
    Tampering(
        "its file is attached by hand and not mounted",
        f"{TAKE_OFF}; losetup --find {FILE}",
        f"losetup --detach {LOOP}; {PUT_BACK}",
        (MOUNT, SWITCH, DOWN),
    ),
    Tampering(
        "its file is attached a second time",
        f"losetup --find --show {FILE} > /root/second",
        "losetup --detach $(cat /root/second); rm /root/second",
        (VOLUME,),
        refused="Two devices on one file corrupt it",
    ),
    Tampering(
        "its file was made longer by hand",
        f"truncate --size 1G {FILE}",
        f"truncate --size 512M {FILE}",
        (VOLUME,),
        refused="no run makes it smaller",
    ),
    Tampering(
        "its file was deleted while in use",
        f"ln {FILE} {FILE}.kept; rm {FILE}",
        f"mv {FILE}.kept {FILE}",
        (VOLUME,),
        refused="which was deleted or replaced while in use",
    ),
    Tampering(
        "its file is for anybody to read",
        f"chmod 644 {FILE}",
        f"chmod 600 {FILE}",
        (("storage.ownership", FILE),),
    ),
    Tampering(
        "holes were punched into its file",
        f"fallocate --punch-hole {FREE} {FILE}",
        f"fallocate {FREE} {FILE}",
        (("storage.allocation", FILE),),
    ),
    Tampering(
        "direct I/O was switched off",
        f"losetup --direct-io=off {LOOP}",
        f"losetup --direct-io=on {LOOP}",
        (SWITCH,),
    ),
    Tampering(
        "it was mounted with other options",
        f"mount -o remount,relatime {POINT}",
        f"mount -o remount,noatime {POINT}",
        (("storage.options", POINT),),
    ),
    Tampering(
        "the mount unit says something else",
        KEEP_UNIT + f"sed -i 's/noatime/noexec/' {UNIT_FILE}",
        MEND_UNIT,
        (("storage.unit", UNIT_FILE),),
    ),
    Tampering(
        "systemd has not read the mount unit",
        f"touch {UNIT_FILE}",
        "systemctl daemon-reload",
        (("storage.unit", UNIT_FILE),),
    ),
    Tampering(
        "the mount unit does not come with the host",
        f"systemctl disable -q {UNIT}",
        f"systemctl enable -q {UNIT}",
        (("storage.enabled", UNIT),),
    ),
    Tampering(
        "a drop-in overrides the mount unit",
        f"mkdir {UNIT_FILE}.d; printf '[Mount]\\nOptions=loop\\n' > {FOREIGN}; "
        "systemctl daemon-reload",
        f"rm -r {UNIT_FILE}.d; systemctl daemon-reload",
        (VOLUME,),
        refused="which is not Dockwright's, overrides the mount unit",
    ),
    Tampering(
        "fstab mounts the file as well",
        KEEP_FSTAB + f"echo '{FILE} {POINT} auto loop 0 0' > /etc/fstab",
        MEND_FSTAB,
        (("storage.fstab", "/etc/fstab:1"),),
    ),
    Tampering(
        "fstab mounts the file elsewhere",
        KEEP_FSTAB + f"echo '{FILE} /srv auto loop,noauto 0 0' > /etc/fstab",
        MEND_FSTAB,
        (VOLUME,),
        refused="which is in the way of",
    ),
    Tampering(
        "the service that keeps direct I/O on says something else",
        KEEP_SERVICE + f"sed -i 's/direct-io=on/direct-io=off/' /etc/systemd/system/{DIRECT_IO}",
        MEND_SERVICE,
        (("storage.direct_io_unit", f"/etc/systemd/system/{DIRECT_IO}"),),
    ),
    Tampering(
        "the service that keeps direct I/O on does not come with the mount",
        f"systemctl disable -q {DIRECT_IO}",
        f"systemctl enable -q {DIRECT_IO}",
        (("storage.enabled", DIRECT_IO),),
    ),
    Tampering(
        "Docker starts without its filesystem",
        KEEP_GUARD + f"rm {GUARD}; systemctl daemon-reload",
        MEND_GUARD + "; systemctl daemon-reload",
        (("storage.guard", GUARD),),
    ),
    Tampering(
        "Docker waits for another filesystem",
        KEEP_GUARD + f"sed -i 's,={POINT}$,=/,' {GUARD}; systemctl daemon-reload",
        MEND_GUARD + "; systemctl daemon-reload",
        (("storage.guard", GUARD),),
    ),
)
