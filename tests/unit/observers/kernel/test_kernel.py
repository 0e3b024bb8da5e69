"""The running kernel, seen in folders that stand for /proc, /sys and /lib/modules."""

import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.kernel import kernel
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.kernel import (
    BootEntryObserved,
    KernelLook,
    KernelObserved,
)

RELEASE = os.uname().release
ARGUMENTS = ("cgroup_enable=memory", "swapaccount=1")
GRUB_CFG = """\
set default="0"
menuentry 'Debian GNU/Linux' --class debian {
\tlinux\t/boot/vmlinuz-6.12 root=UUID=1 ro  quiet cgroup_enable=memory swapaccount=1
\tinitrd\t/boot/initrd.img-6.12
}
submenu 'Advanced options' {
\t\tlinux16 /boot/vmlinuz-6.12 root=UUID=1 ro single
\t\tlinuxefi /vmlinuz
\t\techo\t'Loading Linux 6.12 ...'
}
"""
GRUBBY = """\
index=0
kernel="/boot/vmlinuz-5.14"
args="ro crashkernel=1G-4G:192M $tuned_params"
root="/dev/mapper/cs-root"
id="0-5.14"
index=1
kernel="/boot/vmlinuz-0-rescue"
args="ro"
index=2
non linux entry
"""


class Host:
    """Folders in which a test says what its host has."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def program(self, name: str, prints: str, status: int = 0) -> None:
        script = f"#!/bin/sh\ncat <<'END'\n{prints}\nEND\nexit {status}\n"
        self.write(f"bin/{name}", script, 0o755)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A machine with a kernel of its own that has nothing yet."""
    monkeypatch.setattr(kernel, "PROC", str(tmp_path / "proc"))
    monkeypatch.setattr(kernel, "SYS", str(tmp_path / "sys"))
    monkeypatch.setattr(kernel, "MODULES", str(tmp_path / "modules"))
    monkeypatch.setattr(kernel, "ROOT", str(tmp_path))
    monkeypatch.setattr(kernel, "GRUB_CONFIG", str(tmp_path / "boot/grub/grub.cfg"))
    monkeypatch.setattr(kernel, "_PROGRAMS", (str(tmp_path / "bin"),))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    here = Host(tmp_path)
    here.program("systemd-detect-virt", "none", 1)
    return here


def look(*modules: str, sysctls: tuple[str, ...] = ()) -> KernelObserved:
    return kernel.observe_kernel(KernelLook(modules, sysctls))


@pytest.mark.usefixtures("host")
def test_a_host_that_shows_nothing_has_nothing() -> None:
    assert look("overlay", sysctls=("kernel.sem",)) == KernelObserved(
        release=RELEASE, has_modules=False
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("proc/filesystems", "nodev\tproc\n\txfs\n"),
        ("proc/modules", "libcrc32c 16384 1 xfs, Live 0x0\nxfs 2154496 1 - Live 0x0\n"),
        ("sys/module/xfs/initstate", "live\n"),
        (f"modules/{RELEASE}/modules.builtin", "kernel/fs/xfs/xfs.ko\n"),
    ],
    ids=["filesystem", "loaded", "in sysfs", "built in"],
)
def test_a_module_at_work_is_found_wherever_it_shows(host: Host, path: str, text: str) -> None:
    host.write(path, text)
    found = look("xfs", "btrfs")
    assert (found.loaded, found.loadable) == (("xfs",), ())


def test_the_bridge_shows_by_its_sysctls(host: Host) -> None:
    host.write("proc/sys/net/bridge/bridge-nf-call-iptables", "1\n")
    assert look("br_netfilter").loaded == ("br_netfilter",)


def test_what_can_be_loaded_is_in_the_index_compressed_or_with_dashes(host: Host) -> None:
    host.write(
        f"modules/{RELEASE}/modules.dep",
        "kernel/fs/overlayfs/overlay.ko.zst:\n"
        "kernel/fs/xfs/xfs.ko.xz: kernel/lib/libcrc32c.ko.xz\n"
        "kernel/net/nf-conntrack.ko: kernel/lib/libcrc32c.ko\n"
        "extra/our_overlay2.ko:\n",
    )
    found = look("overlay", "xfs", "nf_conntrack", "overlay2", "libcrc32c")
    assert found.loadable == ("nf_conntrack", "overlay", "xfs")
    assert found.has_modules


def test_values_are_read_with_single_blanks_and_folders_are_none(host: Host) -> None:
    host.write("proc/sys/kernel/sem", "250\t32000  32\t128\n")
    host.write("proc/sys/net/ipv4/conf/eth0.1/forwarding", "1\n")
    keys = ("kernel.sem", "net.ipv4.conf.eth0/1.forwarding", "net.ipv4", "kernel.absent")
    assert look(sysctls=keys).sysctls == {
        "kernel.sem": "250 32000 32 128",
        "net.ipv4.conf.eth0/1.forwarding": "1",
    }


def test_what_may_not_be_written_or_read_is_told_by_its_mode(host: Host) -> None:
    host.write("proc/sys/kernel/ostype", "Linux\n", 0o444)
    host.write("proc/sys/vm/compact_memory", "", 0o200)
    host.write("proc/sys/kernel/sem", "1 1 1 1\n", 0o600)
    found = look(sysctls=("kernel.ostype", "vm.compact_memory", "kernel.sem", "kernel.absent"))
    assert (found.read_only, found.write_only) == (("kernel.ostype",), ("vm.compact_memory",))
    assert sorted(found.sysctls) == ["kernel.ostype", "kernel.sem", "vm.compact_memory"]


@pytest.mark.parametrize(
    ("files", "accounted"),
    [
        (("memory/memory.limit_in_bytes", "memory/memory.memsw.limit_in_bytes"), True),
        (("memory/memory.limit_in_bytes",), False),
        (("system.slice/memory.max", "system.slice/memory.swap.max"), True),
        (("system.slice/memory.max",), False),
        (("cgroup.controllers",), None),
    ],
)
def test_swap_accounting_shows_in_the_control_groups(
    host: Host, files: tuple[str, ...], accounted: bool | None
) -> None:
    for file in files:
        host.write(f"sys/fs/cgroup/{file}", "max\n")
    assert look().swap_accounting is accounted


def test_the_boot_is_told_with_its_arguments_and_its_name(host: Host) -> None:
    host.write("proc/cmdline", "root=UUID=1  ro swapaccount=1\n")
    host.write("proc/sys/kernel/random/boot_id", "f1e2\n")
    found = look()
    assert found.command_line == ("root=UUID=1", "ro", "swapaccount=1")
    assert found.boot_id == "f1e2"


def test_grub_is_known_by_its_program_and_its_configuration(host: Host) -> None:
    host.program("update-grub", "")
    assert look().boot_loader == ""
    host.write("boot/grub/grub.cfg", GRUB_CFG)
    found = look()
    assert found.boot_loader == "grub"
    assert found.entries == (
        BootEntryObserved("/boot/vmlinuz-6.12", ("root=UUID=1", "ro", "quiet", *ARGUMENTS)),
        BootEntryObserved("/boot/vmlinuz-6.12", ("root=UUID=1", "ro", "single")),
        BootEntryObserved("/vmlinuz", ()),
    )


def test_grubby_tells_its_entries(host: Host) -> None:
    host.program("grubby", GRUBBY)
    found = look()
    assert found.boot_loader == "grubby"
    assert found.entries == (
        BootEntryObserved("/boot/vmlinuz-5.14", ("ro", "crashkernel=1G-4G:192M", "$tuned_params")),
        BootEntryObserved("/boot/vmlinuz-0-rescue", ("ro",)),
    )


def test_a_grubby_that_knows_of_no_entry_is_no_boot_loader(host: Host) -> None:
    host.program("grubby", "")
    assert look().boot_loader == ""


@pytest.mark.parametrize("word", ["lxc", "docker"])
def test_a_container_has_no_boot_loader_of_its_own(host: Host, word: str) -> None:
    host.program("systemd-detect-virt", word)
    host.program("grubby", GRUBBY)
    found = look()
    assert (found.container, found.boot_loader, found.entries) == (word, "", ())


def test_a_container_is_known_without_systemds_word(host: Host) -> None:
    host.write(".dockerenv", "")
    assert look().container == "docker"
    host.write("run/systemd/container", "podman\n")
    assert look().container == "podman"
