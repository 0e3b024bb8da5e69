"""What is declared of the kernel is exactly so, and what is not declared is left alone."""

import pytest
from testinfra.host import Host

WRITTEN = "# Written by Dockwright (role docker_kernel).\n"
MODULES = ("overlay", "xfs", "loop", "nf_conntrack")
# Values that were low only for a moment are in no file: three of the four are a kernel's own.
LINES = """\
kernel.sem = 33000 1024000000 500 32000
net.core.somaxconn = 1024
net.ipv4.ip_local_port_range = 10240 65000
net.ipv4.tcp_keepalive_time = 600
net.ipv4.tcp_syncookies = 1
"""


@pytest.mark.parametrize("line", LINES.splitlines())
def test_the_value_is_live(host: Host, line: str) -> None:
    key, value = line.split(" = ")
    live = host.file(f"/proc/sys/{key.replace('.', '/')}").content_string
    assert live.split() == value.split()


def test_every_boot_sets_the_values(host: Host) -> None:
    file = host.file("/etc/sysctl.d/90-dockwright.conf")
    assert file.content_string == WRITTEN + LINES
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)


def test_systemd_takes_the_file(host: Host) -> None:
    unit = "systemd-sysctl.service"
    host.check_output("systemctl restart %s", unit)
    assert host.check_output("systemctl show --property=Result --value %s", unit) == "success"


def test_every_boot_loads_the_modules(host: Host) -> None:
    release = host.check_output("uname -r")
    remark = not host.file(f"/lib/modules/{release}").exists
    lines = [f"# {name}: its host's to load" if remark else name for name in MODULES]
    file = host.file("/etc/modules-load.d/dockwright.conf")
    assert file.content_string == WRITTEN + "".join(f"{line}\n" for line in lines)


def test_what_is_not_declared_is_left_alone(host: Host) -> None:
    assert host.file("/proc/sys/net/ipv4/ip_forward").content_string.strip() == "0"
    theirs = host.file("/etc/sysctl.d/50-theirs.conf")
    assert theirs.content_string == "net.core.somaxconn = 99\n"


def test_a_container_is_neither_booted_otherwise_nor_rebooted(host: Host) -> None:
    assert host.file("/run/this-boot").exists
    assert not host.file("/etc/default/grub.d/99-dockwright.cfg").exists
