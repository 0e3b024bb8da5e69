# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The limits of semaphores, kernel.sem: what a boot gives, and what must be raised.

A live value may be momentary and goes into no file, which would keep it for good. Each of the four
counts by itself, in the order SEMMSL SEMMNS SEMOPM SEMMNI (proc(5)).
"""

import re
from itertools import zip_longest
from typing import Tuple

from ...words.observations.kernel import KernelObserved

Limits = Tuple[int, ...]

SEM = "kernel.sem"
# A kernel's initial values (linux, include/uapi/linux/sem.h), until 3.18 and since 3.19.
_FORMER, _OWN = (250, 32000, 32, 128), (32000, 1024000000, 500, 32000)
_FIRST_WITH_OWN = (3, 19)
# The largest values (linux, ipc/ipc_sysctl.c); with a boot argument the last one can be larger.
_MOST = (2147483647, 2147483647, 2147483647, 32768)
_MOST_EXTENDED = 16777216
# A boot argument sysctl.*=, quoted around blanks (linux,
# Documentation/admin-guide/kernel-parameters.txt).
_BOOTED_WITH = re.compile(r'(?:^| )"?sysctl\.kernel[./]sem=(?:"([^"]*)"|([^" ]*(?: \d+)*))')


def limits_to_write(floor: Limits, seen: KernelObserved, earlier: str, later: str) -> Limits:
    """Give the limits for our file; none if a boot reaches the floor without it.

    ``earlier`` and ``later`` are the values in files that a boot reads before and after ours: if a
    later one sets the limits, ours has no effect.
    """
    if later or reaches(at_boot(seen, earlier), floor):
        return ()
    return _highest(floor, at_boot(seen, earlier), _kernels_own(seen.release))


def limits_to_set(floor: Limits, seen: KernelObserved, earlier: str) -> Limits:
    """Give the values to which live limits below the floor are raised; nothing is lowered by it.

    Somebody may have lowered them for a moment, so they are raised to what a boot would give, too.
    """
    live = numbers(seen.sysctls[SEM])
    return _highest(floor, live, at_boot(seen, earlier), _kernels_own(seen.release))


def at_boot(seen: KernelObserved, said: str) -> Limits:
    """Give the limits after a boot whose last value for them is ``said``, empty for none."""
    limits = _kernels_own(seen.release)
    booted_with = _BOOTED_WITH.search(" ".join(seen.command_line))
    # A namespace of its own begins with the kernel's built-in values.
    if booted_with is not None and not seen.container:
        limits = _assigned(limits, booted_with.group(1) or booted_with.group(2), seen)
    return _assigned(limits, said, seen)


def reaches(found: Limits, floor: Limits) -> bool:
    """Whether no limit is lower than its floor."""
    return len(found) >= len(floor) and all(have >= want for have, want in zip(found, floor))


def numbers(text: str) -> Limits:
    """Read the numbers at the beginning of a value."""
    found = []
    for word in text.split():
        if not re.match(r"^[0-9]+$", word):
            break
        found.append(int(word))
    return tuple(found)


def spoken(limits: Limits) -> str:
    """Write limits as the kernel does."""
    return " ".join(str(limit) for limit in limits)


def _kernels_own(release: str) -> Limits:
    version = re.match(r"(\d+)\.(\d+)", release)
    is_former = version is not None and tuple(int(each) for each in version.groups()) < (
        _FIRST_WITH_OWN
    )
    return _FORMER if is_former else _OWN


def _assigned(limits: Limits, said: str, seen: KernelObserved) -> Limits:
    """Give the limits after a value was written: those it leaves out, and refused ones, stay."""
    most = list(_MOST)
    if "ipcmni_extend" in seen.command_line:
        most[3] = _MOST_EXTENDED
    given = numbers(said)[: len(limits)]
    taken = [new if new <= top else old for new, old, top in zip(given, limits, most)]
    return tuple(taken) + limits[len(taken) :]


def _highest(*found: Limits) -> Limits:
    return tuple(max(column) for column in zip_longest(*found, fillvalue=0))
