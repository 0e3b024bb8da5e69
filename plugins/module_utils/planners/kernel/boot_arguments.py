# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan the kernel's boot arguments: what the boot loader will give, and what the kernel has."""

from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...words import impacts, resources
from ...words.declarations.kernel import KernelDeclaration
from ...words.declared import (
    BEGUN,
    UNKNOWN,
    Declared,
    declare_anywhere,
    declare_at,
    declare_by_digest,
    digest,
    record_key,
)
from ...words.difference import Difference, Refusal
from ...words.observations.host import Applied, FileObserved, StagedFile
from ...words.observations.kernel import KernelObserved
from ...words.paths import GRUB_CONFIG, KERNEL_COMMAND_LINE
from ..activation.effect import differs
from . import grub_defaults

ROLE = "docker_kernel"
# With this, a kernel built without CONFIG_MEMCG_SWAP_ENABLED accounts for swap (kernel,
# Documentation/admin-guide/kernel-parameters.txt).
ARGUMENTS = ("cgroup_enable=memory", "swapaccount=1")
GRUB_DEFAULTS = "/etc/default/grub"
# Debian's grub-mkconfig reads these after /etc/default/grub, in order.
_FOLDER = "/etc/default/grub.d/"
OURS = _FOLDER + "99-dockwright.cfg"
LOOK_FILES = (GRUB_DEFAULTS, OURS, GRUB_CONFIG)
LOOK_GLOBS = (_FOLDER + "*.cfg",)
GRUBBY = "grubby"
_TEXT = (
    "# Written by Dockwright (role docker_kernel): has the kernel account for swap.\n"
    'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX %s"\n' % " ".join(ARGUMENTS)
)
_ACCOUNT = "swapaccount="
_SPOKEN = " ".join(ARGUMENTS)
# What the record holds where no boot is awaited.
_NOT_AWAITED = digest("none")

Files = Mapping[str, FileObserved]


class Boot(NamedTuple):
    """What is wanted: ``wanted`` tells whether the arguments should be there; None lets all stay.

    ``setting`` is what is declared, ``awaited`` is what is on record of an awaited boot.
    """

    wanted: Optional[bool]
    setting: str
    seen: KernelObserved
    files: Files
    reboots: bool
    awaited: str = ""

    @property
    def is_auto(self) -> bool:
        """Whether the arguments are only useful, and nobody has declared them."""
        return self.setting == "auto"


def boot_of(
    declaration: KernelDeclaration, seen: KernelObserved, files: Files, applied: Applied
) -> Boot:
    """Say what is wanted of the boot loader here; in a container nothing is."""
    wanted: Optional[bool] = {"present": True, "absent": False}.get(declaration.swap_accounting)
    if declaration.swap_accounting == "auto" and seen.swap_accounting is False:
        wanted = True
    if seen.container:
        wanted = None
    reboots = declaration.reboot == "if_required"
    awaited = applied.digests.get(
        record_key(resources.KERNEL_BOOT_AWAITED, KERNEL_COMMAND_LINE), BEGUN
    )
    return Boot(
        wanted=wanted,
        setting=declaration.swap_accounting,
        seen=seen,
        files=files,
        reboots=reboots,
        awaited=awaited,
    )


def compare_boot(boot: Boot) -> Iterator[Difference]:
    """Name what differs, in the order in which it is mended."""
    if boot.wanted is None:
        return
    if not boot.seen.boot_loader:
        if boot.wanted and _lacks(boot.seen.command_line):
            yield _no_boot_loader(boot.is_auto)
        return
    denied = list(_denials(boot))
    if denied:
        yield denied[0]
        return
    configured = list(_files(boot)) if boot.seen.boot_loader == "grub" else []
    yield from configured
    pending = bool(configured) or _entries_differ(boot)
    if pending:
        yield _entries(boot)
    if _is_other(boot.wanted, boot.seen.command_line):
        yield _command_line(boot, pending)


def declare_boot(boot: Boot, differences: Sequence[Difference]) -> Iterator[Declared]:
    """Name what is declared, except for a command line that is still to be booted."""
    wanted = boot.setting
    yield declare_anywhere(resource=resources.KERNEL_BOOT_FILE, role=ROLE, wanted=wanted)
    for path in (OURS, GRUB_DEFAULTS):
        yield declare_at(resource=resources.KERNEL_BOOT_FILE, role=ROLE, path=path, wanted=wanted)
    for path in (GRUB_CONFIG, GRUBBY):
        yield declare_at(
            resource=resources.KERNEL_BOOT_ENTRIES, role=ROLE, path=path, wanted=wanted
        )
    found = [each.resource for each in differences]
    if resources.KERNEL_COMMAND_LINE not in found:
        yield declare_at(
            resource=resources.KERNEL_COMMAND_LINE,
            role=ROLE,
            path=KERNEL_COMMAND_LINE,
            wanted=wanted,
        )
        yield _declare_awaited(_NOT_AWAITED)
    elif found == [resources.KERNEL_COMMAND_LINE] and _has_come(boot):
        # A boot that changed nothing stays on record, so that no other one is awaited.
        yield _declare_awaited(boot.awaited)
    else:
        yield awaited_from(boot.seen)


def awaited_from(seen: KernelObserved) -> Declared:
    """Name, for the record, the boot during which another one is awaited."""
    return _declare_awaited(_awaiting(seen))


def _declare_awaited(boot: str) -> Declared:
    return declare_by_digest(
        resource=resources.KERNEL_BOOT_AWAITED, role=ROLE, path=KERNEL_COMMAND_LINE, digest=boot
    )


def _awaiting(seen: KernelObserved) -> str:
    return digest("in", seen.boot_id)


def _has_come(boot: Boot) -> bool:
    """Whether the awaited boot has happened."""
    return boot.awaited not in (BEGUN, UNKNOWN, _NOT_AWAITED, _awaiting(boot.seen))


def boot_files(boot: Boot) -> Dict[str, StagedFile]:
    """Give the files from which GRUB's configuration is made, as they should be."""
    defaults = boot.files.get(GRUB_DEFAULTS, FileObserved())
    remaining = StagedFile(_without_ours(defaults.text), defaults.mode)
    return {OURS: StagedFile(_TEXT if boot.wanted else None), GRUB_DEFAULTS: remaining}


def container_note(declaration: KernelDeclaration, seen: KernelObserved) -> Iterator[str]:
    """Say that a container has no boot loader, if something is declared for one."""
    lacking = declaration.swap_accounting == "auto" and seen.swap_accounting is False
    if seen.container and (lacking or declaration.swap_accounting != "auto"):
        yield (
            "This host is a container (%s): its kernel is booted by its host, so nothing is done "
            "for docker_kernel_swap_accounting: %s." % (seen.container, declaration.swap_accounting)
        )


def _files(boot: Boot) -> Iterator[Difference]:
    """Compare the files from which GRUB's configuration is made."""
    live = boot.files.get(OURS, FileObserved())
    if boot.wanted:
        by_hand = not _lacks(_configured(boot.files))
        if (not by_hand or _entries_differ(boot)) and differs(StagedFile(_TEXT), live):
            actual = "" if live.kind == "absent" else live.text
            yield _file(OURS, _TEXT, actual, "have GRUB give every kernel %s" % _SPOKEN)
        return
    found = list(_to_take_out(boot, live))
    if not found and _entries_differ(boot):
        found.extend(_out_of_reach(boot.files))
    yield from found


def _to_take_out(boot: Boot, live: FileObserved) -> Iterator[Difference]:
    """Name the files that give the arguments; only ours and the system's own are changed."""
    if live.kind != "absent":
        yield _file(OURS, "", live.text, "have GRUB no longer give %s" % _SPOKEN)
    defaults = boot.files.get(GRUB_DEFAULTS, FileObserved())
    remaining = _without_ours(defaults.text)
    if remaining != defaults.text:
        yield _file(
            GRUB_DEFAULTS, remaining, defaults.text, "take %s out of %s" % (_SPOKEN, GRUB_DEFAULTS)
        )
    for path in _of_others(boot.files):
        if _without_ours(boot.files[path].text) != boot.files[path].text:
            refusal = Refusal(
                found="%s, which is not Dockwright's, has GRUB give %s." % (path, _SPOKEN),
                remedy="Take that out of it, or set docker_kernel_swap_accounting to auto.",
            )
            yield _file(path, "", "", "%s gives them too" % path)._replace(refusal=refusal)


def _out_of_reach(files: Files) -> Iterator[Difference]:
    """Name files that give the arguments in a form that is not read here, such as a variable."""
    for path in [GRUB_DEFAULTS] + _of_others(files):
        lines = grub_defaults.lines_with(files.get(path, FileObserved()).text, ARGUMENTS)
        if lines:
            place = "line %d of %s" % (lines[0], path)
            refusal = Refusal(
                found="docker_kernel_swap_accounting is absent, the boot loader gives %s, and %s "
                "has that in a form that Dockwright does not change." % (_SPOKEN, place),
                remedy="Take it out of that line, or set docker_kernel_swap_accounting to auto.",
            )
            yield _file(path, "", "", "%s gives them" % place)._replace(refusal=refusal)


def _without_ours(text: str) -> str:
    return grub_defaults.without_arguments(text, ARGUMENTS)


def _denials(boot: Boot) -> Iterator[Difference]:
    """Name what would keep our arguments from being given, or would be lost if they were."""
    if not boot.wanted:
        return
    found = _denials_of_grubby if boot.seen.boot_loader == GRUBBY else _denials_of_grub
    for path, fact, remedy in found(boot):
        refusal = Refusal(
            found="docker_kernel_swap_accounting is present, and %s." % fact, remedy=remedy
        )
        told = "%s, so the kernel does not account for swap. %s" % (fact, remedy)
        difference = _file(path, "", "", told)
        yield difference._replace(
            refusal=None if boot.is_auto else refusal, only_reported=boot.is_auto
        )


def _denials_of_grub(boot: Boot) -> Iterator[Tuple[str, str, str]]:
    """Find files with a word that comes after ours and so counts, or that drop what ours adds."""
    for path in [GRUB_DEFAULTS] + _of_others(boot.files):
        text = boot.files.get(path, FileObserved()).text
        said = grub_defaults.arguments_in(text)
        denies = [word for word in said if word.startswith(_ACCOUNT) and word not in ARGUMENTS]
        if denies:
            fact = "%s has GRUB give %s" % (path, " ".join(denies))
            yield path, fact, "Take that out of it."
        elif path > OURS and grub_defaults.sets_anew(text) and _lacks(_configured(boot.files)):
            fact = "%s sets GRUB_CMDLINE_LINUX anew after %s has added to it" % (path, OURS)
            anew = 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ..."'
            yield path, fact, "Have that line be %s, or rename the file." % anew


def _denials_of_grubby(boot: Boot) -> Iterator[Tuple[str, str, str]]:
    """Find entries with other values of our arguments, which grubby would drop for the new ones."""
    name = ARGUMENTS[0].partition("=")[0] + "="
    for kernel, arguments in boot.seen.entries if _entries_differ(boot) else ():
        others = [each for each in arguments if each.startswith(name) and each != ARGUMENTS[0]]
        if others:
            fact = "grubby would put %s in the place of %s of %s" % (
                ARGUMENTS[0],
                " ".join(others),
                kernel,
            )
            yield GRUBBY, fact, "Give that entry both by hand."


def _file(path: str, expected: str, actual: str, sentence: str) -> Difference:
    return Difference(
        resource=resources.KERNEL_BOOT_FILE,
        role=ROLE,
        path=path,
        expected=expected,
        actual=actual,
        impact=impacts.NONE,
        sentence=sentence,
    )


def _configured(files: Files) -> List[str]:
    """Give the words of the command lines in files of others; one may drop earlier words."""
    said: List[str] = []
    for path in [GRUB_DEFAULTS] + _of_others(files):
        text = files.get(path, FileObserved()).text
        said = grub_defaults.arguments_in(text) + ([] if grub_defaults.sets_anew(text) else said)
    return said


def _of_others(files: Files) -> List[str]:
    """Give the files of grub.d that are not ours."""
    return sorted(path for path in files if path.startswith(_FOLDER) and path != OURS)


def _entries(boot: Boot) -> Difference:
    path = GRUB_CONFIG if boot.seen.boot_loader == "grub" else GRUBBY
    expected = "every kernel gets %s" if boot.wanted else "no kernel gets %s"
    found = [each.kernel for each in boot.seen.entries if _is_other(boot.wanted, each.arguments)]
    actual = ("not so for %s" % ", ".join(dict.fromkeys(found))) if found else "to be made anew"
    deed = "give" if boot.wanted else "no longer give"
    sentence = "have the boot loader %s %s" % (deed, _SPOKEN)
    return Difference(
        resource=resources.KERNEL_BOOT_ENTRIES,
        role=ROLE,
        path=path,
        expected=expected % _SPOKEN,
        actual=actual,
        impact=impacts.NONE,
        sentence=sentence,
    )


def _entries_differ(boot: Boot) -> bool:
    """Whether an entry must change; an entry for the recovery of a host does not count."""
    return any(
        _is_other(boot.wanted, each.arguments)
        for each in boot.seen.entries
        if not {"single", "recovery"}.intersection(each.arguments)
    )


def _command_line(boot: Boot, pending: bool) -> Difference:
    wanted = "with %s" if boot.wanted else "without %s"
    actual = "without %s" if boot.wanted else "with %s"
    sentence = "reboot this host, whose kernel runs %s" % (actual % _SPOKEN)
    if not boot.reboots:
        sentence += ". docker_kernel_reboot: if_required does it."
    refusal = None
    if not pending and _has_come(boot):
        found = (
            "this host was rebooted for other arguments, and its kernel still runs %s: another "
            "entry or another boot loader is in use." % (actual % _SPOKEN)
        )
        cure = "Give it the arguments by hand, or declare another docker_kernel_swap_accounting."
        sentence = "%s %s" % (found, cure)
        refusal = Refusal(found=found, remedy=cure)
    is_refused = refusal is not None and not boot.is_auto
    is_given_up = refusal is not None and boot.is_auto
    return Difference(
        resource=resources.KERNEL_COMMAND_LINE,
        role=ROLE,
        path=KERNEL_COMMAND_LINE,
        expected=wanted % _SPOKEN,
        actual=actual % _SPOKEN,
        impact=impacts.NONE if is_given_up else impacts.REBOOT,
        sentence=sentence,
        refusal=refusal if is_refused else None,
        only_reported=not is_refused and (not boot.reboots or refusal is not None),
    )


def _no_boot_loader(is_auto: bool) -> Difference:
    found = "neither update-grub with %s nor grubby is here." % GRUB_CONFIG
    refusal = Refusal(
        found="docker_kernel_swap_accounting is present, and %s" % found,
        remedy="Have the boot loader give the kernel %s by hand, or set it to auto." % _SPOKEN,
    )
    return Difference(
        resource=resources.KERNEL_BOOT_ENTRIES,
        role=ROLE,
        path=GRUB_CONFIG,
        expected="every kernel gets %s" % _SPOKEN,
        actual="no boot loader that is known",
        impact=impacts.NONE,
        sentence="the kernel does not account for swap, and %s Give it %s by hand."
        % (found, _SPOKEN),
        refusal=None if is_auto else refusal,
        only_reported=is_auto,
    )


def _is_other(wanted: Optional[bool], arguments: Sequence[str]) -> bool:
    """Whether a command line is not as it should be."""
    return _lacks(arguments) if wanted else any(each in arguments for each in ARGUMENTS)


def _lacks(arguments: Sequence[str]) -> bool:
    # Of several, the kernel uses the last.
    said = [each for each in arguments if each.startswith(_ACCOUNT)]
    return ARGUMENTS[0] not in arguments or said[-1:] != [ARGUMENTS[1]]
