# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether the daemon may be stopped or replaced under its running containers."""

import contextlib
import re
from typing import Optional, Sequence, Tuple

from ...words.declarations.activation import ActivationDeclaration
from ...words.declared import digest
from ...words.difference import Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, Observation, UnitObserved
from ...words.paths import DAEMON_JSON
from ..daemon.document import NotADocument, read_document
from ..daemon.keys_read import keys_read
from ..units.docker_unit import DockerUnit, flag_is_set
from ..units.start import phase_of_unit
from ..upgrade.engine_versions import Versions
from ..upgrade.release_line import INSTALLED, crossing, is_unknown

ALLOW_STOP = "docker_activation_allow_container_stop"
_NAMED = 10
# The namespace of Docker's containers in containerd (moby, cmd/dockerd/config.go).
_NAMESPACE, _NAMESPACE_KEY = "moby", "containerd-namespace"


def running_containers(observed: Observation) -> Optional[Tuple[str, ...]]:
    """Name the running containers, by the daemon's word or else by their shims.

    None where nobody can tell.
    """
    if observed.daemon is not None:
        return observed.daemon.running
    if observed.shims is None:
        return None
    return observed.shims.get(namespace_in_use(observed), ())


def namespace_in_use(observed: Observation) -> str:
    """Name containerd's namespace in which the daemon keeps containers, by all that is known.

    That is the daemon's own word, else its command line, else the file.
    """
    told = observed.daemon.settings.get(_NAMESPACE_KEY) if observed.daemon is not None else ""
    unit = DockerUnit(arguments=observed.units.get(DOCKER_SERVICE, UnitObserved()).arguments)
    said = unit.flags.get(_NAMESPACE_KEY) or [""]
    document = {}
    with contextlib.suppress(NotADocument):
        document = read_document(observed.files.get(DAEMON_JSON, FileObserved()).text)
    return str(told or said[-1] or document.get(_NAMESPACE_KEY) or _NAMESPACE)


def has_live_restore(observed: Observation) -> Optional[bool]:
    """Whether the running daemon has live-restore on, by its word or by what it has read.

    None where nobody can tell.
    """
    if observed.daemon is not None:
        return observed.daemon.live_restore
    service = observed.units.get(DOCKER_SERVICE, UnitObserved())
    if flag_is_set(DockerUnit(arguments=service.arguments), "live-restore"):
        return True
    read = keys_read(observed, service)
    if read is None:
        return None
    return read.get("live-restore") == digest(observed.applied.salt, True)


def stop_refusal(
    deed: str,
    activation: ActivationDeclaration,
    observed: Observation,
    containers_live: Optional[bool] = None,
    breaks: Sequence[str] = (),
    coming: Versions = INSTALLED,
) -> Optional[Refusal]:
    """Refuse a deed that would stop running containers; None where it stops none or is allowed.

    With live-restore containers live through a restart of the daemon, unless something changes over
    which it does not hold (``breaks``), or the engine that starts is of another release line
    (``coming``, if the deed installs it). ``containers_live`` tells whether they will, where the
    deed itself changes that.
    """
    docker = observed.units.get(DOCKER_SERVICE)
    if activation.allow_container_stop or docker is None:
        return None
    phase = phase_of_unit(docker)
    if docker.active_state != "active" and not phase:
        return None
    remedy = "Set %s if they may be stopped." % ALLOW_STOP
    daemon = observed.daemon
    if daemon is None:
        return _silent_refusal(
            deed, remedy, observed, containers_live is not False and not breaks, coming
        )
    live = daemon.live_restore if containers_live is None else containers_live
    if not daemon.containers_running:
        return None
    across = crossing(observed, coming)
    if live and across is None:
        return None
    if live and across is not None:
        return Refusal(
            found="%s restarts the daemon %s: it may stop %d running container%s%s."
            % (
                deed,
                across.spoken(),
                daemon.containers_running,
                "" if daemon.containers_running == 1 else "s",
                spoken_names(daemon.running),
            ),
            remedy=remedy,
            consent=ALLOW_STOP,
        )
    how = "without live-restore"
    if breaks:
        how = "with a change of %s, which no container outlives," % ", ".join(breaks)
    return Refusal(
        found="%s restarts the daemon %s and would stop %d running container%s%s."
        % (
            deed,
            how,
            daemon.containers_running,
            "" if daemon.containers_running == 1 else "s",
            spoken_names(daemon.running),
        ),
        remedy=remedy,
        consent=ALLOW_STOP,
    )


def _silent_refusal(
    deed: str, remedy: str, observed: Observation, may_live: bool, coming: Versions
) -> Optional[Refusal]:
    """Refuse by what is known of a daemon that does not answer."""
    silent = _why_silent(observed)
    running, live_restore = running_containers(observed), has_live_restore(observed)
    if running is None:
        return Refusal(
            found="%s may stop containers, and the running daemon does not say whether it has any "
            "(%s)." % (deed, silent),
            remedy=remedy,
            consent=ALLOW_STOP,
        )
    across = crossing(observed, coming)
    is_patch = across is None and not is_unknown(observed)
    if not running or (live_restore and may_live and is_patch):
        return None
    how = "without live-restore"
    if live_restore and may_live:
        how = across.spoken() if across is not None else "from an engine that is not known"
    elif live_restore:
        how = "with a change that no container outlives"
    elif live_restore is None:
        how = "which is not known to have live-restore"
    return Refusal(
        found="%s restarts the daemon, %s, and would stop %d running container%s%s. The daemon "
        "does not answer (%s)."
        % (
            deed,
            how,
            len(running),
            "" if len(running) == 1 else "s",
            spoken_names(running),
            silent,
        ),
        remedy=remedy,
        consent=ALLOW_STOP,
    )


def _why_silent(observed: Observation) -> str:
    phase = phase_of_unit(observed.units.get(DOCKER_SERVICE, UnitObserved()))
    if phase:
        return "docker.service is %s" % phase
    return spoken_silence(observed.daemon_silent) or "containerd.service is not active"


def spoken_silence(silent: str) -> str:
    """Say why a daemon does not answer, without the error number that Python adds."""
    return re.sub(r"\[Errno -?\d+\] ", "", silent)


def spoken_names(running: Sequence[str]) -> str:
    """Name containers in parentheses, ten at most."""
    if not running:
        return ""
    more = len(running) - _NAMED
    listed = ", ".join(running[:_NAMED]) + (" and %d more" % more if more > 0 else "")
    return " (%s)" % listed
