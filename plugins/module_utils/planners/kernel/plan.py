# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan what a Docker host needs of its kernel: modules, sysctls and boot arguments."""

from typing import Dict, Iterator, List, Sequence, Tuple

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.declarations.kernel import KernelDeclaration
from ...words.declared import ANYWHERE, Declared, declare_anywhere, declare_at, record_key
from ...words.difference import Difference, Plan, Refusal
from ...words.observations.host import Applied, FileObserved, Look, Observation, StagedFile
from ...words.observations.kernel import KernelLook, KernelObserved
from ...words.paths import KERNEL_COMMAND_LINE
from ...words.tables.supported_systems import SupportedSystem
from ..activation.effect import differs
from . import boot_arguments, forwarding, module_denials, sysctl
from .module_denials import Denial

ROLE = "docker_kernel"
# modules-load.d(5)
MODULES_FILE = "/etc/modules-load.d/dockwright.conf"
OVERLAY, BRIDGE = "overlay", "br_netfilter"
_WRITTEN = "# Written by Dockwright (role docker_kernel).\n"


def look_at_kernel(declaration: KernelDeclaration, system: SupportedSystem) -> Look:
    """Say what to look at for the kernel's plan."""
    return Look(
        files=(MODULES_FILE, sysctl.OUR_FILE, sysctl.LAST_READ) + boot_arguments.LOOK_FILES,
        globs=sysctl.GLOBS + module_denials.GLOBS + boot_arguments.LOOK_GLOBS,
        kernel=KernelLook(_needed(declaration, system), sysctl.sysctl_keys(declaration)),
    )


def plan_kernel(declaration: Declaration, system: SupportedSystem, observed: Observation) -> Plan:
    """Compare the kernel with what is declared."""
    seen, files = observed.kernel, observed.files
    if seen is None:
        return Plan()
    forwards = forwarding.forwarding_of(declaration.kernel, observed)
    kernel = forwarding.without_dockerds(declaration.kernel, forwards)
    needed = _needed(kernel, system)
    boot = boot_arguments.boot_of(kernel, seen, files, observed.applied)
    booting = list(boot_arguments.compare_boot(boot))
    # A container's modules are its host's.
    denials = [] if seen.container else module_denials.denials_of(needed, seen, files)
    differences = list(_modules(kernel, needed, seen, denials))
    coming = tuple(each.path for each in differences if each.refusal is None)
    differences.extend(_modules_file(needed, seen, files.get(MODULES_FILE, FileObserved())))
    differences.extend(_denied(denials, seen))
    differences.extend(sysctl.compare_sysctls(kernel, seen, files, coming))
    differences.extend(forwarding.compare_forwarding(forwards, seen, files))
    differences.extend(booting)
    wanted = sysctl.wanted_sysctls(kernel, seen, files)
    declared: List[Declared] = [
        declare_at(resource=resources.KERNEL_MODULE, role=ROLE, path=name, wanted="at work")
        for name in needed
    ]
    declared.append(
        declare_at(
            resource=resources.KERNEL_MODULES_FILE, role=ROLE, path=MODULES_FILE, wanted=needed
        )
    )
    declared.append(
        declare_anywhere(resource=resources.KERNEL_MODULE_DENIED, role=ROLE, wanted="none")
    )
    declared.extend(sysctl.declare_sysctls(kernel, wanted))
    declared.extend(forwarding.declare_forwarding(forwards))
    declared.extend(boot_arguments.declare_boot(boot, booting))
    of_container = tuple(boot_arguments.container_note(kernel, seen))
    notes = list(of_container)
    notes.extend(_unloadable_here(kernel, needed, seen))
    notes.extend(_left_alone(declared, observed.applied))
    notes.extend(forwarding.note_forwarding(forwards, files))
    # Whoever has declared it waits for something that cannot come.
    warnings = of_container if not boot.is_auto else ()
    warnings += tuple(forwarding.warn_of_forwarding(kernel, forwards, seen))
    return Plan(
        differences=tuple(differences),
        declared=tuple(declared),
        notes=tuple(notes),
        warnings=warnings,
    )


def kernel_files(
    declaration: KernelDeclaration, system: SupportedSystem, observed: Observation
) -> Dict[str, StagedFile]:
    """Give the files as they should be, by path; text None for one that goes."""
    seen, files = observed.kernel or KernelObserved(), observed.files
    forwards = forwarding.forwarding_of(declaration, observed)
    declaration = forwarding.without_dockerds(declaration, forwards)
    sysctls = sysctl.wanted_sysctls(declaration, seen, files)
    wanted = {
        MODULES_FILE: StagedFile(_render_modules(_needed(declaration, system), seen)),
        sysctl.OUR_FILE: StagedFile(sysctl.render_sysctls(sysctls) if sysctls else None),
    }
    wanted.update(
        boot_arguments.boot_files(
            boot_arguments.boot_of(declaration, seen, files, observed.applied)
        )
    )
    return wanted


def _render_modules(needed: Tuple[str, ...], seen: KernelObserved) -> str:
    """Write the file; in a container that sees no modules the names are comments.

    systemd-modules-load.service fails on a name that it cannot find, and what a container's host
    has loaded may change. On a machine without modules for now, the next boot uses another kernel.
    """
    if _is_its_hosts(seen):
        lines = ["# %s: its host's to load" % name for name in needed]
    else:
        lines = [name for name in needed if name in seen.loaded or name in seen.loadable]
    return _WRITTEN + "".join(line + "\n" for line in lines)


def _is_its_hosts(seen: KernelObserved) -> bool:
    return bool(seen.container) and not seen.has_modules


def _needed(declaration: KernelDeclaration, system: SupportedSystem) -> Tuple[str, ...]:
    names = [OVERLAY]
    if declaration.storage_filesystem == "auto":
        names.append(system.filesystems[0])
    elif declaration.storage_filesystem:
        names.append(declaration.storage_filesystem)
    if any(key.startswith("net.bridge.") for key in declaration.sysctl):
        names.append(BRIDGE)
    return tuple(dict.fromkeys(names + list(declaration.modules)))


def _is_asked_for(name: str, declaration: KernelDeclaration) -> bool:
    """Whether a module is declared; for those that are only useful a container's host answers."""
    return name == BRIDGE or name in declaration.modules


def _modules(
    declaration: KernelDeclaration,
    needed: Tuple[str, ...],
    seen: KernelObserved,
    denials: Sequence[Denial],
) -> Iterator[Difference]:
    kept_out = {each.module: each for each in denials if each.is_total}
    for name in needed:
        if name in seen.loaded:
            continue
        if seen.container and not _is_asked_for(name, declaration):
            continue
        refusal = None
        if name not in seen.loadable:
            refusal = Refusal(
                found="the kernel of this host (%s) has no module %s." % (seen.release, name),
                remedy="Its host would have to load it."
                if seen.container
                else "Install the package that has it, or reboot into the kernel it is for.",
            )
        elif name in kept_out:
            denial = kept_out[name]
            refusal = Refusal(
                found="%s says `%s`, so that nothing loads the module %s."
                % (denial.place, denial.words, name),
                remedy=_how_to_undo(denial),
            )
        yield Difference(
            resource=resources.KERNEL_MODULE,
            role=ROLE,
            path=name,
            expected="loaded",
            actual="not loaded",
            impact=impacts.NONE,
            sentence="load the module %s" % name
            if refusal is None
            else "%s cannot be loaded" % name,
            refusal=refusal,
        )


def _denied(denials: Sequence[Denial], seen: KernelObserved) -> Iterator[Difference]:
    """Name what makes a boot skip modules that are loaded now, or will be by their names."""
    for each in denials:
        if each.is_total and each.module not in seen.loaded:
            continue
        yield Difference(
            resource=resources.KERNEL_MODULE_DENIED,
            role=ROLE,
            path=each.path,
            expected="every boot loads %s" % each.module,
            actual=each.words,
            impact=impacts.NONE,
            sentence="%s says `%s`, so that no boot loads %s by %s. %s"
            % (each.place, each.words, each.module, MODULES_FILE, _how_to_undo(each)),
            only_reported=True,
        )


def _how_to_undo(denial: Denial) -> str:
    if denial.path == KERNEL_COMMAND_LINE:
        return "Have the boot loader no longer give that."
    return "Take that line out."


def _modules_file(
    needed: Tuple[str, ...], seen: KernelObserved, file: FileObserved
) -> Iterator[Difference]:
    wanted = StagedFile(_render_modules(needed, seen))
    if not differs(wanted, file):
        return
    same = file.kind == "file" and file.text == wanted.text
    owner = "mode %04o, owner %d:%d" % (file.mode, file.owner, file.group)
    sentence = "name what this container's host is to load: %s"
    if not _is_its_hosts(seen):
        sentence = "have every boot load %s"
    yield Difference(
        resource=resources.KERNEL_MODULES_FILE,
        role=ROLE,
        path=MODULES_FILE,
        expected="mode 0644, owner 0:0" if same else wanted.text or "",
        actual=owner if same else file.text,
        impact=impacts.NONE,
        sentence=sentence % ", ".join(needed),
    )


def _unloadable_here(
    declaration: KernelDeclaration, needed: Tuple[str, ...], seen: KernelObserved
) -> Iterator[str]:
    lacking = [
        name
        for name in needed
        if seen.container and name not in seen.loaded and not _is_asked_for(name, declaration)
    ]
    if lacking:
        yield (
            "This host is a container (%s), which loads no modules: %s would have to come from its "
            "host." % (seen.container, ", ".join(lacking))
        )


def _left_alone(declared: Sequence[Declared], applied: Applied) -> Iterator[str]:
    still = [each.path for each in declared if each.resource == resources.KERNEL_SYSCTL]
    prefix = record_key(resources.KERNEL_SYSCTL, "")
    before = [key[len(prefix) :] for key in applied.digests if key.startswith(prefix)]
    gone = [key for key in before if key not in still and key != ANYWHERE]
    if gone:
        yield (
            "No longer declared, and as they are until the next boot: %s." % ", ".join(sorted(gone))
        )
