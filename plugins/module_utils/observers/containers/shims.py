# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See which containers run without asking the daemon: each has a shim, a process of containerd.

A shim lives as long as its container, whether a daemon is there or not.
"""

import json
import os
import re
from typing import Dict, List, Sequence

from ...words.observations.docker.containers import ShimObserved
from ...words.observations.docker.listening import Shims
from ..host.files import read_text
from ..host.processes import namespace, read_processes

_PROGRAM = "containerd-shim"
# The daemon names a container without a name by the start of its id (moby, pkg/stringid).
SHORT_ID = 12


def observe_shims(data_root: str, proc: str = "/proc") -> Shims:
    """Name the running containers by containerd's namespace, with the names of the data-root."""
    found: Dict[str, List[str]] = {}
    for shim in read_shims(proc):
        found.setdefault(shim.namespace, []).append(name_of(shim.identity, data_root))
    return {space: tuple(sorted(set(names))) for space, names in found.items()}


def read_shims(proc: str = "/proc") -> List[ShimObserved]:
    """Give every shim.

    Containers that run inside a container are left out by their PID namespace (pid_namespaces(7)).
    """
    own = namespace(1, "pid", proc)
    everything = list(read_processes(proc))
    children: Dict[int, int] = {}
    for process in everything:
        children.setdefault(process.parent, process.pid)
    found = []
    for process in everything:
        words = process.arguments
        # Another runtime may have a shim of any name, with the same arguments.
        is_called_so = _after(words, "-namespace") and _after(words, "-address")
        if _PROGRAM not in os.path.basename(process.program or words[0]) and not is_called_so:
            continue
        folder = _after(words, "-workdir")
        identity = _after(words, "-id") or os.path.basename(folder)
        inside = own and namespace(process.pid, "pid", proc) not in ("", own)
        if not identity or inside:
            continue
        found.append(
            ShimObserved(
                pid=process.pid,
                began=process.began,
                namespace=_after(words, "-namespace"),
                address=_after(words, "-address"),
                identity=identity,
                bundle="%s/%d/cwd" % (proc, process.pid),
                process=children.get(process.pid, 0),
            )
        )
    return found


def made_in(shim: ShimObserved) -> str:
    """Give the data-root in which Docker made a container; empty where nobody can tell.

    Docker mounts files of the container's folder into it (moby, daemon/container_operations_unix).
    """
    text = read_text(os.path.join(shim.bundle, "config.json"))
    # A container that shares another one's network has that one's files mounted.
    for identity in (re.escape(shim.identity), "[0-9a-f]{64}"):
        told = re.search(r'"(/[^"]*)/containers/%s/' % identity, text)
        if told:
            return told.group(1)
    return ""


def _after(words: Sequence[str], flag: str) -> str:
    """Give the word after a flag, which Go's programs take with one dash or two."""
    for place, word in enumerate(words[:-1]):
        if word in (flag, "-" + flag):
            return words[place + 1]
    return ""


def name_of(identity: str, data_root: str) -> str:
    """Give a container's name, or its id where the data-root has no name (moby, container)."""
    path = os.path.join(data_root, "containers", identity, "config.v2.json")
    try:
        return str(json.loads(read_text(path))["Name"]).lstrip("/")
    except (ValueError, KeyError, TypeError):
        return identity[:SHORT_ID]
