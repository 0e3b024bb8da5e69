# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check cgroup-parent against the cgroup driver: systemd's takes only slices.

dockerd does not start with anything else (moby, daemon/daemon_unix.go, verifyDaemonSettings), and
runc starts no container in a slice whose name systemd would refuse (libcontainer/cgroups/systemd,
ExpandSlice). With cgroupfs any name is allowed.
"""

import re
from typing import Sequence

from ...words.observations.host import Observation
from ...words.tables.daemon_options import Version
from ..daemon.document import Document
from .circumstances import Circumstances, Found
from .refusals import refuse, wrong_value

CGROUPS = "/sys/fs/cgroup"
_OPTION = "native.cgroupdriver"
_SYSTEMD = "systemd"
# Since this version the last of several counts, before it the first (moby, parseExecOptions).
_FIRST_BY_THE_LAST: Version = (28,)
# The type of the filesystem at CGROUPS if only version 2 is there (cgroups(7)).
_UNIFIED = "cgroup2"
# Each dash leads one slice deeper, so there is a name on both sides of it (systemd.slice(5)).
_SLICE = re.compile(r"^(?:-|[^/\s-]+(?:-[^/\s-]+)*)\.slice$")


def check_cgroups(document: Document, known: Circumstances) -> Found:
    """Refuse a parent that is no valid slice, if systemd makes the cgroups."""
    of_flag = (known.flags.get("cgroup-parent") or [""])[-1]
    parent = document.get("cgroup-parent") or of_flag
    if not parent or _driver(document, known) != _SYSTEMD or _SLICE.match(parent):
        return
    if document.get("cgroup-parent"):
        told = "it is no slice, and the daemon's cgroup driver is systemd, which takes slices alone"
        yield wrong_value(known, ("cgroup-parent",), parent, told, "a name such as docker.slice")
    elif _named(document.get("exec-opts") or ()):
        told = "says that systemd makes the cgroups, and --cgroup-parent %s in %s is no slice" % (
            parent,
            known.flags_source,
        )
        yield refuse(known, ("exec-opts",), told, "wants a slice there, such as docker.slice")


def default_driver(live: Document, observed: Observation) -> str:
    """Give the driver that dockerd takes by default; empty where nobody can tell.

    On cgroup v2 it is systemd's, on v1 cgroupfs; a running daemon without one set tells it.
    """
    carrier = observed.carriers.get(CGROUPS)
    if carrier is not None and carrier.type:
        return _SYSTEMD if carrier.type == _UNIFIED else "cgroupfs"
    options = live.get("exec-opts")
    told = observed.daemon.settings.get("exec-opts") if observed.daemon is not None else None
    return "" if isinstance(options, list) and options else _named(told or ())


def _driver(document: Document, known: Circumstances) -> str:
    """Give the driver of the next start; empty where nobody can tell."""
    said = document.get("exec-opts") or known.flags.get("exec-opts") or ()
    is_old = bool(known.version) and known.version < _FIRST_BY_THE_LAST
    return _named(said[::-1] if is_old else said) or known.cgroup_driver


def _named(options: Sequence[str]) -> str:
    found = ""
    for option in options:
        name, _equals, value = option.partition("=")
        if name.strip().lower() == _OPTION:
            found = value.strip()
    return found
