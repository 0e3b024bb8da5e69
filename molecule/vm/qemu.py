"""Call qemu, always without KVM, since a guest can hang on a KVM that half works."""

from pathlib import Path

PROGRAM = "qemu-system-x86_64"
MEMORY_MEBIBYTES = 2048
CPUS = 2


def argv_of_machine(disk: Path, console: Path, pid_file: Path, ssh_port: int) -> list[str]:
    """Give the machine as it boots from its disk by GRUB, with ssh on a port of 127.0.0.1."""
    return [
        *_machine(disk, "qcow2"),
        *("-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{ssh_port}-:22"),
        # Without the ROM, which is for booting from the network.
        *("-device", "virtio-net-pci,netdev=net,romfile="),
        *("-serial", f"file:{console}", "-pidfile", str(pid_file)),
    ]


def argv_of_first_boot(disk: Path, kernel: Path, initrd: Path) -> list[str]:
    """Give the machine as it finishes its own disk, with its console as qemu's output."""
    arguments = "root=/dev/vda1 ro console=ttyS0 mitigations=off panic=-1 init=/finish"
    return [
        *_machine(disk, "raw"),
        *("-nic", "none", "-no-reboot", "-serial", "stdio"),
        *("-kernel", str(kernel), "-initrd", str(initrd), "-append", arguments),
    ]


def _machine(disk: Path, kind: str) -> list[str]:
    return [
        *(
            PROGRAM,
            "-accel",
            "tcg,thread=multi",
            "-machine",
            "q35",
            "-nodefaults",
            "-no-user-config",
        ),
        *("-m", str(MEMORY_MEBIBYTES), "-smp", str(CPUS), "-display", "none"),
        *("-device", "virtio-rng-pci"),
        # Nothing on it outlives the run, so no flush needs to reach the disk below.
        *("-drive", f"file={disk},format={kind},if=virtio,cache=unsafe,discard=unmap"),
    ]
