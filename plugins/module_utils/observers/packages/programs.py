# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See whether a program is the file that its package installed.

Reading a hundred megabytes at every look would be too much. A file that a run has verified is known
by its identity, and is read again only if that or the package's version has changed.
"""

import glob
import hashlib
import json
import os
import stat
from typing import Dict, Mapping, Optional, Sequence, Tuple

from ...words.observations.host import PackageObserved
from ...words.observations.programs import PackagedProgram, ProgramObserved, ProgramVerified
from ..host import command
from ..host.files import kind_of, read_text

VERIFIED = "/var/lib/dockwright/programs.json"
_DPKG = "/var/lib/dpkg"
_ALGORITHMS = {"1": "md5", "8": "sha256", "9": "sha384", "10": "sha512"}


def observe_programs(
    family: str, programs: Sequence[PackagedProgram], packages: Mapping[str, PackageObserved]
) -> Dict[str, ProgramObserved]:
    """Give the state of each program whose package is installed."""
    verified = read_verified()
    return {
        each.path: _observe(family, each, packages[each.package].version, verified.get(each.path))
        for each in programs
        if each.package in packages and packages[each.package].version
    }


def read_verified() -> Dict[str, ProgramVerified]:
    """Read which files an earlier run has verified; a damaged record names none."""
    try:
        programs = json.loads(read_text(VERIFIED))["programs"]
        return {
            str(path): ProgramVerified(str(each["identity"]), str(each["version"]))
            for path, each in programs.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _observe(
    family: str, program: PackagedProgram, version: str, verified: Optional[ProgramVerified]
) -> ProgramObserved:
    try:
        status = os.lstat(program.path)
    except (FileNotFoundError, NotADirectoryError):
        return ProgramObserved(diverted=_diverted(family, program.path))
    except OSError as error:
        return ProgramObserved("other", unknown=str(error.strerror))
    seen = ProgramObserved(
        kind=kind_of(status.st_mode),
        mode=stat.S_IMODE(status.st_mode),
        owner=status.st_uid,
        identity=_identity(status),
        diverted=_diverted(family, program.path),
    )
    if seen.kind != "file":
        return seen
    if verified == ProgramVerified(seen.identity, version):
        return seen._replace(installed="verified", found="verified")
    try:
        algorithm, installed = _installed(family, program)
        return seen._replace(installed=installed, found=_digest(algorithm, program.path))
    except (OSError, ValueError, command.CommandFailed) as error:
        return seen._replace(unknown=str(error))


def _identity(status: os.stat_result) -> str:
    # A device may have another number after every boot.
    return "%d:%d:%d:%d" % (
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _installed(family: str, program: PackagedProgram) -> Tuple[str, str]:
    """Give a file's digest in the package database, and its algorithm.

    :raises ValueError: where the database has no digest.
    """
    if family == "deb":
        lists = glob.glob("%s/info/%s.md5sums" % (_DPKG, program.package))
        lists += glob.glob("%s/info/%s:*.md5sums" % (_DPKG, program.package))
        for line in "".join(read_text(path) for path in lists).splitlines():
            digest, _blank, name = line.partition(" ")
            if "/" + name.strip() == program.path:
                return "md5", digest
    else:
        argv = ["rpm", "-q", "--qf", "%{FILEDIGESTALGO}\n[%{FILENAMES}\t%{FILEDIGESTS}\n]"]
        # Run as root even a query writes the database's shared-memory index.
        output = command.read(argv + [program.package], as_nobody=True)
        if output.status:
            output = command.read(argv + [program.package])
        algorithm, _end, lines = output.stdout.partition("\n")
        for line in lines.splitlines():
            name, _tab, digest = line.partition("\t")
            if name == program.path and digest:
                # rpm names no algorithm for the first one that it used (rpm, FILEDIGESTALGO).
                return _ALGORITHMS.get(algorithm, "md5"), digest
    raise ValueError("the package database has no digest of it")


def _digest(algorithm: str, path: str) -> str:
    """Compute a file's digest.

    :raises ValueError: where this host does not offer the algorithm (FIPS).
    """
    whole = hashlib.new(algorithm)
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            whole.update(part)
    return whole.hexdigest()


def _diverted(family: str, path: str) -> str:
    """Give the path to which dpkg-divert(1) diverts the package's file; empty for no diversion.

    The file has three lines for each: the path, the new path, the package whose file stays.
    """
    lines = read_text(_DPKG + "/diversions").splitlines() if family == "deb" else []
    for name, elsewhere, _package in zip(lines[::3], lines[1::3], lines[2::3]):
        if name == path:
            return elsewhere
    return ""
