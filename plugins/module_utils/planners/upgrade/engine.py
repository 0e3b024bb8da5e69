# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse to install an engine that cannot use the configuration that it will find.

That is what docker_daemon declares, if it runs before the daemon starts; else it is what is live or
waits to be committed.
"""

from typing import Dict

from ...words import impacts, resources
from ...words.declarations.daemon import DaemonDeclaration
from ...words.declarations.host import Declaration
from ...words.difference import Difference, Plan, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, Observation, StagedSet
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import Version, parse_version
from ...words.tables.supported_systems import SupportedSystem
from ..activation.effect import with_staged
from ..daemon.desired import Desired, desire, installed_version, owned_pointers
from ..daemon.document import NotADocument, keys_of, read_document, unreadable_before
from ..daemon.plan import refusals_of
from ..repository.plan import ROLE
from ..units.docker_unit import HOSTS_DROP_IN, read_unit, without
from .engine_versions import Versions
from .flags import flag_refusals
from .stop import stop_refusals


def plan_coming_engine(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    versions: Versions,
    pending: StagedSet,
    with_document: bool = True,
) -> Plan:
    """Refuse what every version of the coming engine refuses, and the present one does not.

    ``pending`` is what will be staged when the daemon starts. If docker_daemon is planned too, it
    judges daemon.json; flags, and whether containers would stop, are judged here.
    """
    present = _present_version(observed)
    if versions.exact == present and present:
        return Plan()
    found: Dict[str, Refusal] = {}
    if with_document:
        found = _refused(declaration, system, observed, versions, pending)
        if present and not declaration.engine.before_daemon:
            # Whether the present daemon uses it as it is has nothing to do with the coming engine.
            for pointer in _refused(declaration, system, observed, Versions(present), pending):
                found.pop(pointer, None)
    unit = read_unit(without(with_staged(observed.files, pending), HOSTS_DROP_IN))
    flags = flag_refusals(unit, versions)
    known = flag_refusals(unit, Versions(present)) if present else {}
    found.update({flag: each for flag, each in flags.items() if flag not in known})
    found.update(stop_refusals(declaration.activation, observed, versions, pending))
    return Plan(tuple(_difference(*each, versions) for each in found.items()))


def _present_version(observed: Observation) -> Version:
    """Give the running version; another package may be installed by now, which a restart brings."""
    daemon = observed.daemon
    return parse_version(daemon.server_version) if daemon else installed_version(observed)


def _refused(
    declaration: Declaration,
    system: SupportedSystem,
    observed: Observation,
    versions: Versions,
    pending: StagedSet,
) -> Dict[str, Refusal]:
    daemon = declaration.daemon
    try:
        if declaration.engine.before_daemon:
            desired = desire(daemon, observed, versions.examples()[-1])
        else:
            desired = _as_it_is(observed, pending)
            daemon = DaemonDeclaration(
                hosts_drop_in=_is_live(HOSTS_DROP_IN, observed, pending),
                allow_network_overlap=True,
                allow_data_left_behind=daemon.allow_data_left_behind,
            )
    except NotADocument:
        return {}
    declared = declaration._replace(daemon=daemon)
    found = refusals_of(declared, system, observed, versions, desired)
    if not declaration.engine.before_daemon:
        found.update(_unreadable(observed, versions, pending))
    return found


def _unreadable(
    observed: Observation, versions: Versions, pending: StagedSet
) -> Dict[str, Refusal]:
    """Refuse an engine that does not start with a form of the file that newer ones accept."""
    file = with_staged(observed.files, pending).get(DAEMON_JSON, FileObserved())
    reason = unreadable_before(file.text, versions.examples()[-1]) if file.kind == "file" else ""
    if not reason:
        return {}
    return {
        DAEMON_JSON: Refusal(
            found="%s has %s, with which %s does not start."
            % (DAEMON_JSON, reason, versions.spoken()),
            remedy="Write the file without it, or have docker_daemon do so.",
        )
    }


def _as_it_is(observed: Observation, pending: StagedSet) -> Desired:
    """Take what is live, or waits to be committed, for the configuration to come.

    :raises NotADocument: where it cannot be read.
    """
    files = with_staged(observed.files, pending)
    document = read_document(files.get(DAEMON_JSON, FileObserved()).text)
    live = read_document(observed.files.get(DAEMON_JSON, FileObserved()).text)
    owned = {keys_of(pointer)[0] for pointer in owned_pointers(observed)}
    ours = {key: value for key, value in document.items() if key in owned}
    return Desired(
        live=live,
        declared=ours,
        document=document,
        staged=StagedSet(),
        unit=read_unit(without(files, HOSTS_DROP_IN)),
        declarations=(),
    )


def _is_live(path: str, observed: Observation, pending: StagedSet) -> bool:
    files = with_staged(observed.files, pending)
    return files.get(path, FileObserved()).kind != "absent"


def _difference(pointer: str, refusal: Refusal, versions: Versions) -> Difference:
    told = (
        pointer
        if pointer == DAEMON_JSON or pointer.startswith("-")
        else "%s of daemon.json" % pointer[1:]
    )
    sentence = "%s cannot go by %s" % (versions.spoken(), told)
    if pointer == DOCKER_SERVICE:
        sentence = "containers may stop with the change to %s" % versions.spoken()
    return Difference(
        resource=resources.ENGINE_CONFIGURATION,
        role=ROLE,
        path=pointer,
        expected="what %s goes by" % versions.spoken(),
        actual="what it does not",
        impact=impacts.NONE,
        sentence=sentence,
        refusal=refusal,
    )
