"""What only a machine with a kernel and a boot of its own can show, on Debian 12."""

import json

from tests.vm.conftest import FILE, MOUNT_POINT, SWAP_ACCOUNTING
from tests.vm.guest import Guest, changed

UNIT = "data0-docker.mount"
ARGUMENTS = {"cgroup_enable=memory", "swapaccount=1"}


def test_a_bare_debian_12_becomes_a_docker_host_on_an_xfs_with_project_quota(
    docker_host: Guest,
) -> None:
    """One run installs the engine and has it keep its data on the declared filesystem.

    Debian's kernel has project quota for xfs, unlike the one that the lab's hosts may share.
    """
    told = json.loads(docker_host.on("docker info --format '{{json .}}'"))
    assert told["ServerVersion"] == docker_host.variables()["vm_engine"]
    assert told["DockerRootDir"] == MOUNT_POINT
    assert told["Driver"] == "overlay2"
    assert ["Backing Filesystem", "xfs"] in told["DriverStatus"]
    options = docker_host.on(f"findmnt --noheadings --output OPTIONS {MOUNT_POINT}").split(",")
    assert {"pquota", "prjquota"} & set(options), options


def test_a_container_can_write_less_than_its_size_and_no_more(docker_host: Guest) -> None:
    """`overlay2.size=64M`: 32 MiB in a container's root are written, 96 MiB are not."""
    write = "docker run --rm busybox dd if=/dev/zero of=/written bs=1M count=%d"
    less = docker_host.attempt(write % 32)
    assert less.returncode == 0, less.stderr
    more = docker_host.attempt(write % 96)
    assert more.returncode != 0
    assert "No space left on device" in more.stderr or "Disk quota exceeded" in more.stderr
    free = docker_host.on(f"df --output=avail --block-size=1M {MOUNT_POINT} | tail -n 1")
    assert int(free) > 96, "the filesystem itself was full"


def test_the_filesystem_is_mounted_before_docker_starts_in_a_boot(rebooted: Guest) -> None:
    """systemd's own clock: the mount was active before dockerd was executed.

    Not by chance: systemd tells that it orders the one after the other.
    """
    mounted = rebooted.monotonic(UNIT, "ActiveEnter")
    started = rebooted.monotonic("docker.service", "ExecMainStart")
    assert 0 < mounted < started
    assert UNIT in rebooted.on("systemctl show --property=After --value docker.service").split()
    source = rebooted.on(f"findmnt --noheadings --output SOURCE {MOUNT_POINT}")
    assert rebooted.on(f"losetup --noheadings --output BACK-FILE {source}") == FILE
    assert rebooted.on("docker info --format '{{.DockerRootDir}}'") == MOUNT_POINT


def test_direct_io_is_on_again_after_a_boot(rebooted: Guest) -> None:
    """The loop device is a new one after every mount; the kernel says what it does."""
    source = rebooted.on(f"findmnt --noheadings --output SOURCE {MOUNT_POINT}")
    assert rebooted.on(f"cat /sys/block/{source.removeprefix('/dev/')}/loop/dio") == "1"


def test_a_container_with_a_restart_policy_is_back_after_a_boot(rebooted: Guest) -> None:
    """The container from before the reboot runs again, from this boot on."""
    shape = "'{{.State.Running}} {{.State.Pid}}'"
    running, pid = rebooted.on(f"docker inspect --format {shape} returns").split()
    assert running == "true"
    assert "sleep" in rebooted.on(f"cat /proc/{pid}/cmdline | tr '\\0' ' '")


def test_a_host_that_has_rebooted_is_as_declared(
    rebooted: Guest, declared: dict[str, object]
) -> None:
    """A boot makes no difference: the run after it changes nothing."""
    assert changed(rebooted.site(declared, "site.yml after the reboot")) == 0


def test_swap_accounting_is_on_the_command_line_after_the_run_that_reboots(
    swap_accounted: Guest, command_line_before: set[str], declared: dict[str, object]
) -> None:
    """GRUB hands the arguments to the kernel, and all others as before; Docker is back.

    The run ended once the machine was back, so nothing is awaited here; the next one has nothing
    to do, and above all no reason to reboot again.
    """
    after = swap_accounted.command_line()
    assert after >= ARGUMENTS
    assert after - ARGUMENTS == command_line_before
    assert swap_accounted.on("systemctl is-active docker.service") == "active"
    assert "returns" in swap_accounted.on("docker ps --format '{{.Names}}'").split()
    boot = swap_accounted.boot_id()
    again = swap_accounted.site({**declared, **SWAP_ACCOUNTING}, "site.yml once more")
    assert changed(again) == 0
    assert swap_accounted.boot_id() == boot


def test_modules_are_loaded_and_listed_for_every_boot(swap_accounted: Guest) -> None:
    """With /lib/modules there: Docker's overlay, and the filesystem that is declared."""
    listed = swap_accounted.on("cat /etc/modules-load.d/dockwright.conf").split("\n")
    assert {"overlay", "xfs"} <= set(listed)
    loaded = {line.split()[0] for line in swap_accounted.on("lsmod").split("\n")}
    assert {"overlay", "xfs"} <= loaded


def test_absent_takes_the_arguments_out_of_the_boot_configuration(
    swap_accounted: Guest, command_line_before: set[str], declared: dict[str, object]
) -> None:
    """What GRUB would boot next is what it booted at first; the running kernel is left alone."""
    boot = swap_accounted.boot_id()
    absent = {**declared, "docker_kernel_swap_accounting": "absent"}
    assert changed(swap_accounted.site(absent, "site.yml with swap accounting absent")) > 0
    entries = swap_accounted.on("grep -E '^[[:space:]]+linux[[:space:]]' /boot/grub/grub.cfg")
    first = entries.split("\n")[0].split()
    assert {f"BOOT_IMAGE={first[1]}", *first[2:]} == command_line_before
    assert not [argument for argument in ARGUMENTS if argument in entries]
    assert swap_accounted.boot_id() == boot
