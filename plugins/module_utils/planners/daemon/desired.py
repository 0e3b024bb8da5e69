# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""daemon.json as it should become: the declaration merged into the live file, and its files."""

from typing import Any, Container, Dict, Iterator, NamedTuple, Tuple

from ...words import resources
from ...words.declarations.daemon import DaemonDeclaration
from ...words.declarations.engine import upstream_version
from ...words.declared import (
    ANYWHERE,
    Declared,
    declare_anywhere,
    declare_at,
    declare_by_digest,
    digest,
    record_key,
)
from ...words.observations.host import FileObserved, Observation, StagedFile, StagedSet
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import Version, parse_version
from ..activation.effect import differs
from ..daemon_checks.storage import follow_storage
from ..trust.ownership import kind_in_words
from ..units.docker_unit import HOSTS_DROP_IN, DockerUnit, read_unit, render_hosts_drop_in, without
from .document import (
    Document,
    NotADocument,
    leaves,
    merge,
    pointer_of,
    read_document,
    secrets_of,
    unreadable_before,
    write_document,
)
from .meaning import canonical

ROLE = "docker_daemon"
# Declared of the file itself, whatever its contents: it belongs to root.
OF_ROOTS = declare_at(
    resource=resources.DAEMON_JSON, role=ROLE, path=DAEMON_JSON, wanted="of root's"
)
_MODE, _SECRET_MODE = 0o644, 0o600
_LOG_DRIVER = "json-file"
_LOG_OPTIONS = {"max-size": "50m", "max-file": "5"}


class Desired(NamedTuple):
    """daemon.json as it should become: the document, what of it is declared, and the files for it.

    ``live`` is the present document, ``unit`` is docker.service without a drop-in of ours.
    ``unreadable`` says why the engine does not start with a live file that has the right contents.
    """

    live: Document
    declared: Document
    document: Document
    staged: StagedSet
    unit: DockerUnit
    declarations: Tuple[Declared, ...]
    unreadable: str = ""


def stage_daemon(declaration: DaemonDeclaration, observed: Observation) -> StagedSet:
    """Give the files to be staged, and what they declare.

    :raises NotADocument: where the live file cannot be merged into.
    """
    return desire(declaration, observed, installed_version(observed)).staged


def installed_version(observed: Observation) -> Version:
    """Give the installed engine's version; empty where none is installed."""
    package = observed.packages.get("docker-ce")
    return parse_version(upstream_version(package.version)) if package else ()


def is_answered_for(path: str) -> bool:
    """Whether this role answers for a staged file."""
    return path in (DAEMON_JSON, HOSTS_DROP_IN)


def with_defaults(
    declaration: DaemonDeclaration, swarm: bool, live: Document, owned: Container[str] = ()
) -> Document:
    """Add our defaults for keys that the declaration does not have.

    A log driver that somebody else has chosen stays, since our options are for another driver.
    """
    config = dict(declaration.config)
    if not declaration.defaults:
        return config
    given = config.get("log-opts", {})
    foreign = "/log-driver" not in owned and not declaration.exclusive
    chosen = foreign and live.get("log-driver", _LOG_DRIVER) != _LOG_DRIVER
    if config.get("log-driver", "" if chosen else _LOG_DRIVER) == _LOG_DRIVER:
        config["log-driver"] = _LOG_DRIVER
        if isinstance(given, dict):
            options: Dict[Any, Any] = dict(_LOG_OPTIONS)
            options.update(given)
            config["log-opts"] = options
    # dockerd does not start with live-restore in a swarm.
    if "live-restore" not in config and not swarm:
        config["live-restore"] = True
    return config


def desire(declaration: DaemonDeclaration, observed: Observation, version: Version) -> Desired:
    """Merge what is declared into the live document, for an engine of this version.

    :raises NotADocument: where the live file cannot be merged into.
    """
    file = observed.files.get(DAEMON_JSON, FileObserved())
    if file.unreadable or file.kind in ("directory", "other"):
        raise NotADocument(file.unreadable or "it is %s" % kind_in_words(file.kind))
    live = read_document(file.text)
    owned = owned_pointers(observed)
    declared = with_defaults(declaration, in_swarm(observed), live, owned)
    declared = follow_storage(declared, declaration, observed, live, owned)
    document = merge(live, declared, owned, declaration.exclusive)
    files: Dict[str, StagedFile] = {}
    same = canonical(document) == canonical(live)
    unreadable = unreadable_before(file.text, version) if same and file.kind == "file" else ""
    text = file.text if same and not unreadable else write_document(document, file.text)
    wanted = StagedFile(text, _mode(document, file))
    if differs(wanted, file) and not (same and file.kind == "absent"):
        files[DAEMON_JSON] = wanted
    unit = read_unit(without(observed.files, HOSTS_DROP_IN))
    files.update(_drop_in(declaration, document, observed, unit))
    declarations = tuple(_declarations(declaration, observed, declared))
    digests = {each.key: each.digest for each in declarations}
    staged = StagedSet(files, digests)
    return Desired(
        live=live,
        declared=declared,
        document=document,
        staged=staged,
        unit=unit,
        declarations=declarations,
        unreadable=unreadable,
    )


def owned_pointers(observed: Observation) -> Tuple[str, ...]:
    """Give the leaves that we have set, which the record names."""
    prefix = record_key(resources.DAEMON_JSON, "/")
    ours = (key for key in observed.applied.digests if key.startswith(prefix))
    return tuple(key[len(prefix) - 1 :] for key in ours if not key.endswith(" " + DAEMON_JSON))


def _drop_in(
    declaration: DaemonDeclaration, document: Document, observed: Observation, unit: DockerUnit
) -> Dict[str, StagedFile]:
    there = observed.files.get(HOSTS_DROP_IN, FileObserved())
    wanted = declaration.hosts_drop_in and "hosts" in document and "hosts" in unit.flags
    if not wanted:
        return {HOSTS_DROP_IN: StagedFile(None)} if there.kind != "absent" else {}
    drop_in = StagedFile(render_hosts_drop_in(unit), _MODE)
    return {HOSTS_DROP_IN: drop_in} if differs(drop_in, there) else {}


def _mode(document: Document, file: FileObserved) -> int:
    """Choose 0600 for a file with a secret, else 0644 or the stricter present mode (CIS 3.18)."""
    if secrets_of(document):
        return _SECRET_MODE
    stricter = file.kind == "file" and file.mode & 0o600 == 0o600 and not file.mode & ~_MODE
    return file.mode if stricter else _MODE


def in_swarm(observed: Observation) -> bool:
    """Whether the host is in a swarm, by the daemon's word or by the files of one."""
    if observed.daemon is not None:
        return observed.daemon.swarm
    return observed.data_root is not None and observed.data_root.swarm


def _declarations(
    declaration: DaemonDeclaration, observed: Observation, declared: Document
) -> Iterator[Declared]:
    salt = observed.applied.salt
    for keys, value in leaves(declared):
        # A null owns nothing, since the key is not there.
        if value is not None:
            yield declare_by_digest(
                resource=resources.DAEMON_JSON,
                role=ROLE,
                path=pointer_of(keys),
                digest=digest(salt, value),
            )
    yield declare_by_digest(
        resource=resources.DAEMON_JSON,
        role=ROLE,
        path=ANYWHERE,
        digest=digest("exclusive", declaration.exclusive),
    )
    yield OF_ROOTS
    yield declare_anywhere(resource=resources.DAEMON_STAGED, role=ROLE, wanted="what is declared")
    yield declare_at(
        resource=resources.DAEMON_DROP_IN,
        role=ROLE,
        path=HOSTS_DROP_IN,
        wanted=declaration.hosts_drop_in,
    )
