# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find out what a file or a device is used for, by low-level probing (blkid(8), -p)."""

import re
from typing import Dict

from ansible_collections.dockwright.host.plugins.module_utils.observation import SignatureObserved
from ansible_collections.dockwright.host.plugins.module_utils.observers import command


def observe_signature(path: str) -> SignatureObserved:
    """Probe a regular file or a block device; blkid's cache is neither read nor written."""
    try:
        return parse_blkid(command.read(["blkid", "-p", "-o", "export", path]))
    except command.CommandFailed as failed:
        return SignatureObserved(unreadable=str(failed))


def parse_blkid(output: command.Output) -> SignatureObserved:
    """Read how blkid ended and what it has found."""
    if output.status == 2 and not output.stderr.strip():
        return SignatureObserved()
    if output.status == 8:
        return SignatureObserved("several signatures")
    if output.status:
        told = output.stderr.strip() or "it ended with status %d" % output.status
        return SignatureObserved(unreadable=re.sub("^blkid: (?:error: )?", "blkid: ", told))
    values: Dict[str, str] = {}
    for line in output.stdout.splitlines():
        key, _equals, value = line.partition("=")
        # Unsafe letters have a backslash before them.
        values[key] = re.sub(r"\\(.)", r"\1", value)
    table = values.get("PTTYPE")
    found = values.get("TYPE") or ("partition table (%s)" % table if table else "")
    return SignatureObserved(found, values.get("UUID", ""), values.get("LABEL", ""))
