"""What is carried out on the kernel, in which order, and what is said where it refuses."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.kernel import kernel
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import plan_host
from ansible_collections.dockwright.host.plugins.module_utils.planners.kernel import plan as planner
from ansible_collections.dockwright.host.plugins.module_utils.planners.kernel import sysctl
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.kernel import (
    KernelDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Observation,
    System,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.kernel import (
    BootEntryObserved,
    KernelObserved,
)

SEEN = KernelObserved(
    loaded=("overlay",), sysctls={"net.ipv4.ip_forward": "1"}, swap_accounting=True
)


class Host:
    """A host on which nothing is done, and what would have been done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.deeds: list[str] = []
        monkeypatch.setattr(command, "run", lambda argv: self.deeds.append(" ".join(argv)))
        monkeypatch.setattr(kernel, "write", lambda path, *_: self.deeds.append(f"write {path}"))
        monkeypatch.setattr(kernel, "record_applied", self.record)

    def record(self, plan: Plan, _applied: object) -> None:
        self.deeds.extend(f"record {each.resource}" for each in plan.declared)

    def apply(self, declared: KernelDeclaration, seen: KernelObserved) -> list[str]:
        declaration = Declaration(kernel=declared)
        observed = Observation(System("Debian", "13", "trixie"), kernel=seen)
        plan = plan_host(declaration, observed, ("docker_kernel",))
        assert not plan.refused, plan.refused
        kernel.apply_kernel(plan, declaration, observed)
        return self.deeds


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


def test_a_boot_is_awaited_from_before_its_entries_are_made(host: Host) -> None:
    seen = SEEN._replace(boot_loader="grub", entries=(BootEntryObserved("/v", ("ro",)),))
    deeds = host.apply(KernelDeclaration(swap_accounting="present"), seen)
    assert deeds[-2:] == ["record kernel.boot_awaited", "update-grub"]


def test_a_value_that_is_not_taken_ends_the_run_before_a_file_has_it(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "SYSCTLS", str(tmp_path))
    # Every write to it fails, as when the kernel refuses one (full(4)).
    (tmp_path / "net" / "core").mkdir(parents=True)
    (tmp_path / "net" / "core" / "somaxconn").symlink_to("/dev/full")
    declared = KernelDeclaration(modules=("sctp",), sysctl={"net.core.somaxconn": "abc"})
    sysctls = {**SEEN.sysctls, "net.core.somaxconn": "4096"}
    with pytest.raises(command.ApplyFailed) as raised:
        host.apply(declared, SEEN._replace(sysctls=sysctls, loadable=("sctp",)))
    assert str(raised.value).startswith("net.core.somaxconn could not be set to abc: ")
    assert "Have docker_kernel_sysctl give it a value that this kernel takes" in str(raised.value)
    assert host.deeds == ["modprobe sctp", f"write {planner.MODULES_FILE}"]


def test_what_no_module_has_brought_is_named_with_its_variable(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "SYSCTLS", str(tmp_path))
    declared = KernelDeclaration(modules=("sctp",), sysctl={"net.sctp.typo": "1"})
    with pytest.raises(command.ApplyFailed, match="Take it out of docker_kernel_sysctl, or"):
        host.apply(declared, SEEN._replace(loadable=("sctp",)))
    assert f"write {sysctl.OUR_FILE}" not in host.deeds


def test_what_is_taken_in_part_is_told_once_a_boot_has_the_whole(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "SYSCTLS", str(tmp_path))
    (tmp_path / "vm").mkdir()
    # It accepts every value and keeps none (null(4)).
    (tmp_path / "vm" / "nr_hugepages").symlink_to("/dev/null")
    declared = KernelDeclaration(sysctl={"vm.nr_hugepages": "1024"})
    with pytest.raises(
        command.ApplyFailed, match=r"was set to 1024, and the kernel made nothing of it"
    ):
        host.apply(declared, SEEN._replace(sysctls={**SEEN.sysctls, "vm.nr_hugepages": "0"}))
    assert host.deeds[-1] == f"write {sysctl.OUR_FILE}"
