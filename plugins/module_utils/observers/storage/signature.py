# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find out what a file or a device is used for, by low-level probing (blkid(8), -p)."""

import re
from typing import Match

from ...words.observations.storage import SignatureObserved
from ..host import command

SEVERAL = "several signatures"
# blkid writes bytes beyond plain ASCII as M-^X or M-x, and a backslash before shell characters.
_WRITTEN = re.compile(r"M-\^(.)|M-\\?(.)|\\(.)")


def observe_signature(path: str) -> SignatureObserved:
    """Probe a regular file or a block device, without reading or writing blkid's cache."""
    try:
        found = parse_blkid(command.read(["blkid", "-p", "-o", "export", path]))
        if found != SignatureObserved():
            return found
        # blkid 2.41 has one exit status for nothing, several signatures and a read error.
        return parse_wipefs(command.read(["wipefs", "--noheadings", "--output", "TYPE", path]))
    except command.CommandFailed as failed:
        return SignatureObserved(unreadable=str(failed))


def parse_blkid(output: command.Output) -> SignatureObserved:
    """Read blkid's exit status and its findings."""
    if output.status == 8:
        return SignatureObserved(SEVERAL)
    if output.status not in (0, 2) or (output.status and output.stderr.strip()):
        return SignatureObserved(unreadable=_failure("blkid", output))
    values = dict(line.partition("=")[::2] for line in output.stdout.splitlines())
    found, table = values.get("TYPE", ""), values.get("PTTYPE", "")
    if table:
        found = SEVERAL if found else "partition table (%s)" % table
    return SignatureObserved(
        type=found, uuid=_unescape(values.get("UUID", "")), label=_unescape(values.get("LABEL", ""))
    )


def parse_wipefs(output: command.Output) -> SignatureObserved:
    """Read the list of wipefs(8): a line for each signature, none where there is none."""
    if output.status:
        return SignatureObserved(unreadable=_failure("wipefs", output))
    types = sorted({line.strip() for line in output.stdout.splitlines() if line.strip()})
    return SignatureObserved(types[0] if len(types) == 1 else SEVERAL if types else "")


def _failure(program: str, output: command.Output) -> str:
    told = output.stderr.strip().replace("error: ", "")
    return told or "%s ended with status %d" % (program, output.status)


def _unescape(value: str) -> str:
    try:
        return _WRITTEN.sub(_letter, value).encode("latin-1").decode("utf-8")
    except UnicodeError:
        # The label itself contains an M-.
        return re.sub(r"\\(.)", r"\1", value)


def _letter(written: Match[str]) -> str:
    control, high, plain = written.groups()
    if plain:
        return str(plain)
    return chr((ord(control) ^ 0x40 if control else ord(high)) | 0x80)
