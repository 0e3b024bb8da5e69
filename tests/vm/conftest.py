"""What the proofs share: one machine, provisioned once, and one reboot of it."""

import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import ROOT, keep
from tests.vm.guest import BOOT_SECONDS, NAME, RUN, VM, Guest, Stages, machine

MOUNT_POINT = "/data0/docker"
FILE = "/data0/docker.xfs"
STORAGE = {
    "docker_storage_file": FILE,
    "docker_storage_mount_point": MOUNT_POINT,
    "docker_storage_size": "1G",
    "docker_storage_filesystem": "xfs",
}
LIMIT = {"docker_daemon_config": {"storage-opts": ["overlay2.size=64M"]}}
SWAP_ACCOUNTING = {
    "docker_kernel_swap_accounting": "present",
    "docker_kernel_reboot": "if_required",
    # An emulated machine that shares its cores takes minutes.
    "docker_kernel_reboot_timeout": BOOT_SECONDS,
}

_stages = Stages()


@pytest.fixture(scope="session")
def bare() -> Iterator[Guest]:
    """A machine that has just booted for the first time; with KEEP=1 it stays up."""
    # It ends the run through `finally`, as Ctrl-C does; SystemExit would end only one test.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("ended by SIGTERM", 143))
    try:
        with _stages.stage("a fresh machine, its package site and its registry"):
            machine("up")
        yield Guest(_stages)
    finally:
        if keep():
            print(f"\n== vm: kept. Look around: ssh -F {RUN / 'ssh_config'} {NAME}")
            print(f"== vm: when done: {sys.executable} {VM} down", flush=True)
        else:
            with _stages.stage("taking it down"):
                subprocess.run([sys.executable, str(VM), "down"], check=False, cwd=ROOT)


@pytest.fixture(scope="session")
def declared(bare: Guest) -> dict[str, object]:
    """Give the declaration: an xfs in a file under data-root, and a size for every container."""
    mirrors = [f"https://{bare.variables()['vm_registry']}"]
    return {**STORAGE, **LIMIT, "docker_daemon_registry_mirrors": mirrors}


@pytest.fixture(scope="session")
def docker_host(bare: Guest, declared: dict[str, object]) -> Guest:
    """The machine after one run of site.yml, with a container that should come back."""
    registry = bare.variables()["vm_registry"]
    authority = Path(bare.variables()["vm_registry_ca"]).read_text()
    folder = f"/etc/docker/certs.d/{registry}"
    bare.on(f"mkdir -p {folder}; printf %s {shlex.quote(authority)} > {folder}/ca.crt")
    bare.site(declared, "site.yml on the bare machine")
    with _stages.stage("a container that is to come back"):
        # With --init, since a first process that ignores SIGTERM delays a shutdown by 90 s.
        run = "docker run --detach --init --restart always --name returns"
        bare.on(f"{run} busybox sleep 1000000")
    return bare


@pytest.fixture(scope="session")
def rebooted(docker_host: Guest) -> Guest:
    """The same machine after a reboot."""
    docker_host.reboot()
    return docker_host


@pytest.fixture(scope="session")
def command_line_before(rebooted: Guest) -> set[str]:
    """The arguments of its kernel before any are declared."""
    return rebooted.command_line()


@pytest.fixture(scope="session")
def swap_accounted(
    rebooted: Guest, command_line_before: set[str], declared: dict[str, object]
) -> Guest:
    """The machine after a run that gives its kernel other arguments, and reboots it.

    The earlier arguments are asked for first, since a later fixture would see the new ones.
    """
    del command_line_before
    before = rebooted.boot_id()
    rebooted.site({**declared, **SWAP_ACCOUNTING}, "site.yml with swap accounting, which reboots")
    assert rebooted.boot_id() not in ("", before)
    return rebooted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print where the time went, before pytest's line of totals."""
    terminalreporter.section("the virtual machine: where the time went")
    for line in _stages.summary():
        terminalreporter.write_line(line)
