# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan sysctls: live values, the file that sets them at boot, and which file comes last."""

import re
from typing import Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ...words import impacts, resources
from ...words.declarations.kernel import KernelDeclaration
from ...words.declared import Declared, declare_anywhere, declare_at
from ...words.difference import Difference, Refusal
from ...words.observations.host import FileObserved, StagedFile
from ...words.observations.kernel import FORWARD, KernelObserved, sysctl_name, sysctl_path
from ..activation.effect import differs
from ..units.fragments import in_force
from .semaphores import SEM, at_boot, limits_to_set, limits_to_write, numbers, reaches, spoken

ROLE = "docker_kernel"
OUR_FILE = "/etc/sysctl.d/90-dockwright.conf"
# procps reads this file after all others (sysctl.conf(5)); systemd reads it if a link leads to it.
LAST_READ = "/etc/sysctl.conf"
HEADER = "# Written by Dockwright (role docker_kernel).\n"
# A file hides files of its name in later folders (sysctl.d(5)).
_FOLDERS = (
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
)
GLOBS = tuple(folder + "/*.conf" for folder in _FOLDERS)
# The beginnings of the sysctls that a module brings; a module that is not listed may bring any.
_BROUGHT: Dict[str, Tuple[str, ...]] = {
    "br_netfilter": ("net.bridge.",),
    "btrfs": (),
    "ext4": (),
    "nf_conntrack": ("net.netfilter.", "net.nf_conntrack_max"),
    "overlay": (),
    "xfs": ("fs.xfs.",),
}
_LINE = re.compile(r"^\s*-?\s*([^#;\s=][^\s=]*)\s*=\s*(.*?)\s*$")

Files = Mapping[str, FileObserved]


class Assignment(NamedTuple):
    """A line of a file that sets a sysctl; ``number`` counts from 1."""

    number: int
    key: str
    value: str


def sysctl_keys(declaration: KernelDeclaration) -> Tuple[str, ...]:
    """Give the sysctls to look at."""
    keys = list(declaration.sysctl)
    keys.extend([FORWARD] if declaration.ip_forward else [])
    keys.extend([SEM] if declaration.sem else [])
    return tuple(dict.fromkeys(keys))


def wanted_sysctls(
    declaration: KernelDeclaration, seen: KernelObserved, files: Files
) -> Dict[str, str]:
    """Give the file's contents: declared values, and semaphore limits that a boot leaves too low.

    No live value is copied, since the file would keep it for good.
    """
    wanted = {FORWARD: "1"} if declaration.ip_forward else {}
    if _has_a_floor(declaration, seen):
        earlier, later = (
            _said_of(SEM, files, _earlier(files)),
            _said_of(SEM, files, _at_boot(files)),
        )
        limits = limits_to_write(declaration.sem, seen, earlier, later)
        if limits:
            wanted[SEM] = spoken(limits)
    wanted.update(declaration.sysctl)
    return wanted


def _wanted_now(
    declaration: KernelDeclaration, seen: KernelObserved, files: Files
) -> Dict[str, str]:
    """Give what should be live: the file's contents, and semaphore limits that are too low now."""
    wanted = wanted_sysctls(declaration, seen, files)
    if _has_a_floor(declaration, seen):
        wanted.pop(SEM, None)
        if not reaches(numbers(seen.sysctls[SEM]), declaration.sem):
            earlier = _said_of(SEM, files, _earlier(files))
            wanted[SEM] = spoken(limits_to_set(declaration.sem, seen, earlier))
    return wanted


def _has_a_floor(declaration: KernelDeclaration, seen: KernelObserved) -> bool:
    """Whether the semaphore limits have a declared floor, and no exact value."""
    return bool(declaration.sem) and SEM in seen.sysctls and SEM not in declaration.sysctl


def variable_of(key: str, declaration: KernelDeclaration) -> str:
    """Name the variable that declares a sysctl."""
    if key in declaration.sysctl:
        return "docker_kernel_sysctl"
    return "docker_kernel_sem" if key == SEM else "docker_kernel_ip_forward"


def render_sysctls(wanted: Mapping[str, str]) -> str:
    """Write the file."""
    return HEADER + "".join("%s = %s\n" % item for item in wanted.items())


def compare_sysctls(
    declaration: KernelDeclaration, seen: KernelObserved, files: Files, coming: Sequence[str]
) -> Iterator[Difference]:
    """Name what differs; ``coming`` modules, which are loaded before, may bring a sysctl."""
    wanted = wanted_sysctls(declaration, seen, files)
    now = _wanted_now(declaration, seen, files)
    missing = [key for key in now if key not in seen.sysctls and not _may_come(key, coming)]
    refused = list(_not_to_be_set(now, missing, declaration, seen))
    yield from refused
    # The value is tried first: if the kernel refuses it, the run ends before a file has it.
    for key, value in now.items():
        is_refused = key in [each.path for each in refused]
        if not is_refused and not _is_live(key, value, declaration, seen):
            actual = seen.sysctls.get(key, "")
            yield Difference(
                resource=resources.KERNEL_SYSCTL,
                role=ROLE,
                path=key,
                expected=value,
                actual=actual,
                impact=impacts.NONE,
                sentence="set %s to %s" % (key, value),
            )
    live = files.get(OUR_FILE, FileObserved())
    file = StagedFile(render_sysctls(wanted) if wanted else None)
    if differs(file, live) and (wanted or live.text.startswith(HEADER)):
        yield Difference(
            resource=resources.KERNEL_SYSCTL_FILE,
            role=ROLE,
            path=OUR_FILE,
            expected=file.text or "",
            actual=live.text if live.text != file.text else "mode %04o, owner %d:%d" % _owner(live),
            impact=impacts.NONE,
            sentence="have every boot set %s" % ", ".join(wanted)
            if wanted
            else "take %s away" % OUR_FILE,
        )
    if declaration.sem and SEM in seen.sysctls:
        # Limits that are high enough by themselves are in no file, and another file can lower them.
        wanted.setdefault(SEM, spoken(declaration.sem))
    yield from _overrides(declaration, wanted, seen, files)


def declare_sysctls(
    declaration: KernelDeclaration, wanted: Mapping[str, str]
) -> Iterator[Declared]:
    """Name what is declared."""
    yield declare_anywhere(resource=resources.KERNEL_SYSCTL, role=ROLE, wanted="what is declared")
    declared = dict(wanted)
    if declaration.sem:
        # Limits that are high enough by themselves are in no file, but they are declared all the
        # same.
        declared.setdefault(SEM, "")
    for key, value in declared.items():
        floor = key == SEM and SEM not in declaration.sysctl
        yield declare_at(
            resource=resources.KERNEL_SYSCTL,
            role=ROLE,
            path=key,
            wanted=declaration.sem if floor else value,
        )
    known = [declaration.ip_forward, declaration.sem, sorted(declaration.sysctl.items())]
    yield declare_at(resource=resources.KERNEL_SYSCTL_FILE, role=ROLE, path=OUR_FILE, wanted=known)
    yield declare_anywhere(resource=resources.KERNEL_SYSCTL_OVERRIDE, role=ROLE, wanted="none")


def assignments(file: FileObserved) -> List[Assignment]:
    """Read the lines of a file that assign a value; a plain name overrides a glob."""
    found = []
    for number, line in enumerate(file.text.split("\n"), 1):
        match = _LINE.match(line)
        if match is not None and "*" not in match.group(1):
            key = match.group(1)
            first = next((letter for letter in key if letter in "./"), ".")
            found.append(
                Assignment(
                    number,
                    sysctl_path(key) if first == "/" else key,
                    " ".join(match.group(2).split()),
                )
            )
    return found


def last_words_of_others(key: str, files: Files) -> Iterator[Tuple[str, Assignment]]:
    """Give the lines that set a sysctl which our file does not have: at a boot, and by procps."""
    others = {path: file for path, file in files.items() if path != OUR_FILE}
    for paths in _readings(others, in_force(others, _FOLDERS)):
        said = _last_words(others, paths)
        if key in said:
            yield said[key]


def _not_to_be_set(
    wanted: Mapping[str, str],
    missing: Sequence[str],
    declaration: KernelDeclaration,
    seen: KernelObserved,
) -> Iterator[Difference]:
    """Refuse what this kernel does not have, or lets nobody write or read."""
    for key, value in wanted.items():
        out = "Take it out of %s" % variable_of(key, declaration)
        if key in missing:
            actual = "no such sysctl"
            refusal = Refusal(
                found="the kernel of this host (%s) has no sysctl %s." % (seen.release, key),
                remedy="Take it out, or load the module that brings it, by docker_kernel_modules.",
            )
        elif key in seen.read_only and not _is_live(key, value, declaration, seen):
            actual = seen.sysctls[key]
            found = "the kernel of this host (%s) lets nobody write %s." % (seen.release, key)
            host = ": only the host of this container can set it." if seen.container else "."
            refusal = Refusal(found=found, remedy=out + host)
        elif key in seen.write_only:
            actual = "not to be read"
            refusal = Refusal(
                found="the kernel of this host (%s) takes %s as an order, and holds no value of it "
                "that could be read." % (seen.release, key),
                remedy=out + ".",
            )
        else:
            continue
        sentence = "%s cannot be set" % key
        yield Difference(
            resource=resources.KERNEL_SYSCTL,
            role=ROLE,
            path=key,
            expected=value,
            actual=actual,
            impact=impacts.NONE,
            sentence=sentence,
            refusal=refusal,
        )


def _overrides(
    declaration: KernelDeclaration, wanted: Mapping[str, str], seen: KernelObserved, files: Files
) -> Iterator[Difference]:
    """Name files that are read after ours and set other values."""
    for key, value, path, assigned in _said_later(wanted, files):
        named = key if assigned.key == key else "%s, which is %s," % (assigned.key, key)
        # A line of fewer than four numbers leaves the others as they are.
        said = spoken(at_boot(seen, assigned.value)) if key == SEM else assigned.value
        if not _agrees(key, value, said, declaration):
            yield Difference(
                resource=resources.KERNEL_SYSCTL_OVERRIDE,
                role=ROLE,
                path=path,
                expected="%s = %s" % (key, value),
                actual="%s = %s" % (assigned.key, assigned.value),
                impact=impacts.NONE,
                sentence="line %d of %s sets %s to %s, after what docker_kernel declares, and the "
                "next boot goes by it. Take that line out, or declare the same."
                % (assigned.number, path, named, assigned.value)
                if path != LAST_READ
                else "line %d of %s sets %s to %s, and `sysctl --system` goes by it, after what "
                "docker_kernel declares. Take that line out, or declare the same."
                % (assigned.number, path, named, assigned.value),
                only_reported=True,
            )


def _said_of(key: str, files: Files, paths: Sequence[str]) -> str:
    """Give the last value of a sysctl in these files, in order; empty for none."""
    said = _last_words(files, paths)
    return said[key][1].value if key in said else ""


def _last_words(files: Files, paths: Sequence[str]) -> Dict[str, Tuple[str, Assignment]]:
    """Give the last value of each sysctl in these files, in order, and its file."""
    return {
        sysctl_name(each.key): (path, each)
        for path in paths
        for each in assignments(files.get(path, FileObserved()))
    }


def _earlier(files: Files) -> List[str]:
    """Give the files that are read before ours, in order."""
    return [path for path in in_force(files, _FOLDERS) if _name(path) < _name(OUR_FILE)]


def _at_boot(files: Files) -> List[str]:
    """Give the files that a boot reads after ours, in order."""
    return [path for path in in_force(files, _FOLDERS) if _name(path) > _name(OUR_FILE)]


def _said_later(
    wanted: Mapping[str, str], files: Files
) -> Iterator[Tuple[str, str, str, Assignment]]:
    """Give the last values after our file: from a boot's files, and from those of procps."""
    for paths in _readings(files, _at_boot(files)):
        said = _last_words(files, paths)
        for key, value in wanted.items():
            if key in said:
                yield (key, value) + said[key]


def _readings(files: Files, at_boot: List[str]) -> Tuple[List[str], List[str]]:
    """Give what a boot reads, and what procps reads after that.

    Where a link leads a boot to /etc/sysctl.conf, both are the same.
    """
    last = files.get(LAST_READ, FileObserved())
    by_link = any(files[path].kind == "link" and files[path].text == last.text for path in at_boot)
    return at_boot, [] if by_link else [LAST_READ]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _may_come(key: str, coming: Sequence[str]) -> bool:
    return any(key.startswith(_BROUGHT.get(name, ("",))) for name in coming)


def _is_live(key: str, value: str, declaration: KernelDeclaration, seen: KernelObserved) -> bool:
    return key in seen.sysctls and _agrees(key, value, seen.sysctls[key], declaration)


def _agrees(key: str, value: str, found: str, declaration: KernelDeclaration) -> bool:
    if key == SEM and SEM not in declaration.sysctl:
        return reaches(numbers(found), declaration.sem)
    return found.split() == value.split()


def _owner(file: FileObserved) -> Tuple[int, int, int]:
    return file.mode, file.owner, file.group
