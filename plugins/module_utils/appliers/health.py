# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until a daemon is well: it answers, goes by its files, stays up, and its containers run."""

import time
from typing import NamedTuple, Sequence, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.declaration import (
    ActivationDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.command import (
    CommandFailed,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon import (
    DaemonSilent,
    has_ended_by_itself,
    observe_daemon,
    observe_reload,
    ping_daemon,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.files import observe_files
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import (
    observe_spelt_daemon,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.units import observe_units
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_json import (
    PATH,
    NotADocument,
    read_document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_word import (
    disagreements,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.docker_unit import (
    DROP_IN_GLOBS,
    UNIT_FILES,
    read_unit,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.effect import DAEMON

_PAUSE = 0.2
# A daemon reloads within a moment or not at all.
_RELOAD_SECONDS = 10
# What the daemon tells right after its start is what it goes by.
_AGREE_SECONDS = 5


class Unhealthy(Exception):
    """The daemon is not well; the message says in what way."""


class Patient(NamedTuple):
    """What is expected of the daemon: containers that must run, seconds it may take."""

    containers: Sequence[str]
    limits: ActivationDeclaration


def await_health(patient: Patient) -> None:
    """Wait until the daemon is well.

    :raises Unhealthy: where it does not become so in time, or is started over by systemd.
    """
    began = time.monotonic()
    answered = 0.0
    invocation = ""
    while True:
        complaint, run = _complaint(patient)
        now = time.monotonic()
        if invocation and run != invocation:
            raise Unhealthy("%s came up, and then ended and was started over" % DAEMON)
        if not complaint:
            answered, invocation = answered or now, run
            if now - answered >= patient.limits.stable_seconds:
                return
        else:
            # One slow answer of a busy host is no reason to take a good set back.
            answered = 0.0
            settled = complaint.startswith(_DISAGREES)
            seconds = _AGREE_SECONDS if settled else patient.limits.health_timeout
            if now - began > seconds:
                raise Unhealthy(complaint)
        time.sleep(_PAUSE)


def await_reload(since: float) -> str:
    """Wait until the daemon tells of a reload and goes by its files; give what is wrong if not."""
    deadline = time.monotonic() + _RELOAD_SECONDS
    while True:
        try:
            # The daemon's clock is this host's.
            told = observe_reload(since, time.time())
            complaint = _disagreement() if told else "it told of no reload"
        except DaemonSilent as silent:
            complaint = str(silent)
        if not complaint or time.monotonic() > deadline:
            return complaint
        time.sleep(_PAUSE)


_DISAGREES = "the running daemon does not go by"


def _complaint(patient: Patient) -> Tuple[str, str]:
    """Say what is wrong now, and name the run of the unit that was asked."""
    try:
        service = observe_units([DAEMON])[DAEMON]
    except CommandFailed as failed:
        return str(failed), ""
    if service.active_state == "failed" or service.sub_state == "auto-restart":
        raise Unhealthy("%s came up, and then ended" % DAEMON)
    if service.active_state != "active":
        return "%s is %s" % (DAEMON, service.active_state), service.invocation
    try:
        ping_daemon()
        complaint, running = _disagreement(), observe_daemon().running
        missing = [
            name
            for name in patient.containers
            if name not in running and not has_ended_by_itself(name)
        ]
    except DaemonSilent as silent:
        return "it runs and does not answer: %s" % silent, service.invocation
    if missing and not complaint:
        complaint = "containers that ran before do not run: %s" % ", ".join(missing)
    return complaint, service.invocation


def _disagreement() -> str:
    """Say for which keys the daemon's own word is another than the file's."""
    files = observe_files((PATH,) + UNIT_FILES, DROP_IN_GLOBS)
    try:
        document = read_document(files[PATH].text)
    except NotADocument as problem:
        return "%s: %s" % (PATH, problem)
    keys = disagreements(document, observe_spelt_daemon(files).settings, read_unit(files))
    return "%s %s of %s" % (_DISAGREES, ", ".join(keys), PATH) if keys else ""
