"""The disk of the machine: a Debian 12 with Debian's own kernel, booted by GRUB.

It is made from the Debian archive without a mount or a loop device here: mmdebstrap works in
namespaces of its own, and mke2fs fills the filesystem inside the file. The machine's first boot,
straight into its kernel, installs GRUB with Debian's own tools.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checkout import Checkout
from commands import LabError, run
from images import IN_NAMESPACES, digest
from locks import locked
from machine import debian_mirror, release, require
from place import VM_FOLDER, image_cache
from progress import Progress
from qemu import argv_of_first_boot

SUITE = "bookworm"
DISK_SIZE = "6G"
# Room before the first partition, where grub-install puts what the boot sector loads.
OFFSET_MEBIBYTES = 1
FIRST_BOOT_SECONDS = 600
# A run may change the boot configuration, so there is a second way to see the machine.
SETTINGS = {
    "etc/default/grub": (
        "GRUB_DEFAULT=0\n"
        "GRUB_TIMEOUT=0\n"
        'GRUB_DISTRIBUTOR="Debian"\n'
        'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n'
        # An emulated CPU needs no protection from hardware faults, which would cost it much.
        'GRUB_CMDLINE_LINUX="console=ttyS0 mitigations=off"\n'
        'GRUB_TERMINAL="serial"\nGRUB_SERIAL_COMMAND="serial"\n'
    ),
    "etc/fstab": "/dev/vda1 / ext4 errors=remount-ro 0 1\n",
    "etc/hostname": "debian12\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 debian12\n",
    # The addresses of qemu's user-mode network: the machine, the way out, the name server.
    "etc/systemd/network/wired.network": (
        "[Match]\nType=ether\n\n"
        "[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\nDNS=10.0.2.3\nIPv6AcceptRA=no\n"
    ),
    "etc/resolv.conf": "nameserver 10.0.2.3\n",
    # Half of what apt would fetch and parse are translations.
    "etc/apt/apt.conf.d/no-translations": 'Acquire::Languages "none";\n',
    # A small initial file system: an emulated CPU takes long to unpack all of Debian's modules.
    "etc/initramfs-tools/conf.d/small": "MODULES=list\n",
    "etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\next4\n",
}
ENABLED = ("systemd-networkd.service", "ssh.service")
# Timers that would hold apt's lock after boot.
MASKED = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "man-db.timer")


@dataclass(frozen=True)
class GuestImage:
    """A built disk, never written to again, and the keys of the machine that boots from it."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "disk.raw"

    @property
    def private_key(self) -> Path:
        """Give the throw-away key for logging in to the machine."""
        return self.folder / "id_ed25519"

    @property
    def host_key(self) -> str:
        """Give the public key of the machine's ssh server, read when its disk was made."""
        kind, key, *_ = (self.folder / "host_key.pub").read_text().split()
        return f"{kind} {key}"


def guest_image(checkout: Checkout, progress: Progress) -> GuestImage:
    """Give the disk; build it unless the cache has one made from the same sources."""
    key = digest(*sorted(VM_FOLDER / name for name in _RECIPE), debian_mirror())
    image = GuestImage(image_cache(checkout) / key)
    lock = checkout.cache / "locks" / f"vm-image-{checkout.key}.lock"
    with locked(lock, progress, "another run that builds the machine's disk"):
        if not image.folder.exists():
            shutil.rmtree(image.folder.parent, ignore_errors=True)
            with _scratch(image.folder) as scratch:
                _build(GuestImage(scratch), checkout, progress)
    return image


def _build(image: GuestImage, checkout: Checkout, progress: Progress) -> None:
    logs = checkout.cache / "logs"
    for program in ("mmdebstrap", "mke2fs", "sfdisk", "ssh-keygen"):
        require(program, progress, logs)
    root = image.folder / "root"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(image.private_key)])
    with progress.step("the machine's disk: Debian 12 from the archive"):
        _bootstrap(root, image, logs / "vm-debian.log")
    with progress.step("the machine's disk: partition and filesystem"):
        _write_disk(root, image, logs / "vm-disk.log")
    for name in ("vmlinuz", "initrd.img"):
        shutil.copy((root / name).resolve(), image.folder / name)
    shutil.copy(root / "etc/ssh/ssh_host_ed25519_key.pub", image.folder / "host_key.pub")
    shutil.rmtree(root)
    with progress.step("the machine's disk: first boot, which installs GRUB"):
        log = logs / "vm-first-boot.log"
        argv = argv_of_first_boot(image.disk, image.folder / "vmlinuz", image.folder / "initrd.img")
        run(argv, log=log, seconds=FIRST_BOOT_SECONDS)
        words = log.read_text(errors="replace")
        if "the disk is finished" not in words:
            last = "\n".join(words.splitlines()[-15:])
            raise LabError(f"The machine's first boot did not finish its disk ({log}):\n{last}")


def _bootstrap(root: Path, image: GuestImage, log: Path) -> None:
    listed = (VM_FOLDER / "packages.txt").read_text().splitlines()
    packages = [line for line in listed if line and not line.startswith("#")]
    settings = image.folder / "settings"
    for path, text in SETTINGS.items():
        (settings / path).parent.mkdir(parents=True, exist_ok=True)
        (settings / path).write_text(text)
    shutil.copy(VM_FOLDER / "finish", settings / "finish")
    key = image.private_key.with_suffix(".pub")
    options = ["--mode=root", "--variant=apt", f"--include={','.join(packages)}"]
    options += ['--aptopt=Apt::Install-Recommends "false"']
    options += [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "doc")]
    # They come before the kernel, whose script makes the initial file system by them.
    options += [f"--essential-hook=cp --recursive {settings}/. $1/"]
    options += [
        f"--customize-hook=chroot $1 systemctl enable {' '.join(ENABLED)}",
        f"--customize-hook=chroot $1 systemctl mask {' '.join(MASKED)}",
        "--customize-hook=install --directory --mode=700 $1/root/.ssh",
        f"--customize-hook=install --mode=600 {key} $1/root/.ssh/authorized_keys",
        "--customize-hook=: > $1/etc/machine-id",
        # The machine's own apt should install recommended packages, as Debian's does.
        "--customize-hook=rm $1/etc/apt/apt.conf.d/99mmdebstrap",
    ]
    options += [f"--customize-hook=cp {settings}/etc/resolv.conf $1/etc/resolv.conf"]
    keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if release().get("ID") != "debian" and keys.exists():
        options += [f"--keyring={keys}"]
    run(
        [*IN_NAMESPACES, "mmdebstrap", *options, SUITE, str(root), debian_mirror()],
        log=log,
        environment={"TMPDIR": str(image.folder)},
    )
    shutil.rmtree(settings)


def _write_disk(root: Path, image: GuestImage, log: Path) -> None:
    run(["truncate", f"--size={DISK_SIZE}", str(image.disk)])
    layout = f"label: dos\nstart={OFFSET_MEBIBYTES}MiB, type=83, bootable\n"
    script = image.folder / "partitions"
    script.write_text(layout)
    run(["sh", "-c", 'exec sfdisk --quiet "$1" < "$2"', "sh", str(image.disk), str(script)])
    offset = OFFSET_MEBIBYTES << 20
    blocks = (image.disk.stat().st_size - offset) // 4096
    argv = ["mke2fs", "-q", "-t", "ext4", "-b", "4096", "-E", f"offset={offset}"]
    run([*argv, "-d", str(root), str(image.disk), str(blocks)], log=log)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give a folder to build in, which gets its name once it is whole."""
    scratch = folder.with_name(f".{folder.name}.new")
    scratch.mkdir(parents=True, mode=0o700)
    try:
        yield scratch
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


_RECIPE = ("image.py", "packages.txt", "finish")
