# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that a daemon.json names, for dockerd or a container, and what was found of them."""

from typing import Any, Dict, Iterator, Mapping, NamedTuple, Tuple

# Keys whose value is the file.
_FILE_KEYS = (
    "data-root",
    "exec-root",
    "graph",
    "init-path",
    "pidfile",
    "seccomp-profile",
    "tlscacert",
    "tlscert",
    "tlskey",
    "userland-proxy-path",
)
_LOG_FILE_KEYS = ("syslog-tls-ca-cert", "syslog-tls-cert", "syslog-tls-key")
_PROFILE = "seccomp-profile"
# dockerd creates the user of that name itself.
_MADE_BY_DOCKERD = ("", "default", "dockremap", "dockremap:dockremap")
_LOCAL_SOCKETS = ("unix://", "unixgram://")
# Profiles whose name is no file (moby, daemon/config, SeccompProfileDefault).
NO_FILES = {"seccomp-profile": ("", "builtin", "unconfined")}


# Actions that a profile can set for a system call (runc, libcontainer/seccomp).
SECCOMP_ACTIONS = frozenset(
    "SCMP_ACT_" + name
    for name in (
        "ALLOW",
        "ERRNO",
        "KILL",
        "KILL_PROCESS",
        "KILL_THREAD",
        "LOG",
        "NOTIFY",
        "TRACE",
        "TRAP",
    )
)


class NamedFilesLook(NamedTuple):
    """The files to look at, besides those that the live daemon.json names.

    ``profiles`` are those that should be seccomp profiles. ``owners`` are users and groups as
    userns-remap names them: USER, or USER:GROUP.
    """

    names: Tuple[str, ...] = ()
    profiles: Tuple[str, ...] = ()
    owners: Tuple[str, ...] = ()


class NamedFileObserved(NamedTuple):
    """One file: ``kind`` is absent, file, directory or other, after following links.

    ``found`` is its path; for a bare name the first match in the folders where programs are
    searched. ``executable`` tells whether anybody may run it; ``no_profile`` says why a file is no
    seccomp profile, empty where it is one or nobody looked.
    """

    kind: str = "absent"
    found: str = ""
    executable: bool = False
    no_profile: str = ""


class NamedFilesObserved(NamedTuple):
    """The files that daemon.json names, by name as written, and the plugins of this host by name.

    ``unknown_owners`` says for each owner whether the user or the group does not exist.
    """

    files: Dict[str, NamedFileObserved] = {}
    plugins: Tuple[str, ...] = ()
    unknown_owners: Dict[str, str] = {}


def look_at_named(document: Any) -> NamedFilesLook:
    """Give the names of files in a document, whatever else is wrong with it."""
    if not isinstance(document, Mapping):
        return NamedFilesLook()
    names = tuple(dict.fromkeys(each for each in _names(document) if each))
    owner = document.get("userns-remap")
    is_named = isinstance(owner, str) and owner not in _MADE_BY_DOCKERD
    return NamedFilesLook(
        names,
        tuple(each for each in names if each == document.get(_PROFILE)),
        (str(owner),) if is_named else (),
    )


def field_of(values: Mapping[str, Any], name: str) -> Any:
    """Look up a field as Go's JSON does, ignoring the case of its letters."""
    for key, value in values.items():
        if str(key).lower() == name.lower():
            return value
    return None


def socket_path(address: str) -> str:
    """Give the path in an address of a log driver's local socket; empty for another address."""
    for scheme in _LOCAL_SOCKETS:
        if address.startswith(scheme):
            return address[len(scheme) :]
    return ""


def _names(document: Mapping[str, Any]) -> Iterator[str]:
    for key in _FILE_KEYS:
        value = document.get(key)
        if isinstance(value, str) and value not in NO_FILES.get(key, ()):
            yield value
    runtimes = document.get("runtimes")
    for runtime in runtimes.values() if isinstance(runtimes, Mapping) else ():
        if isinstance(runtime, Mapping):
            for name in ("path", "runtimeType"):
                value = field_of(runtime, name)
                if isinstance(value, str) and (name == "path" or value.startswith("/")):
                    yield value
    options = document.get("log-opts")
    if isinstance(options, Mapping):
        for key in _LOG_FILE_KEYS:
            if isinstance(options.get(key), str):
                yield options[key]
        address = options.get("syslog-address")
        if isinstance(address, str):
            yield socket_path(address)
