"""From boot to boot: a kernel gets its arguments, or another boot loader never gives them."""

import importlib
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.host import record
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import plan_host
from ansible_collections.dockwright.host.plugins.module_utils.planners.kernel import boot_arguments
from ansible_collections.dockwright.host.plugins.module_utils.planners.kernel import plan as kernel
from ansible_collections.dockwright.host.plugins.module_utils.words import resources
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.kernel import (
    KernelDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import Plan, join
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Applied,
    FileObserved,
    Observation,
    System,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.kernel import (
    BootEntryObserved,
    KernelObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
    find_supported,
)

ROLES = ("docker_kernel",)
MODULES = "ansible_collections.dockwright.host.plugins.modules"
MODULE = importlib.import_module(MODULES + ".docker_kernel")


class Machine:
    """A machine that runs the role again and again, as its module and its door do."""

    def __init__(self, setting: str, heeds_grub: bool) -> None:
        self.kernel = KernelDeclaration(swap_accounting=setting, reboot="if_required")
        self.heeds_grub = heeds_grub
        self.reboots = 0
        self.observed = Observation(
            System("Debian", "13", "trixie"),
            kernel=KernelObserved(
                loaded=("overlay",),
                sysctls={"net.ipv4.ip_forward": "1"},
                swap_accounting=False,
                boot_id="A",
                boot_loader="grub",
                entries=(BootEntryObserved("/boot/vmlinuz", ("ro",)),),
            ),
            applied=Applied(digests={}, trusted=True),
        )

    @property
    def seen(self) -> KernelObserved:
        assert self.observed.kernel is not None
        return self.observed.kernel

    def plan(self) -> Plan:
        return plan_host(Declaration(kernel=self.kernel), self.observed, ROLES)

    def run(self) -> Plan:
        """Run the role, and reboot where its module says so; give the plan of what is left."""
        plan = self.plan()
        assert not plan.refused, plan.refused
        self._apply(plan)
        left = self.plan()
        self._record(join([plan, left]))
        if MODULE._reboot_required(left)["reboot_required"]:
            self.reboots += 1
            self.boot(self.seen.boot_id + "'")
        return left

    def boot(self, name: str) -> None:
        given = self.seen.entries[0].arguments if self.heeds_grub else ("ro",)
        self._see(boot_id=name, command_line=given, swap_accounting=len(given) > 1)

    def lose_our_file(self) -> None:
        files = {boot_arguments.OURS: FileObserved()}
        self.observed = self.observed._replace(files=dict(self.observed.files, **files))
        self._see(entries=(BootEntryObserved("/boot/vmlinuz", ("ro",)),))

    def _apply(self, plan: Plan) -> None:
        system = find_supported("Debian", "13")
        assert system is not None
        wanted = kernel.kernel_files(self.kernel, system, self.observed)
        files = {
            path: FileObserved(kind="file", text=file.text, mode=file.mode)
            for path, file in wanted.items()
            if file.text and path in [each.path for each in plan.differences]
        }
        self.observed = self.observed._replace(files=dict(self.observed.files, **files))
        if plan.of_resource(resources.KERNEL_BOOT_ENTRIES):
            self._record(Plan(declared=(boot_arguments.awaited_from(self.seen),)))
            arguments = ("ro", *boot_arguments.ARGUMENTS)
            self._see(entries=(BootEntryObserved("/boot/vmlinuz", arguments),))

    def _record(self, plan: Plan) -> None:
        digests = record.after(self.observed.applied.digests, plan)
        self.observed = self.observed._replace(applied=Applied(digests=digests, trusted=True))

    def _see(self, **fields: Any) -> None:
        self.observed = self.observed._replace(kernel=self.seen._replace(**fields))


@pytest.mark.parametrize("setting", ["auto", "present"])
def test_one_reboot_and_then_nothing_differs(setting: str) -> None:
    machine = Machine(setting, heeds_grub=True)
    machine.run()
    assert machine.seen.boot_id == "A'"
    assert [machine.run().verdict for _ in range(2)] == ["clean", "clean"]
    assert machine.reboots == 1


def test_a_reboot_that_changed_nothing_is_not_tried_again() -> None:
    machine = Machine("auto", heeds_grub=False)
    machine.run()
    for boot in ("B", "C"):
        machine.boot(boot)
        for _ in range(2):
            (left,) = machine.run().differences
            assert (left.impact, left.only_reported) == ("none", True)
            assert "this host was rebooted for other arguments" in left.sentence
    assert machine.reboots == 1


def test_entries_that_no_boot_has_tried_are_worth_one() -> None:
    machine = Machine("auto", heeds_grub=False)
    machine.run()
    machine.run()
    machine.lose_our_file()
    machine.heeds_grub = True
    machine.run()
    assert machine.reboots == 2
    assert machine.run().verdict == "clean"
