# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that a daemon.json names, for dockerd or a container, and what was seen of them."""

from typing import Any, Dict, Iterator, Mapping, NamedTuple, Tuple

# Of these keys the value is the file.
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
# dockerd makes the user of that name itself.
_MADE_BY_DOCKERD = ("", "default", "dockremap", "dockremap:dockremap")
_LOCAL_SOCKETS = ("unix://", "unixgram://")
# Names of profiles that are no files (moby, daemon/config, SeccompProfileDefault).
NO_FILES = {"seccomp-profile": ("", "builtin", "unconfined")}


# What a profile may say of a system call (runc, libcontainer/seccomp).
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
    """The names of files to look at, beside those in the live daemon.json.

    ``profiles`` are those of them that are to be profiles of seccomp. ``owners`` are users and
    groups as userns-remap names them: USER, or USER:GROUP.
    """

    names: Tuple[str, ...] = ()
    profiles: Tuple[str, ...] = ()
    owners: Tuple[str, ...] = ()


class NamedFileObserved(NamedTuple):
    """One file: ``kind`` is absent, file, directory or other, of what a link leads to.

    ``found`` is where it is; for a bare name the first place of that name among the folders in
    which programs are looked for. ``executable`` tells whether anybody may run it;
    ``no_profile`` why a file is no profile of seccomp, empty where it is one or nobody looked.
    """

    kind: str = "absent"
    found: str = ""
    executable: bool = False
    no_profile: str = ""


class NamedFilesObserved(NamedTuple):
    """What daemon.json names, by name as it is written, and the plugins of this host by name.

    ``unknown_owners`` says of users and groups which of the two there is not.
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
    """Look a field up as Go's JSON does: its letters may be of either case."""
    for key, value in values.items():
        if str(key).lower() == name.lower():
            return value
    return None


def socket_path(address: str) -> str:
    """Give the path of a log driver's local socket; empty for any other address."""
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
