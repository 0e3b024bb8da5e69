# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan dockerd's proxy: its drop-in, and what else would override it."""

from typing import Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from ...words import impacts, resources
from ...words.declarations.drop_in import DropInDeclaration
from ...words.declarations.host import Declaration
from ...words.declarations.proxy import ProxyDeclaration, has_credentials
from ...words.declared import declare_anywhere
from ...words.difference import Difference, Plan, Refusal, join
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, Look, Observation, StagedSet
from ...words.paths import DAEMON_JSON
from ...words.unit_lines import environment_files
from ..activation.effect import with_staged
from ..daemon.document import NotADocument, read_document
from ..daemon.word import PROXY_KEYS
from ..units.docker_unit import read_unit
from ..units.drop_in import Stage, is_ours, look_at_drop_in, path_of, plan_drop_in, stage_drop_in
from ..units.text import read_environment, takes_back
from . import no_proxy
from .word import (
    MANAGER_FILES,
    MANAGER_GLOBS,
    difference_of,
    other_words,
    told_proxies,
    undeclared_words,
)

ROLE = "docker_proxy"
PROXY_DROP_IN = "http-proxy"
# Files from which units of Docker's, and of distributions, read variables.
_ENVIRONMENT_FILES = ("/etc/default/docker", "/etc/sysconfig/docker")
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def proxy_drop_in(proxy: ProxyDeclaration) -> DropInDeclaration:
    """Give the drop-in for a proxy; its credentials are kept apart."""
    variables = proxy.environment
    secret = {name for name, value in variables.items() if has_credentials(value)} - {"NO_PROXY"}
    return DropInDeclaration(
        unit=DOCKER_SERVICE,
        name=PROXY_DROP_IN,
        role=ROLE,
        subject="proxy",
        environment={name: each for name, each in variables.items() if name not in secret},
        credentials={name: each for name, each in variables.items() if name in secret},
    )


def look_at_proxy() -> Look:
    """Say what to look at for the proxy's plan."""
    look = look_at_drop_in(proxy_drop_in(ProxyDeclaration()))
    files = look.files + _ENVIRONMENT_FILES + MANAGER_FILES
    return look._replace(files=files, globs=look.globs + MANAGER_GLOBS)


def plan_proxy(
    declaration: Declaration, observed: Observation, pending: Optional[StagedSet] = None
) -> Plan:
    """Plan the drop-in; ``pending`` is all that will be staged."""
    proxy = declaration.proxy
    together = pending or stage_proxy(proxy, observed).staged
    plan = plan_drop_in(proxy_drop_in(proxy), declaration.activation, observed, together)
    explained = tuple(_said_of(proxy.no_proxy, no_proxy.explained)) if proxy.is_declared else ()
    deferred = declaration.activation.deferred
    overrides = tuple(_overrides(proxy, observed, together, deferred))
    notes = tuple(_beside(proxy, observed, together))
    if proxy.is_declared and not plan.differences and not overrides:
        told = told_proxies(observed, together)
        overrides = tuple(_told_otherwise(proxy, told, observed, deferred))
        named = list(read_environment(observed.files, read_unit(observed.files).files))
        notes += tuple(undeclared_words(proxy.environment, told, named, observed.files))
    beside = Plan(
        overrides,
        declared=(declare_anywhere(resource=resources.PROXY_OVERRIDE, role=ROLE, wanted="none"),),
        notes=notes + explained,
        # Whoever declares this is told; once it is on record, not every run tells it again.
        warnings=tuple(_warnings(proxy, observed, together)) + (explained if plan.mended else ()),
    )
    return join([plan, beside])


def stage_proxy(proxy: ProxyDeclaration, observed: Observation) -> Stage:
    """Give what is to be staged for the proxy."""
    return stage_drop_in(proxy_drop_in(proxy), observed)


def is_answered_for(path: str) -> bool:
    """Whether this role answers for a staged file."""
    return path == path_of(proxy_drop_in(ProxyDeclaration()))


def _overrides(
    proxy: ProxyDeclaration, observed: Observation, pending: StagedSet, deferred: bool
) -> Iterator[Difference]:
    """Name what overrides the drop-in.

    If other roles follow that may change daemon.json, the activation judges that file.
    """
    if not proxy.is_declared:
        return
    files = _as_planned(proxy, observed, pending)
    if not deferred:
        yield from beaten_by_daemon_json(files)
    unit = read_unit(files)
    flags = [key for key in PROXY_KEYS if key in unit.flags]
    if flags:
        yield _override(
            unit.source,
            "its command line says --%s, which dockerd goes by in place of its environment"
            % ", --".join(flags),
            "Take the flag out of it.",
        )
    ours = path_of(proxy_drop_in(proxy))
    last = read_environment(files, unit.files)
    others: Dict[str, List[str]] = {}
    for name in proxy.environment:
        path = last.get(name) or _taker(files, unit.files)
        if path not in (ours, stage_proxy(proxy, observed).path):
            others.setdefault(path, []).append(name)
    for path, names in others.items():
        told = "it has the last word on %s, or takes it back" % ", ".join(names)
        yield _override(path, told, "Take that out of it, or remove it.")


def _told_otherwise(
    proxy: ProxyDeclaration, told: Mapping[str, str], observed: Observation, deferred: bool
) -> Iterator[Difference]:
    """Name what the running daemon uses instead, by its own word; daemon.json is named above."""
    files = observed.files
    if deferred and list(beaten_by_daemon_json(files)):
        return
    found: Dict[str, List[str]] = {}
    for path, words in other_words(proxy.environment, told, files):
        found.setdefault(path, []).append(words)
    for path, each in found.items():
        yield difference_of(path, each, resources.PROXY_OVERRIDE, ROLE, files)


def beaten_by_daemon_json(files: Mapping[str, FileObserved]) -> Iterator[Difference]:
    """Name daemon.json if it sets another proxy than the drop-in, which must be there."""
    if not is_ours(files.get(path_of(proxy_drop_in(ProxyDeclaration())), FileObserved())):
        return
    try:
        proxies = read_document(files.get(DAEMON_JSON, FileObserved()).text).get("proxies")
    except NotADocument:
        return
    said = [key for key in PROXY_KEYS if isinstance(proxies, dict) and proxies.get(key)]
    if said:
        yield _override(
            DAEMON_JSON,
            "it says proxies (%s), which dockerd goes by in place of its environment"
            % ", ".join(said),
            "Take proxies out, with docker_daemon_config: {proxies: null}, or leave docker_proxy_* "
            "unset and declare the proxy there.",
        )


def _taker(files: Mapping[str, FileObserved], unit_files: Sequence[str]) -> str:
    """Name the last file of a unit that takes variables back; there is one."""
    return [path for path in unit_files if takes_back(files[path].text)][-1]


def _as_planned(
    proxy: ProxyDeclaration, observed: Observation, pending: StagedSet
) -> Dict[str, FileObserved]:
    """Give the files as they will be, with that of the credentials."""
    files, stage = with_staged(observed.files, pending), stage_proxy(proxy, observed)
    if stage.file is not None:
        files[stage.path] = FileObserved(
            kind="file", text=stage.file.text or "", mode=stage.file.mode
        )
    return files


def _beside(proxy: ProxyDeclaration, observed: Observation, pending: StagedSet) -> Iterator[str]:
    """Tell of variables that others set and nobody declares."""
    if not proxy.is_declared:
        return
    files = _as_planned(proxy, observed, pending)
    unit = read_unit(files)
    for name, path in sorted(read_environment(files, unit.files).items()):
        if name.upper() in _VARIABLES and name.upper() not in proxy.environment:
            told = "%s sets %s, which dockerd goes by too; docker_proxy says nothing of it."
            yield told % (path, name)


def _unread(proxy: ProxyDeclaration, observed: Observation, pending: StagedSet) -> Iterator[str]:
    """Tell of files of variables that nobody has looked into."""
    files = _as_planned(proxy, observed, pending)
    for path in read_unit(files).files:
        for source in environment_files(files[path].text):
            if source and source not in files:
                yield (
                    "%s has dockerd read variables from %s, which beat those of all units and were "
                    "not looked into." % (path, source)
                )


def _override(path: str, found: str, remedy: str) -> Difference:
    return Difference(
        resource=resources.PROXY_OVERRIDE,
        role=ROLE,
        path=path,
        expected="no other word on the proxy",
        actual=found,
        impact=impacts.NONE,
        sentence="%s has the last word on the proxy" % path,
        refusal=Refusal(
            found="%s beats what docker_proxy declares: %s." % (path, found), remedy=remedy
        ),
    )


def _warnings(proxy: ProxyDeclaration, observed: Observation, pending: StagedSet) -> Iterator[str]:
    """Tell what does not do what it was declared for."""
    for name in proxy.idle:
        yield "%s does nothing: no proxy is declared by docker_proxy_http, _https or _all." % name
    if proxy.is_declared:
        yield from _unread(proxy, observed, pending)
        yield from _said_of(proxy.no_proxy, no_proxy.fault)


def _said_of(entries: Sequence[str], say: Callable[[str], str]) -> Iterator[str]:
    for entry in entries:
        if say(entry):
            yield "docker_proxy_no_proxy holds %s: %s" % (entry, say(entry))
