# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare what a unit runs, what its files name, and what the package installed.

If a running daemon's program was replaced, a restart is the cure only if the file in its place is
the package's own; with any other file it would be restarted again and again in vain.
"""

from typing import Dict, Iterator, Optional

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.declared import declare_at
from ...words.difference import Difference, Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.host import Observation, PackageObserved, UnitObserved
from ...words.observations.programs import PackagedProgram, ProgramObserved, ProgramVerified
from ...words.tables.supported_systems import find_supported
from ..containers.stop import stop_refusal
from ..host.comparison import Comparison
from ..units.docker_unit import DockerUnit, read_unit
from ..upgrade.runtime_restart import runtime_refusal

ROLE = "docker_activation"
DAEMON_PROGRAM = PackagedProgram("/usr/bin/dockerd", "docker-ce", DOCKER_SERVICE)
RUNTIME_PROGRAM = PackagedProgram("/usr/bin/containerd", "containerd.io", CONTAINERD_SERVICE)
PROGRAMS = (DAEMON_PROGRAM, RUNTIME_PROGRAM)
_OF_UNIT = {program.unit: program for program in PROGRAMS}


def verified(observed: Observation) -> Dict[str, ProgramVerified]:
    """Give the files that this look has verified as their packages' own."""
    return {
        each.path: ProgramVerified(
            observed.programs[each.path].identity, observed.packages[each.package].version
        )
        for each in PROGRAMS
        if each.path in observed.programs and not why_not_own(each, observed)
    }


def why_not_own(program: PackagedProgram, observed: Observation) -> str:
    """Say why a program may not be taken for the package's own; empty where it may."""
    found = observed.programs.get(program.path)
    if found is None:
        return "nobody has looked whether %s is the file of %s" % (program.path, program.package)
    wrong = _wrong(program, found) or _loose(program, found)
    if not wrong and found.unknown:
        return "nobody can tell whether %s is the file that %s installed: %s" % (
            program.path,
            program.package,
            found.unknown,
        )
    return wrong


def is_named(program: PackagedProgram, named: str) -> bool:
    """Whether a command line names the package's program; /bin is /usr/bin on merged systems."""
    return named in (program.path, program.path[len("/usr") :])


def compare_program(
    unit: UnitObserved, name: str, declaration: Declaration, observed: Observation
) -> Iterator[Comparison]:
    """Compare the file of a unit's program, and the program that its process runs."""
    program = _OF_UNIT[name]
    whole = declare_at(
        resource=resources.SERVICE_PROGRAM, role=ROLE, path=program.path, wanted="as installed"
    )
    current = declare_at(resource=resources.SERVICE_BINARY, role=ROLE, path=name, wanted="current")
    wrong = _difference_of_file(program, unit, observed) or _misnamed(
        program, declaration, observed
    )
    yield Comparison(whole, wrong)
    if wrong is not None or unit.active_state != "active":
        yield Comparison(current)
        return
    found = _difference_of_process(program, unit, observed)
    if found:
        deed = "Starting the installed %s" % program.path
        judge = stop_refusal if program is DAEMON_PROGRAM else runtime_refusal
        found = found._replace(refusal=judge(deed, declaration.activation, observed))
    yield Comparison(current, found)


def foreign_programs(observed: Observation) -> Iterator[str]:
    """Note a unit that is started by another program than its package's."""
    for program in PROGRAMS:
        named = _named(program, observed)
        unit = observed.units.get(program.unit, UnitObserved())
        installed = observed.packages.get(program.package, PackageObserved()).version
        if installed and named and not is_named(program, named) and not unit.mask_path:
            yield "%s is started by %s, not by %s, which %s installed." % (
                program.unit,
                named,
                program.path,
                program.package,
            )


def _named(program: PackagedProgram, observed: Observation) -> str:
    """Give the program that a unit names, by its files or by what systemd has read."""
    if program is DAEMON_PROGRAM:
        arguments = read_unit(observed.files).arguments
        if arguments:
            return arguments[0]
    return observed.units.get(program.unit, UnitObserved()).starts


def _wrong(program: PackagedProgram, found: ProgramObserved) -> str:
    if found.diverted:
        return "the %s that %s installed was diverted to %s (dpkg-divert)" % (
            program.path,
            program.package,
            found.diverted,
        )
    if found.kind == "absent":
        return "%s, which %s installed, is gone" % (program.path, program.package)
    if found.kind != "file":
        kind = "a link" if found.kind == "link" else "no file"
        return "%s is %s, and not the file that %s installed" % (
            program.path,
            kind,
            program.package,
        )
    if found.installed != found.found:
        return "%s is not the file that %s installed" % (program.path, program.package)
    if not found.mode & 0o100:
        return "%s cannot be executed (mode %04o)" % (program.path, found.mode)
    return ""


def _loose(program: PackagedProgram, found: ProgramObserved) -> str:
    """Say that others could change the file; as a trusted path it is mended."""
    if not found.owner and not found.mode & 0o022:
        return ""
    told = "%s, which root runs, is for others to write (mode %04o, owner %d)"
    return told % (program.path, found.mode, found.owner)


def _difference_of_file(
    program: PackagedProgram, unit: UnitObserved, observed: Observation
) -> Optional[Difference]:
    package = observed.packages.get(program.package, PackageObserved())
    found = observed.programs.get(program.path)
    # What a transaction has left unfinished is done again by the engine's role.
    if found is None or not package.version or package.state:
        return None
    wrong = _wrong(program, found)
    if not wrong:
        return None
    runs = ""
    if unit.main_program and unit.main_program != program.path:
        runs = " %s runs %s." % (program.unit, unit.main_program)
    return Difference(
        resource=resources.SERVICE_PROGRAM,
        role=ROLE,
        path=program.path,
        expected="the file that %s %s installed" % (program.package, package.version),
        actual="gone" if found.kind == "absent" else "another",
        impact=impacts.NONE,
        sentence=wrong,
        refusal=Refusal(
            found="%s.%s" % (wrong[0].upper() + wrong[1:], runs),
            remedy=_remedy(program, found, package, observed),
        ),
    )


def _misnamed(
    program: PackagedProgram, declaration: Declaration, observed: Observation
) -> Optional[Difference]:
    """Find the package's own unit file edited; a program in another file is told of that file."""
    package = observed.packages.get(program.package, PackageObserved())
    unit = read_unit(observed.files) if program is DAEMON_PROGRAM else DockerUnit()
    accepted = unit.overrides + declaration.activation.accepted_drop_ins
    if not unit.arguments or not package.version or unit.source in accepted:
        return None
    if is_named(program, unit.arguments[0]):
        return None
    found = "%s has %s started by %s, not by %s" % (
        unit.source,
        program.unit,
        unit.arguments[0],
        program.path,
    )
    return Difference(
        resource=resources.SERVICE_PROGRAM,
        role=ROLE,
        path=unit.source,
        expected="started by %s" % program.path,
        actual="started by %s" % unit.arguments[0],
        impact=impacts.NONE,
        sentence=found,
        refusal=Refusal(found="%s." % found, remedy=_reinstall(program, package, observed)),
    )


def _remedy(
    program: PackagedProgram,
    found: ProgramObserved,
    package: PackageObserved,
    observed: Observation,
) -> str:
    if found.diverted:
        return (
            "Find out why, then move away what lies there and run "
            "`dpkg-divert --rename --remove %s`." % program.path
        )
    if found.kind == "file" and found.installed == found.found:
        return "Run `chown root:root %s` and `chmod 0755 %s`." % (program.path, program.path)
    return _reinstall(program, package, observed)


def _reinstall(program: PackagedProgram, package: PackageObserved, observed: Observation) -> str:
    system = find_supported(observed.system.distribution, observed.system.version)
    if system is not None and system.family == "rpm":
        command = "dnf --disableplugin=versionlock reinstall %s" % program.package
    else:
        command = "apt-get install --reinstall --allow-change-held-packages %s=%s" % (
            program.package,
            package.version,
        )
    return (
        "Find out who replaced it, then run `SYSTEMD_OFFLINE=1 %s`, which leaves the running "
        "daemon alone. The next run restarts it." % command
    )


def _difference_of_process(
    program: PackagedProgram, unit: UnitObserved, observed: Observation
) -> Optional[Difference]:
    named = _named(program, observed)
    elsewhere = bool(unit.main_program) and unit.main_program != program.path
    # Nobody can tell which program another one runs in turn, nor whether a restart changes that.
    is_renamed = elsewhere and (not named or is_named(program, named))
    if is_renamed and why_not_own(program, observed):
        is_renamed = False
    if not unit.program_replaced and not is_renamed:
        return None
    path = program.path if is_renamed else unit.main_program
    if is_renamed:
        actual = "runs %s" % unit.main_program
        sentence = "restart %s, which runs %s in place of %s" % (
            program.unit,
            unit.main_program,
            program.path,
        )
    else:
        actual = "runs a program that the file no longer holds"
        sentence = "restart %s, whose program was replaced under it" % program.unit
    return Difference(
        resource=resources.SERVICE_BINARY,
        role=ROLE,
        path=program.unit,
        expected="runs the installed %s" % path,
        actual=actual,
        impact=impacts.RESTART,
        sentence=sentence,
    )
