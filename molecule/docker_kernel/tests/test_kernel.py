"""The kernel has what a Docker host needs, now and after every boot, and is otherwise unchanged."""

from testinfra.host import Host

WRITTEN = "# Written by Dockwright (role docker_kernel).\n"
MODULES = "/etc/modules-load.d/dockwright.conf"
SYSCTLS = "/etc/sysctl.d/90-dockwright.conf"


def test_forwarding_is_left_to_the_first_start_of_docker(host: Host) -> None:
    assert host.file("/proc/sys/net/ipv4/ip_forward").content_string.strip() == "0"
    assert not host.file(SYSCTLS).exists


def test_overlay_is_at_work_and_named_for_the_boot(host: Host) -> None:
    assert "overlay" in host.file("/proc/filesystems").content_string.split()
    # With a name that is not in /lib/modules, systemd-modules-load.service would fail.
    release = host.check_output("uname -r")
    remark = not host.file(f"/lib/modules/{release}").exists
    line = "# overlay: its host's to load" if remark else "overlay"
    assert host.file(MODULES).content_string == f"{WRITTEN}{line}\n"


def test_its_file_is_roots_to_write(host: Host) -> None:
    file = host.file(MODULES)
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)


def test_limits_of_semaphores_that_were_higher_stay(host: Host) -> None:
    live = host.file("/proc/sys/kernel/sem").content_string
    assert live == host.file("/root/sem.before").content_string
    least = (250, 32000, 100, 1024)
    assert all(have >= want for have, want in zip(map(int, live.split()), least, strict=True))


def test_systemd_takes_it(host: Host) -> None:
    unit = "systemd-modules-load.service"
    host.check_output("systemctl restart %s", unit)
    assert host.check_output("systemctl show --property=Result --value %s", unit) == "success"
