# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Name daemons that are not docker.service's, and refuse a start beside one in its way."""

import posixpath
from typing import Iterator, List, NamedTuple, Sequence, Tuple

from ...words import impacts, resources
from ...words.declarations.host import Declaration
from ...words.declared import declare_anywhere
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.docker.daemons import (
    BINARY,
    CONTAINER,
    CONTAINERD,
    DESKTOP,
    DOCKERD,
    OTHER,
    ROOTLESS,
    SNAP,
    DaemonsObserved,
    HeldObserved,
    InstalledDockerObserved,
    OtherDaemonObserved,
)
from ...words.observations.host import FileObserved, Observation, UnitObserved
from ...words.paths import (
    CONTAINERD_ROOT,
    CONTAINERD_SOCKET,
    DAEMON_JSON,
    DATA_ROOT,
    DOCKER_PID_FILE,
    DOCKER_SOCKET,
)
from ..containers.stop import ALLOW_STOP
from ..daemon.document import Document, NotADocument, read_document
from ..storage.units import is_under

_SOCKET, _PID_FILE, _ROOT = DOCKER_SOCKET, DOCKER_PID_FILE, DATA_ROOT
_RUNTIME_SOCKET, _RUNTIME_ROOT = CONTAINERD_SOCKET, CONTAINERD_ROOT
_NAMED = 10


class Needs(NamedTuple):
    """What docker.service must have for itself, by path."""

    sockets: Tuple[str, ...]
    roots: Tuple[str, ...]
    pid_file: str


def plan_other_daemons(declaration: Declaration, observed: Observation, role: str) -> Plan:
    """Plan what is to be done about other daemons; mostly they are only named."""
    daemons = observed.daemons
    needs = _needs(declaration, observed)
    differences: List[Difference] = []
    notes: List[str] = []
    warnings: List[str] = []
    # A warning is for hosts on which nothing of ours runs yet; else a note is enough.
    beside = notes if _is_active(observed, DOCKER_SERVICE) else warnings
    for each in daemons.running:
        things = in_the_way(each, needs)
        if things:
            allowed = declaration.activation.allow_container_stop
            differences.append(_difference(each, things, allowed, role))
        elif each.kind != DOCKERD or each.place == CONTAINER:
            continue
        elif each.place in ("", ROOTLESS):
            beside.append(_running_note(each))
        else:
            notes.append(_running_note(each))
    notes.extend(_container_note(daemons))
    named = {name for each in daemons.running for name in (each.unit, each.program)}
    for installed in daemons.installed:
        if (installed.unit or installed.path) in named:
            continue
        things = _installed_in_the_way(installed, needs)
        if things:
            differences.append(_installed_difference(installed, things, role))
        elif installed.kind == BINARY:
            seen = warnings if _runs(installed, observed) else beside
            seen.append(_binary_note(installed, observed))
        else:
            notes.append(_installed_note(installed))
    declared = (
        declare_anywhere(
            resource=resources.SERVICE_OTHER_DAEMON, role=role, wanted="none in the way"
        ),
    )
    return Plan(
        differences=tuple(differences),
        declared=declared,
        notes=tuple(notes),
        warnings=tuple(warnings),
    )


def in_the_way(other: OtherDaemonObserved, needs: Needs) -> List[str]:
    """Name what it holds that docker.service or containerd.service needs for itself."""
    sockets, roots = needs.sockets, needs.roots
    if other.kind == CONTAINERD:
        sockets, roots = (_RUNTIME_SOCKET,), (_RUNTIME_ROOT,)
    has_pid_file = other.has_pid_file and other.pid_file == needs.pid_file
    if other.place:
        # Its paths belong to its own namespace or user, but a PID file can name any of the host's
        # PIDs.
        return [needs.pid_file] if has_pid_file and other.kind == OTHER else []
    things = [path for path in other.sockets if path in sockets]
    things.extend([needs.pid_file] if has_pid_file else [])
    is_ours = other.data_root in roots or (other.has_own_root and other.kind == DOCKERD)
    things.extend([other.data_root] if is_ours else [])
    return things


def at_work_in(folder: str, observed: Observation) -> List[OtherDaemonObserved]:
    """Give the other daemons that keep their data in a folder of the host."""
    root = observed.daemons.own_root
    return [
        each
        for each in observed.daemons.running
        if each.kind != OTHER
        and each.place != CONTAINER
        and (is_under(each.data_root, folder) or (each.has_own_root and is_under(root, folder)))
    ]


def stopped_by_consent(plan: Plan, observed: Observation) -> Iterator[OtherDaemonObserved]:
    """Give the daemons that a run stops by this plan."""
    paths = {
        each.path
        for each in plan.of_resource(resources.SERVICE_OTHER_DAEMON)
        if each.refusal is None
    }
    return (each for each in observed.daemons.running if _path(each) in paths)


def _needs(declaration: Declaration, observed: Observation) -> Needs:
    """Give what docker.service uses, by the live daemon.json, and what it will use."""
    try:
        live = read_document(observed.files.get(DAEMON_JSON, FileObserved()).text)
    except NotADocument:
        live = {}
    documents: Tuple[Document, ...] = (live, declaration.daemon.config)
    told = [each.get(key) for each in documents for key in ("data-root", "graph")]
    roots = [str(each) for each in told if each]
    # If a data-root is configured, the built-in one does not count.
    roots = roots or [_ROOT]
    roots.extend([observed.daemons.own_root] if observed.daemons.own_root else [])
    hosts = [host for each in documents for host in (each.get("hosts") or ())]
    sockets = [str(host)[len("unix://") :] for host in hosts if str(host)[:7] == "unix://"]
    pid_file = [str(each["pidfile"]) for each in documents if each.get("pidfile")]
    return Needs(
        tuple(_spelt(path) for path in [_SOCKET] + sockets),
        tuple(dict.fromkeys(posixpath.normpath(path) for path in roots)),
        _spelt((pid_file or [_PID_FILE])[0]),
    )


def _difference(
    other: OtherDaemonObserved, things: Sequence[str], allowed: bool, role: str
) -> Difference:
    found = "%s has %s, which %s needs." % (who(other), _list(things), _needing(other))
    is_named_alone = other.kind == OTHER and other.has_pid_file and len(things) == 1
    if is_named_alone:
        found = "%s names PID %d, which is %s: no dockerd starts while that process runs." % (
            things[0],
            other.pid,
            other.program,
        )
        refusal = Refusal(
            found=found, remedy="Remove %s if it is no daemon's, and run again." % things[0]
        )
    elif other.kind == OTHER:
        refusal = Refusal(
            found=found, remedy="Stop it with `%s`, and run again." % stop_command(other)
        )
    else:
        refusal = Refusal(
            found=" ".join([found] + _held(other)),
            remedy="%sStop it with `%s` and run again, or set %s to have the run %s."
            % (_of_snap(other), stop_command(other), ALLOW_STOP, _deed(other)),
            consent=ALLOW_STOP,
        )
    sentence = "stop %s, which has %s" % (_name(other), _list(things))
    if is_named_alone:
        sentence = "%s names %s, which is no dockerd" % (things[0], _name(other))
    return Difference(
        resource=resources.SERVICE_OTHER_DAEMON,
        role=role,
        path=things[0] if is_named_alone else _path(other),
        expected="nobody else has %s" % _list(things),
        actual=" ".join(["%s has it." % who(other)] + _held(other)),
        impact=impacts.RESTART,
        sentence=sentence,
        refusal=None if allowed and refusal.consent else refusal,
    )


def _installed_difference(
    installed: InstalledDockerObserved, things: Sequence[str], role: str
) -> Difference:
    what = _installed_name(installed)
    found = "%s starts with the host and takes %s, which %s needs." % (
        what,
        _list(things),
        DOCKER_SERVICE,
    )
    keeps = _kept(installed.data_root, installed.held)
    remedy = "Run `systemctl disable %s` and run again." % installed.unit
    if installed.kind == SNAP:
        remedy = "%sRun `snap stop --disable docker` and run again." % _SNAP_REMEDY
    return Difference(
        resource=resources.SERVICE_OTHER_DAEMON,
        role=role,
        path=installed.unit,
        expected="does not start with the host",
        actual="starts with the host",
        impact=impacts.NONE,
        sentence="%s starts with the host, in the way of %s" % (installed.unit, DOCKER_SERVICE),
        refusal=Refusal(found=" ".join([found] + keeps), remedy=remedy),
    )


def _installed_in_the_way(installed: InstalledDockerObserved, needs: Needs) -> List[str]:
    if not installed.is_enabled:
        return []
    things = [path for path in installed.sockets if path in needs.sockets]
    things.extend([needs.pid_file] if _spelt(installed.pid_file) == needs.pid_file else [])
    things.extend([installed.data_root] if installed.data_root in needs.roots else [])
    return things


def _running_note(other: OtherDaemonObserved) -> str:
    what = "a Docker daemon that is not of %s" % DOCKER_SERVICE
    if other.place == ROOTLESS:
        what = "a rootless Docker daemon of the user %s" % other.user
    elif other.place:
        what = "a Docker daemon in a %s of its own" % other.place
    listens = ["It listens on %s." % _list(other.sockets)] if other.sockets else []
    return " ".join(["%s is %s." % (who(other), what)] + listens + _held(other))


def _container_note(daemons: DaemonsObserved) -> List[str]:
    """Tell in one sentence which daemons run in containers of this host: there may be many."""
    pids = [
        str(each.pid)
        for each in daemons.running
        if each.kind == DOCKERD and each.place == CONTAINER
    ]
    if not pids:
        return []
    return [
        "Docker daemons run in a %s of their own, as in a container: PID %s."
        % (CONTAINER, ", ".join(pids))
    ]


def _installed_note(installed: InstalledDockerObserved) -> str:
    if installed.kind == DESKTOP:
        return "Docker Desktop is installed in %s; its daemon runs in a virtual machine." % (
            installed.path
        )
    starts = "starts" if installed.is_enabled else "does not start"
    found = "%s is there too, and %s with the host." % (_installed_name(installed), starts)
    return " ".join([found] + _kept(installed.data_root, installed.held))


def _binary_note(installed: InstalledDockerObserved, observed: Observation) -> str:
    """Name installed binaries; if docker.service runs them, its data is theirs."""
    found = "%s is of no package." % installed.path
    if _runs(installed, observed):
        found = "%s runs %s, which is of no package." % (DOCKER_SERVICE, installed.path)
    if installed.path == "/usr/bin/dockerd":
        found += " Docker's own package puts its file in that place."
    has_data = installed.held != HeldObserved()
    return " ".join([found] + (_kept(installed.data_root, installed.held) if has_data else []))


def _runs(installed: InstalledDockerObserved, observed: Observation) -> bool:
    return observed.units.get(DOCKER_SERVICE, UnitObserved()).main_program == installed.path


_SNAP_REMEDY = (
    "Docker of the packages has another data-root and does not see what is in this one: "
    "`snap save docker` keeps a copy of it, `snap remove docker` deletes it. "
)


def _of_snap(other: OtherDaemonObserved) -> str:
    return _SNAP_REMEDY if _is_snap(other) else ""


def _is_snap(other: OtherDaemonObserved) -> bool:
    return other.unit.startswith("snap.docker.")


def stop_command(other: OtherDaemonObserved) -> str:
    """Give the command with which a person stops a daemon."""
    if _is_snap(other):
        return "snap stop --disable docker"
    if not other.unit:
        return "kill %d" % other.pid
    return "systemctl %s %s" % ("disable --now" if other.is_enabled else "stop", other.unit)


def _deed(other: OtherDaemonObserved) -> str:
    if not other.unit:
        return "send it SIGTERM and wait for its end, which may stop its containers"
    deed = "stop and disable it" if other.is_enabled else "stop it"
    return "%s by systemctl, which may stop its containers" % deed


def who(other: OtherDaemonObserved) -> str:
    """Name a daemon: its unit, its PID, its program, and how it was started."""
    if other.unit:
        return "%s (PID %d, %s)" % (other.unit, other.pid, other.program)
    began = ", started by hand"
    if other.started_in:
        began += " in %s" % other.started_in
    return "PID %d (%s%s)" % (other.pid, other.program, began)


def _name(other: OtherDaemonObserved) -> str:
    return other.unit or "PID %d (%s)" % (other.pid, other.program)


def _path(other: OtherDaemonObserved) -> str:
    return other.unit or "PID %d" % other.pid


def _needing(other: OtherDaemonObserved) -> str:
    return CONTAINERD_SERVICE if other.kind == CONTAINERD else DOCKER_SERVICE


def _held(other: OtherDaemonObserved) -> List[str]:
    if other.kind == OTHER:
        return []
    if other.kind == CONTAINERD:
        return [_running(other.held.running)]
    return _kept(other.data_root, other.held) + (
        [] if other.held.running else [_running(other.held.running)]
    )


def _kept(data_root: str, held: HeldObserved) -> List[str]:
    """Say what a data-root holds, and what runs from it."""
    counts = ((held.containers, "container"), (held.images, "image"))
    told = " and ".join(
        "%d %s%s" % (count, name, "" if count == 1 else "s") for count, name in counts if count
    )
    # The images in containerd's store are not counted, so no number does not mean none.
    said = ["Its data-root %s." % ("%s has %s" % (data_root, told) if told else "is " + data_root)]
    return said + ([_running(held.running)] if held.running else [])


def _running(names: Sequence[str]) -> str:
    if not names:
        return "No container of it runs."
    more = len(names) - _NAMED
    listed = ", ".join(names[:_NAMED]) + (" and %d more" % more if more > 0 else "")
    one = len(names) == 1
    return "%d container%s of it run%s: %s." % (
        len(names),
        "" if one else "s",
        "s" if one else "",
        listed,
    )


def _installed_name(installed: InstalledDockerObserved) -> str:
    if installed.kind == SNAP:
        return "Docker from snap (%s, %s)" % (installed.unit, installed.path)
    return "%s (%s)" % (installed.unit, installed.path)


def _is_active(observed: Observation, name: str) -> bool:
    return observed.units.get(name, UnitObserved()).active_state == "active"


def _list(paths: Sequence[str]) -> str:
    paths = list(dict.fromkeys(paths))
    return " and ".join(part for part in (", ".join(paths[:-1]), paths[-1]) if part)


def _spelt(path: str) -> str:
    path = posixpath.normpath(path) if path else path
    return path[len("/var") :] if path.startswith("/var/run/") else path
