# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the plan of the kernel. It reboots nothing."""

import os
from typing import Iterator, Tuple

from ...planners.kernel import boot_arguments, forwarding, sysctl
from ...planners.kernel.plan import kernel_files
from ...words import resources
from ...words.declarations.host import Declaration
from ...words.difference import Plan
from ...words.observations.host import Observation, StagedFile
from ...words.observations.kernel import FORWARD, KernelObserved, sysctl_path
from ...words.tables.supported_systems import find_supported
from ..host import command
from ..host.applied import record_applied
from ..host.command import ApplyFailed
from ..host.files import remove, write

SYSCTLS = "/proc/sys"


def apply_kernel(plan: Plan, declaration: Declaration, observed: Observation) -> Tuple[str, ...]:
    """Carry out what differs, in the plan's order.

    :raises ApplyFailed: naming what could not be done, and why.
    """
    system = find_supported(observed.system.distribution, observed.system.version)
    if system is None:
        raise ApplyFailed("This system is not supported.")
    files = kernel_files(declaration.kernel, system, observed)
    wanted = boot_arguments.boot_of(
        declaration.kernel, _seen(observed), observed.files, observed.applied
    ).wanted
    forwards = forwarding.forwarding_of(declaration.kernel, observed)
    complaints = []
    for difference in plan.mended:
        if difference.path in files:
            _put(difference.path, files[difference.path])
        elif difference.resource == resources.KERNEL_MODULE:
            command.run(["modprobe", difference.path])
        elif difference.resource == resources.KERNEL_SYSCTL:
            if difference.path == FORWARD and forwards.drops:
                # The policy is set before, so that nothing is forwarded in between.
                command.run(list(forwarding.DROP))
            complaints.append(_set(difference.path, difference.expected, declaration))
        elif difference.resource == resources.KERNEL_BOOT_ENTRIES:
            # No boot has tried these entries yet, whatever became of earlier ones.
            awaited = boot_arguments.awaited_from(_seen(observed))
            record_applied(Plan(declared=(awaited,)), observed.applied)
            _configure(difference.path, bool(wanted))
    if FORWARD in [each.path for each in plan.mended]:
        complaints.extend(_set_what_forwarding_resets(declaration, observed))
    if any(complaints):
        raise ApplyFailed(" ".join(filter(None, complaints)))
    return ()


def _seen(observed: Observation) -> KernelObserved:
    return observed.kernel or KernelObserved()


def _put(path: str, file: StagedFile) -> None:
    if file.text is None:
        remove(path)
    else:
        write(path, file.text, file.mode)


def _set_what_forwarding_resets(declaration: Declaration, observed: Observation) -> Iterator[str]:
    """Set again what it resets (kernel, Documentation/networking/ip-sysctl.rst)."""
    wanted = sysctl.wanted_sysctls(declaration.kernel, _seen(observed), observed.files)
    for key, value in wanted.items():
        if key.startswith("net.ipv4.conf."):
            yield _set(key, value, declaration)


def _set(key: str, value: str, declaration: Declaration) -> str:
    """Set a value, and say what the kernel made of it if that is another value.

    Some values take effect only in part now, and in full at a boot: huge pages, for example.

    :raises ApplyFailed: if the kernel does not take the value at all.
    """
    variable = sysctl.variable_of(key, declaration.kernel)
    try:
        with open(os.path.join(SYSCTLS, sysctl_path(key)), "w") as file:
            file.write(value)
        with open(os.path.join(SYSCTLS, sysctl_path(key))) as file:
            made = " ".join(file.read().split())
    except FileNotFoundError:
        raise ApplyFailed(
            "%s could not be set to %s: no module that was loaded has brought it. Take it out of "
            "%s, or have docker_kernel_modules name its module." % (key, value, variable)
        )
    except OSError as error:
        raise ApplyFailed(
            "%s could not be set to %s: %s. Have %s give it a value that this kernel takes, or "
            "take it out." % (key, value, error.strerror, variable)
        )
    if made == value:
        return ""
    return "%s was set to %s, and the kernel made %s of it: have %s declare that." % (
        key,
        value,
        made or "nothing",
        variable,
    )


def _configure(path: str, wanted: bool) -> None:
    """Have the boot loader give our arguments, or stop giving them; all others stay."""
    arguments = " ".join(boot_arguments.ARGUMENTS)
    if path == boot_arguments.GRUBBY:
        verb = "--args" if wanted else "--remove-args"
        command.run(["grubby", "--update-kernel=ALL", "%s=%s" % (verb, arguments)])
    else:
        command.run(["update-grub"])
