# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the files that a daemon.json names: they are not there, or not what they are
to be. dockerd's --validate sees some of them, from 23.0 on, and on a host that has an engine.
"""

from typing import Any, Mapping, Sequence

from ...words.observations.docker.named_files import NO_FILES, socket_path
from ...words.tables.daemon_options import Version
from ..daemon.document import Document, Keys
from ..daemon_checks.circumstances import Circumstances, Found
from ..daemon_checks.named_files import why_no_file, why_no_program
from ..daemon_checks.refusals import is_foreign, wrong_value
from ..units.docker_unit import says_yes

_TLS_FILES = ("tlscacert", "tlscert", "tlskey")
_FIRST_WITH_PROFILE_NAMES: Version = (23,)
_FIRST_TO_SEARCH_INIT: Version = (24,)
_NO_START = "dockerd does not start"


def check_named_files(document: Document, known: Circumstances) -> Found:
    """Refuse names of files that do not exist or are of the wrong kind."""
    for check in _CHECKS:
        yield from check(document, known)


def _check_profile(document: Document, known: Circumstances) -> Found:
    keys, profile = ("seccomp-profile",), document.get("seccomp-profile", "")
    if profile in NO_FILES[keys[0]]:
        if profile and known.version and known.version < _FIRST_WITH_PROFILE_NAMES:
            told = "before 23.0 that is taken for a file, and dockerd does not start"
            yield wrong_value(known, keys, profile, told, "the path of a profile")
        return
    why = why_no_file(profile, known)
    if why:
        told = "%s, and %s" % (why, _NO_START)
        yield wrong_value(known, keys, profile, told, "the path of a profile, or builtin")
        return
    file = known.named_files.files.get(profile)
    if file is not None and file.no_profile:
        told = "it is no profile (%s), and no container starts with it" % file.no_profile
        yield wrong_value(known, keys, profile, told, "a profile of seccomp, which is JSON")


def _check_init(document: Document, known: Circumstances) -> Found:
    keys, program = ("init-path",), document.get("init-path", "")
    is_needed = document.get("init") is True or says_yes(known.flags.get("init", []))
    if not program or (is_foreign(known, keys) and not is_needed):
        return
    why = why_no_program(program, known)
    if not program.startswith("/") and (
        "/" in program or (known.version and known.version < _FIRST_TO_SEARCH_INIT)
    ):
        why = "it is no absolute path"
    elif "/" not in program and _is_found(program, known):
        why = ""
    if why:
        told = "%s, and no container that wants an init starts" % why
        yield wrong_value(known, keys, program, told, "the path of a program such as docker-init")


def _is_found(program: str, known: Circumstances) -> bool:
    """Whether a program is in one of the folders outside PATH in which an init may be."""
    file = known.named_files.files.get(program)
    return file is not None and file.kind == "file" and file.executable


def _check_proxy(document: Document, known: Circumstances) -> Found:
    keys, program = ("userland-proxy-path",), document.get("userland-proxy-path", "")
    if not program or document.get("userland-proxy") is False:
        return
    why = why_no_program(program, known)
    if not program.startswith("/"):
        why = "it is no absolute path"
    if why:
        told = "%s, and no container that publishes a port starts" % why
        wanted = "the path of docker-proxy, or userland-proxy false beside it"
        yield wrong_value(known, keys, program, told, wanted)


def _check_certificates(document: Document, known: Circumstances) -> Found:
    if not _is_tls_on(document, known.flags):
        return
    for key in _TLS_FILES:
        name = document.get(key, "")
        why = why_no_file(name, known) if name else ""
        if why:
            told = "%s, and %s" % (why, _NO_START)
            yield wrong_value(known, (key,), name, told, "the path of a PEM file")


def _check_socket(document: Document, known: Circumstances) -> Found:
    if document.get("log-driver") != "syslog":
        return
    options = document.get("log-opts", {})
    address = options.get("syslog-address", "")
    path = socket_path(address)
    socket = known.named_files.files.get(path)
    if path and socket is not None and socket.kind == "absent":
        told = "there is no such socket on this host, and %s" % _NO_START
        yield _of_log(known, "syslog-address", address, told, "the address of a syslog")
    for key in ("syslog-tls-ca-cert", "syslog-tls-cert", "syslog-tls-key"):
        why = why_no_file(options.get(key, ""), known)
        if why and address.startswith("tcp+tls://"):
            told = "%s, and no container starts" % why
            yield _of_log(known, key, options[key], told, "the path of a PEM file")


def _check_remap(document: Document, known: Circumstances) -> Found:
    owner = document.get("userns-remap", "")
    unknown = known.named_files.unknown_owners.get(owner)
    if unknown:
        told = "there is no %s on this host, and %s" % (unknown, _NO_START)
        yield wrong_value(known, ("userns-remap",), owner, told, "a user that there is, or default")


def _of_log(known: Circumstances, key: str, value: str, told: str, wanted: str) -> Any:
    keys: Keys = ("log-opts", key)
    return wrong_value(known, keys, value, told, wanted)


def _is_tls_on(document: Document, flags: Mapping[str, Sequence[str]]) -> bool:
    """Whether the daemon uses TLS: any tlsverify switches it on (moby, cmd/dockerd)."""
    verified = "tlsverify" in document or "tlsverify" in flags
    return verified or document.get("tls") is True or says_yes(list(flags.get("tls", ())))


_CHECKS = (
    _check_profile,
    _check_init,
    _check_proxy,
    _check_certificates,
    _check_socket,
    _check_remap,
)
