# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which containers run without asking the daemon: each has a shim, a process of containerd's.

A shim lives as long as its container does, whether a daemon is there or not.
"""

import json
import os
from typing import Dict, List, Sequence

from ansible_collections.dockwright.host.plugins.module_utils.listening_observation import Shims
from ansible_collections.dockwright.host.plugins.module_utils.observers.files import read_text
from ansible_collections.dockwright.host.plugins.module_utils.observers.processes import (
    namespace,
    read_processes,
)

_PROGRAM = "containerd-shim"
# moby, pkg/stringid: what a container without a name is told by.
_SHORT_ID = 12


def observe_shims(data_root: str, proc: str = "/proc") -> Shims:
    """Name the containers that run, as the data-root names them, by containerd's namespace.

    What runs inside a container has containers of its own: those are left out by their PID
    namespace (pid_namespaces(7)).
    """
    found: Dict[str, List[str]] = {}
    own = namespace(1, "pid", proc)
    for process in read_processes(proc):
        words = process.arguments
        # A runtime of somebody's own may have a shim of any name, called in the same way.
        is_called_so = _after(words, "-namespace") and _after(words, "-address")
        if _PROGRAM not in os.path.basename(process.program or words[0]) and not is_called_so:
            continue
        identity = _after(words, "-id") or os.path.basename(_after(words, "-workdir"))
        inside = own and namespace(process.pid, "pid", proc) not in ("", own)
        if not identity or inside:
            continue
        names = found.setdefault(_after(words, "-namespace"), [])
        names.append(_name_of(identity, data_root))
    return {space: tuple(sorted(set(names))) for space, names in found.items()}


def _after(words: Sequence[str], flag: str) -> str:
    """Give the word after a flag, which Go's programs take with one dash or with two."""
    for place, word in enumerate(words[:-1]):
        if word in (flag, "-" + flag):
            return words[place + 1]
    return ""


def _name_of(identity: str, data_root: str) -> str:
    """Give the name of a container; its id where the data-root does not tell (moby, container)."""
    path = os.path.join(data_root, "containers", identity, "config.v2.json")
    try:
        return str(json.loads(read_text(path))["Name"]).lstrip("/")
    except (ValueError, KeyError, TypeError):
        return identity[:_SHORT_ID]
