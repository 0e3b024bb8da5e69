"""What of the kernel is carried out, in which order, and what is said where the kernel says no."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers import command, kernel
from ansible_collections.dockwright.host.plugins.module_utils.declaration import Declaration
from ansible_collections.dockwright.host.plugins.module_utils.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.kernel_declaration import (
    KernelDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.kernel_observation import (
    BootEntryObserved,
    KernelObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    Observation,
    System,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.host import plan_host

SEEN = KernelObserved(
    loaded=("overlay",), sysctls={"net.ipv4.ip_forward": "1"}, swap_accounting=True
)


class Host:
    """A host on which nothing is done, and what would have been."""

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
