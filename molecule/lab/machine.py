"""The machine under the lab: what is installed, how to install more, its network and mirror."""

import os
import platform
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commands import CommandFailed, LabError, run
from progress import Progress

DEFAULT_MIRROR = "http://deb.debian.org/debian"
POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_MARK = "# Written by the Dockwright lab while it installs; it goes when that is done."
INDEX_LOCK_SECONDS = 120
APT_WAIT = ("-o", "DPkg::Lock::Timeout=300")
# The package to install for a program; docker-cli is docker.io's client since Debian 13.
PACKAGES = {
    "dockerd": ("docker.io", "docker-cli"),
    "iptables": ("iptables",),
    "mke2fs": ("e2fsprogs",),
    "mmdebstrap": ("mmdebstrap", "debian-archive-keyring"),
    "qemu-img": ("qemu-utils",),
    "qemu-system-x86_64": ("qemu-system-x86",),
    "sfdisk": ("fdisk",),
    "ssh-keygen": ("openssh-client",),
}

_installing = threading.Lock()


def release() -> dict[str, str]:
    """Read the machine's own os-release."""
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def can_install() -> bool:
    """Whether we may and can install packages on this machine."""
    family = {release().get("ID", ""), *release().get("ID_LIKE", "").split()}
    return os.geteuid() == 0 and "debian" in family and shutil.which("apt-get") is not None


def require(program: str, progress: Progress, logs: Path) -> None:
    """Make sure that a program is there; install its package if we may."""
    with _installing:
        packages = PACKAGES[program]
        if shutil.which(program) and not _half_installed(packages):
            return
        if not can_install():
            raise LabError(
                f"The lab needs {program}, and installs it by itself only as root on Debian or "
                f"Ubuntu. Install it (there the package is {packages[0]}) and run this again."
            )
        with progress.step(f"installing {packages[0]} with apt"):
            install(packages, logs / f"install-{program}.log", progress)


def install(packages: tuple[str, ...], log: Path, progress: Progress) -> None:
    """Install distribution packages, and let none of them start a service."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    _update_index(log, quiet)
    known = [
        package
        for package in packages
        if run(["apt-cache", "show", package], check=False).returncode == 0
    ]
    command = ["apt-get", *APT_WAIT, "install", "--yes", "--no-install-recommends", *known]
    before = enabled_engine_units()
    with services_held_back():
        run(command, log=log, survives=True, environment=quiet)
    new = sorted(enabled_engine_units() - before)
    if new:
        run(["systemctl", "disable", "--now", *new])
        progress.say(f"disabled {', '.join(new)}: the lab runs a dockerd of its own")


def _half_installed(packages: tuple[str, ...]) -> bool:
    """Whether dpkg has not finished with a package that a killed run was installing."""
    if not shutil.which("dpkg-query"):
        return False
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\\n", *packages]
    statuses = set(run(asked, check=False).stdout.split())
    return bool(statuses & {"half-installed", "unpacked", "half-configured"})


def _update_index(log: Path, quiet: dict[str, str]) -> None:
    """Run apt-get update; apt itself can only wait for the package database's lock."""
    deadline = time.monotonic() + INDEX_LOCK_SECONDS
    while True:
        try:
            run(["apt-get", *APT_WAIT, "update"], log=log, survives=True, environment=quiet)
            return
        except CommandFailed as failure:
            if "Could not get lock" not in failure.output or time.monotonic() > deadline:
                raise
            time.sleep(1)


def enabled_engine_units() -> set[str]:
    """Give the units of container engines that systemd would start on this machine."""
    if not Path("/run/systemd/system").is_dir():
        return set()
    units = ("docker.service", "docker.socket", "containerd.service")
    return {
        unit
        for unit in units
        if run(["systemctl", "is-enabled", unit], check=False).stdout.strip() == "enabled"
    }


@contextmanager
def services_held_back() -> Iterator[None]:
    """Refuse every service start that package scripts ask for, by Debian's own policy file."""
    remove_our_policy()
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text(f"#!/bin/sh\n{POLICY_MARK}\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            remove_our_policy()


def remove_our_policy() -> None:
    """Remove a policy file of ours that a killed run left; never anybody else's."""
    if POLICY.exists() and POLICY_MARK in POLICY.read_text(errors="replace"):
        POLICY.unlink()


def debian_mirror() -> str:
    """Give the Debian mirror of this machine's apt, or the default one."""
    if release().get("ID") != "debian":
        return DEFAULT_MIRROR
    apt = Path("/etc/apt")
    sources = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for path in sources:
        if path.suffix in (".list", ".sources") and path.is_file():
            found = re.search(
                r"^(?:deb\s+(?:\[[^]]*\]\s+)?|URIs:\s*)(https?://\S+/debian)/?(?:\s|$)",
                path.read_text(errors="replace"),
                re.MULTILINE,
            )
            if found:
                return found[1]
    return DEFAULT_MIRROR


def default_route_mtu() -> int:
    """Give the MTU of the interface that leads out, which the lab's networks must not exceed."""
    routes = Path("/proc/net/route")
    if routes.exists():
        for line in routes.read_text().splitlines()[1:]:
            interface, destination, *_ = line.split()
            if destination == "00000000":
                return int(Path(f"/sys/class/net/{interface}/mtu").read_text())
    return 1500
