# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check folders in a daemon.json: Docker cannot keep its data in some, and would spoil others.

dockerd gives its data-root the mode 0710 and itself as owner (moby, daemon/daemon_unix.go,
setupDaemonRoot), so a folder of the system would be closed to everybody but root.
"""

import posixpath
import re

from ...words.difference import Refusal
from ...words.paths import CONTAINERD_ROOT, DAEMON_JSON, STATE_FOLDER
from ...words.tables.daemon_defaults import DAEMON_DEFAULTS
from ...words.tables.daemon_options import Version
from ..daemon.document import Document
from ..daemon.meaning import tidy_path
from ..storage.units import is_under
from .circumstances import Circumstances, Found, spoken_version
from .refusals import is_foreign, place_of, wrong_value

_WANTED = {
    "data-root": "a folder of its own, such as /var/lib/docker",
    "graph": "a folder of its own, such as /var/lib/docker",
    "exec-root": "a folder of its own below /run, such as /run/docker",
    "pidfile": "a file in a folder that is there, such as /run/docker.pid",
}
_ROOTS = ("data-root", "graph")
# The kernel's own trees, which are no place for files.
_KERNELS_OWN = ("/proc", "/sys")
# Emptied by a boot, or cleared of old files by systemd-tmpfiles (file-hierarchy(7), tmpfiles.d(5)).
_EMPTIED = ("/dev", "/run", "/tmp", "/var/tmp")  # noqa: S108 - they are named, not used
# Everybody on the host goes through these (hier(7)).
_OF_THE_SYSTEM = frozenset(
    (
        "/",
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/lib32",
        "/lib64",
        "/libx32",
        "/opt",
        "/root",
        "/run",
        "/sbin",
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/usr/lib64",
        "/usr/libexec",
        "/usr/local",
        "/usr/local/bin",
        "/usr/local/lib",
        "/usr/local/sbin",
        "/usr/sbin",
        "/usr/share",
        "/var",
        "/var/cache",
        "/var/lib",
        "/var/log",
        "/var/spool",
    )
)
# What is below these comes from packages, or is the host's configuration.
_OF_PACKAGES = ("/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/sbin", "/usr")
# The owners of these folders, and of the folders in them.
_OF_OTHERS = {CONTAINERD_ROOT: "containerd", STATE_FOLDER: "Dockwright"}
# A socket's name has at most 107 bytes (unix(7)), and dockerd has one in exec-root (moby,
# libnetwork/sandbox_externalkey_unix.go).
_LONGEST = 107 - len("/libnetwork/0123456789ab.sock")
# Since this version its own database accepts a comma in its path (moby, libkv).
_FIRST_WITH_COMMAS: Version = (26,)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_paths(document: Document, known: Circumstances) -> Found:
    """Give all that is wrong with the places of Docker's folders."""
    for key in _WANTED:
        value = document.get(key)
        told = _complaint(key, value, is_foreign(known, (key,))) if value else ""
        is_old = bool(known.version) and known.version < _FIRST_WITH_COMMAS
        if value and key in _ROOTS and "," in value and is_old:
            told = "before %s dockerd takes no comma in it" % spoken_version(_FIRST_WITH_COMMAS)
        told = told or (_why_another_kind(key, value, known) if value else "")
        if told:
            yield wrong_value(known, (key,), value, told, _WANTED[key])
    root, execution = (_place(document, key) for key in ("data-root", "exec-root"))
    is_ours = any(key in document and not is_foreign(known, (key,)) for key in _WANTED)
    if root == execution and is_ours:
        key = "exec-root" if "exec-root" in document else "data-root"
        told = "it is %s as well, and what dockerd removes would lie beside what is to last" % (
            "data-root" if key == "exec-root" else "exec-root"
        )
        yield wrong_value(known, (key,), document[key], told, _WANTED[key])
    if "graph" in document and "data-root" in document:
        told = (
            "%s: graph and data-root are two names of one thing, and both are there." % DAEMON_JSON
        )
        yield (
            "/graph",
            Refusal(found=told, remedy="Take graph out of %s." % place_of(known, ("graph",))),
        )


def _why_another_kind(key: str, value: str, known: Circumstances) -> str:
    """Say that something else has this name, with which dockerd does not start."""
    there = known.named_files.files.get(value)
    kind = there.kind if there is not None else "absent"
    if key == "pidfile":
        return "it is a folder" if kind == "directory" else ""
    return "it is a file, and no folder" if kind in ("file", "other") else ""


def _place(document: Document, key: str) -> str:
    value = document.get(key) or (document.get("graph") if key == "data-root" else None)
    return tidy_path(str(value or DAEMON_DEFAULTS[key]))


def _complaint(key: str, value: str, foreign: bool) -> str:
    """Say why a path cannot be used; what somebody else serves with is left to him."""
    if not value.startswith("/"):
        # 20.10 starts with one for its PID file, wherever it was started.
        return "" if foreign and key == "pidfile" else "it is no absolute path"
    # The kernel decides where ``..`` leads to; the path that it names is judged.
    place = posixpath.normpath(tidy_path(value))
    if key == "pidfile":
        return "it ends with a slash, and so names a folder" if value.endswith("/") else ""
    if key == "exec-root" and len(place.encode("utf-8", "surrogatepass")) > _LONGEST:
        return "the sockets in it would have longer names than the kernel takes"
    kernels = [each for each in _KERNELS_OWN if is_under(place, each)]
    if kernels:
        return "%s is the kernel's, and keeps no files" % kernels[0]
    if foreign:
        return ""
    if value != value.strip() or _CONTROL.search(value):
        return "it begins or ends with a blank, or has a control character in it"
    if place in _OF_THE_SYSTEM:
        closed = ", which dockerd would close to everybody but root" if key in _ROOTS else ""
        return "it is a folder of the system" + closed
    below = [each for each in _OF_PACKAGES if is_under(place, each)]
    if below and not is_under(place, "/usr/local"):
        return "what is below %s is the system's" % below[0]
    others = [owner for folder, owner in _OF_OTHERS.items() if is_under(place, folder)]
    if others:
        return "it is %s's own folder" % others[0]
    emptied = [each for each in _EMPTIED if key in _ROOTS and is_under(place, each)]
    if emptied:
        return (
            "what is in %s does not last, and with it would go images, containers and volumes"
            % (emptied[0])
        )
    return ""
