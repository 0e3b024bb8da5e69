# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Name every trusted path that others than root can change, and the folders on the way to it.

Whoever can write to a folder can replace a file in it, whatever that file's mode. Docker's paths
and ours are mended; the system's are named with a cure.
"""

import re
from typing import Iterator, List

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.declared import declare_anywhere
from ...words.difference import Difference
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.docker.access import AccessLook, PathObserved
from ...words.observations.host import FileObserved, Look, Observation
from ...words.paths import (
    CONTAINERD_CONFIG,
    CONTAINERD_ROOT,
    CONTAINERD_SOCKET,
    DAEMON_JSON,
    DATA_ROOT,
    DOCKER_SOCKET,
    REGISTRY_CERTIFICATES,
    RESTORE_UNIT,
    SAVED_SET,
    STATE_FOLDER,
)
from ..listening.docker_socket import SOCKET_FILES, SOCKET_GLOBS
from ..units.docker_unit import DROP_IN_GLOBS, UNIT_FILES
from ..units.drop_in import is_ours

ROLE = "docker_activation"
TRUSTED_DECLARED = declare_anywhere(
    resource=resources.ACCESS_PATH, role=ROLE, wanted="written by root alone"
)
_EXPECTED = "owner root, written by root alone"
_OTHERS_WRITE, _GROUP_WRITES, _STICKY, _LENDS = 0o002, 0o020, 0o1000, 0o6000
_PATHS = (
    "/etc/docker/plugins",
    REGISTRY_CERTIFICATES,
    "/etc/systemd/system/docker.service.d",
    "/etc/systemd/system/docker.socket.d",
    "/etc/systemd/system/containerd.service",
    "/etc/systemd/system/containerd.service.d",
    "/etc/systemd/system/docker.service.wants",
    RESTORE_UNIT,
    "/usr/lib/systemd/system/docker.service",
    "/usr/lib/systemd/system/docker.socket",
    "/usr/lib/systemd/system/containerd.service",
    "/run/systemd/system",
    CONTAINERD_CONFIG,
    "/etc/cdi",
    "/usr/bin/docker",
    "/usr/bin/dockerd",
    "/usr/bin/containerd",
    "/usr/bin/containerd-shim-runc-v2",
    "/usr/bin/docker-init",
    "/usr/bin/docker-proxy",
    "/usr/bin/runc",
    "/usr/lib/docker/plugins",
    DATA_ROOT,
    CONTAINERD_ROOT,
    STATE_FOLDER,
    CONTAINERD_SOCKET,
    "/run/docker/plugins",
    "/run/dockwright",
    "/etc/apt/keyrings",
    "/etc/apt/sources.list.d",
    "/etc/yum.repos.d",
    "/etc/passwd",
    "/etc/group",
    "/etc/gshadow",
)
_GLOBS = (
    "/etc/docker/plugins/*",
    "/etc/docker/certs.d/*",
    "/etc/docker/certs.d/*/*",
    "/etc/systemd/system/docker.service.d/*",
    "/etc/systemd/system/docker.socket.d/*",
    "/etc/systemd/system/containerd.service.d/*",
    "/run/systemd/system/docker.service.d/*",
    "/run/systemd/system/docker.socket.d/*",
    STATE_FOLDER + "/*",
    SAVED_SET + "/*",
)
# Docker's own and ours: there is no reason to give them to anybody else.
_DOCKERS = re.compile(
    r"^(?:/etc/docker|/var/lib/dockwright|/run/dockwright|/var/lib/docker|/var/lib/containerd"
    r"|/run/docker|/run/containerd|/etc/containerd|/etc/cdi|/usr/lib/docker|/usr/libexec/docker"
    r"|/usr/bin/(?:dockerd|docker|docker-init|docker-proxy|containerd|containerd-shim[^/]*|runc)"
    r"|/(?:etc|run|usr/lib|lib|usr/local/lib)/systemd/system/(?:docker|containerd|dockwright-restore)"
    r"\.(?:service|socket)(?:\.d|\.wants)?)(?:/|$)"
)
# Files whose mode and owner another role compares.
_COMPARED = (DAEMON_JSON, DOCKER_SOCKET)
# A mask leads to a file that everybody can write, and that says nothing (null(4)).
_NOTHING = "/dev/null"
# Debian gives these folders to a group of its own, which has no members (base-files).
_STAFF = re.compile(r"^/usr/local(/|$)")


def look_at_access(declaration: Declaration) -> Look:
    """Say what to look at for the plan of the ways to the daemon and of trusted paths."""
    file = declaration.storage.file
    folder = (file.rpartition("/")[0],) if file else ()
    return Look(
        files=(DAEMON_JSON, DOCKER_SOCKET, CONTAINERD_CONFIG) + UNIT_FILES + SOCKET_FILES,
        globs=DROP_IN_GLOBS + SOCKET_GLOBS,
        access=AccessLook(DOCKER_SERVICE, _PATHS + folder + (DAEMON_JSON, DOCKER_SOCKET), _GLOBS),
    )


def plan_trusted_paths(observed: Observation) -> Iterator[Difference]:
    """Name each path that others can change, first those on the way to others."""
    paths = observed.access.paths if observed.access is not None else {}
    for path, seen in paths.items():
        # A link to a file that is compared leads to one that is compared, too.
        compared = path in _COMPARED or (seen.leads_to in _COMPARED and seen.kind != "directory")
        compared = compared or is_ours(observed.files.get(path, FileObserved()))
        if compared or not is_loose(path, seen):
            continue
        if is_distrusted(path):
            sentence = "remove %s, which others than root could have written (%s)"
            yield _difference(path, seen, sentence % (path, spoken(seen)))
        elif _DOCKERS.match(path) and is_writable(path, seen):
            sentence = (
                "give %s back to root alone: others could have changed it, so look into it (%s)"
            )
            yield _difference(path, seen, sentence % (path, spoken(seen)))
        elif _DOCKERS.match(path):
            sentence = (
                "take the set-user-ID and set-group-ID bits from %s, with which anybody runs it as "
                "its owner or its group (%s)"
            )
            yield _difference(path, seen, sentence % (path, spoken(seen)))
        else:
            yield _difference(path, seen, _reported(path, seen))._replace(only_reported=True)


def is_loose(path: str, seen: PathObserved) -> bool:
    """Whether others than root can change it, or a program of Docker's passes on its rights.

    A client that is setgid docker admits everybody, and so does one that is setuid root.
    """
    lends = seen.kind == "file" and bool(seen.mode & _LENDS) and bool(_DOCKERS.match(path))
    return lends or is_writable(path, seen)


def is_writable(path: str, seen: PathObserved) -> bool:
    """Whether others than root can change it; a link can only be changed in its folder."""
    if seen.kind == "link" or path == _NOTHING:
        return False
    by_group = bool(seen.mode & _GROUP_WRITES and seen.group)
    if by_group and _STAFF.match(path) and seen.group_name == "staff" and not seen.has_members:
        by_group = False
    others = bool(seen.mode & _OTHERS_WRITE)
    return bool(seen.owner or others or by_group or seen.writers or seen.heirs)


def is_distrusted(path: str) -> bool:
    """Whether a file here is not believed once others could have written it."""
    return path.startswith(STATE_FOLDER + "/")


def spoken(seen: PathObserved) -> str:
    """Write mode and owner, and whom an access control list lets write."""
    told = "mode %04o, owner %s:%s" % (seen.mode, seen.owner_name, seen.group_name)
    if seen.writers:
        told += ", and %s may write" % ", ".join(seen.writers)
    if seen.heirs:
        told += ", and %s may write what is made in it" % ", ".join(seen.heirs)
    return told


def _reported(path: str, seen: PathObserved) -> str:
    told = "others than root can change %s (%s)" % (path, spoken(seen))
    if seen.leads_to and seen.leads_to != path:
        told += ", which is on the way to %s" % seen.leads_to
    if seen.mode & _STICKY and not seen.owner:
        return "%s. Put that elsewhere; no run does." % told
    cures = " and ".join(_cures(path, seen))
    if seen.owner and seen.leads_to != path:
        return "%s. %s mends it, or put that elsewhere; no run does." % (told, cures)
    return "%s. %s mends it; no run does." % (told, cures)


def _cures(path: str, seen: PathObserved) -> List[str]:
    found = []
    if seen.owner:
        found.append("`chown root:root %s`" % path)
    if seen.writers:
        found.append("`setfacl --remove-all %s`" % path)
    if seen.heirs:
        found.append("`setfacl --remove-default %s`" % path)
    if seen.mode & (_OTHERS_WRITE | (_GROUP_WRITES if seen.group else 0)):
        found.append("`chmod go-w %s`" % path)
    return found


def _difference(path: str, seen: PathObserved, sentence: str) -> Difference:
    return Difference(
        resource=resources.ACCESS_PATH,
        role=ROLE,
        path=path,
        expected=_EXPECTED,
        actual=spoken(seen),
        impact=impacts.NONE,
        sentence=sentence,
    )
