"""Tamperings with the kernel: its live values, and the files that set them at a boot."""

from tests.contract.tampering import Tampering

MODULES = "/etc/modules-load.d/dockwright.conf"
SYSCTLS = "/etc/sysctl.d/90-dockwright.conf"
EARLIER, THEIRS = "/etc/sysctl.d/10-theirs.conf", "/etc/sysctl.d/99-theirs.conf"
FORWARD, BACKLOG = "net.ipv4.ip_forward", "net.core.somaxconn"
SEM = "/proc/sys/kernel/sem"

# These are declared for the table: there is no file of undeclared sysctls.
KERNEL = {"docker_kernel_sysctl": {BACKLOG: 1234}}
OF_MODULES = ("kernel.modules_file", MODULES)
OF_SYSCTLS = ("kernel.sysctl_file", SYSCTLS)
KEEP_MODULES, MEND_MODULES = f"cp -a {MODULES} /root/kept; ", f"mv /root/kept {MODULES}"
KEEP_SYSCTLS, MEND_SYSCTLS = f"cp -a {SYSCTLS} /root/kept; ", f"mv /root/kept {SYSCTLS}"

KERNEL_ROWS = (
    Tampering(
        "the file of sysctls says something else",
        KEEP_SYSCTLS + f"sed -i 's/^{BACKLOG} = 1234/{BACKLOG} = 99/' {SYSCTLS}",
        MEND_SYSCTLS,
        (OF_SYSCTLS,),
    ),
    Tampering(
        "the file of sysctls is gone",
        f"mv {SYSCTLS} /root/kept",
        MEND_SYSCTLS,
        (OF_SYSCTLS,),
    ),
    Tampering(
        "the file of sysctls is for anybody to write",
        f"chmod 666 {SYSCTLS}",
        f"chmod 644 {SYSCTLS}",
        (OF_SYSCTLS,),
    ),
    Tampering(
        "packets are no longer forwarded",
        "echo 0 > /proc/sys/net/ipv4/ip_forward",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
        (("kernel.sysctl", FORWARD),),
    ),
    Tampering(
        "the limits of semaphores were lowered",
        f"cat {SEM} > /root/kept; echo 250 32000 32 128 > {SEM}",
        f"cat /root/kept > {SEM}; rm /root/kept",
        # The kernel's own values are enough, so a limit that was low for a moment is in no file.
        (("kernel.sysctl", "kernel.sem"),),
    ),
    Tampering(
        "the file of sysctls has every boot lower the limits of semaphores",
        KEEP_SYSCTLS + f"echo 'kernel.sem = 250 32000 100 1024' >> {SYSCTLS}",
        MEND_SYSCTLS,
        (OF_SYSCTLS,),
    ),
    Tampering(
        "a later file of sysctls says something else",
        f"echo '-{BACKLOG} = 99' > {THEIRS}",
        f"rm {THEIRS}",
        (("kernel.sysctl_override", THEIRS),),
    ),
    Tampering(
        "an earlier file would switch forwarding off while Docker runs",
        f"echo '{FORWARD} = 0' > {EARLIER}",
        f"rm {EARLIER}",
        (("kernel.sysctl_override", EARLIER),),
    ),
    Tampering(
        "the value of a sysctl was changed",
        "echo 99 > /proc/sys/net/core/somaxconn",
        "echo 1234 > /proc/sys/net/core/somaxconn",
        (("kernel.sysctl", BACKLOG),),
    ),
    Tampering(
        "a later file would lower the limits of semaphores at the next boot",
        f"echo 'kernel.sem = 250 32000 32 128' > {THEIRS}",
        f"rm {THEIRS}",
        (("kernel.sysctl_override", THEIRS),),
    ),
    Tampering(
        "the file of modules says something else",
        KEEP_MODULES + f"sed -i '/overlay/d' {MODULES}",
        MEND_MODULES,
        (OF_MODULES,),
    ),
    Tampering(
        "the file of modules is gone",
        f"mv {MODULES} /root/kept",
        MEND_MODULES,
        (OF_MODULES,),
    ),
    Tampering(
        "the file of modules is somebody else's",
        f"chown daemon {MODULES}",
        f"chown root {MODULES}",
        (OF_MODULES,),
    ),
)
