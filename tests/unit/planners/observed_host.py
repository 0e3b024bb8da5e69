"""An observation made from a host's file and what a case overrides in it.

Each part of a file has the keys of its type (see json_shapes.py). Short forms are written out here:
modes are octal text, sizes may be words such as 10G, a file's text is a list of its lines,
arguments and options are one text. Runs on Python 3.6.
"""

from typing import Any, Callable, Dict, Mapping

from ansible_collections.dockwright.host.plugins.module_utils.planners.activation import (
    start_features,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon import document
from ansible_collections.dockwright.host.plugins.module_utils.planners.trust import programs
from ansible_collections.dockwright.host.plugins.module_utils.planners.units import docker_unit
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    size_in_bytes,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declared import digest
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import host as seen
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import storage
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    access,
    named_files,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.kernel import (
    BootEntryObserved,
    KernelObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.programs import (
    ProgramObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.paths import DAEMON_JSON
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
    SUPPORTED_SYSTEMS,
)

from tests.unit.keys import armoured
from tests.unit.planners.json_shapes import fields, made

Json = Dict[str, Any]
SALT = "salt"
# No host of hosts/ has them, unless the host or a case says so.
OLD_PACKAGES = [name for row in SUPPORTED_SYSTEMS for name in row.old_packages]
OWN_PROGRAM = {"kind": "file", "mode": "0755", "installed": "its own", "found": "its own"}
FILES_BY_PATH = Dict[str, seen.FileObserved]

# What a file may tell of a host: the fields of an observation, except for these.
OBSERVED = dict(
    fields(seen.Observation),
    staged=Dict[str, seen.StagedFile],
    staged_unreadable=str,
    named_files=Dict[str, named_files.NamedFileObserved],
    plugins=Any,
    unknown_owners=Dict[str, str],
)
# The types that a file writes in another form.
SHAPES = {
    seen.FileObserved: dict(fields(seen.FileObserved), key=str),
    seen.Applied: {
        "digests": Dict[str, str],
        "declared": Dict[str, Any],
        "trusted": bool,
        "activation": seen.ActivationRecord,
        "failed": seen.FailedSet,
        "lost": str,
        "newer": int,
        "nameless": bool,
    },
    seen.ActivationRecord: {
        "invocation": str,
        "document": Any,
        "unit_files": Dict[str, str],
        "identity": str,
        "text": str,
    },
}


def observe(host: Json) -> seen.Observation:
    """Make the observation from a host's file, with the overridden parts."""
    said = {name: value for name, value in host.items() if name in OBSERVED}
    said["packages"] = dict(host["packages"])
    for name in OLD_PACKAGES:
        said["packages"].setdefault(name, "")
    said["data_root"] = dict({"path": "/var/lib/docker"}, **host.get("data_root", {}))
    said["daemons"] = dict({"own_root": "/var/lib/docker"}, **host.get("daemons", {}))
    said["programs"] = _programs(host)
    said["staged"] = {
        "files": host.get("staged", {}),
        "unreadable": said.pop("staged_unreadable", ""),
    }
    said["named_files"] = {
        "files": {
            name: _named_file(name, each) for name, each in host.get("named_files", {}).items()
        },
        "plugins": said.pop("plugins", []),
        "unknown_owners": said.pop("unknown_owners", {}),
    }
    said["files"] = made(host["files"], FILES_BY_PATH, READERS)
    said["applied"] = _applied(host.get("applied", {}), said["files"])
    observed: seen.Observation = made(said, seen.Observation, READERS)
    return observed


def staged(files: Json) -> seen.StagedSet:
    """Make a staged set of files by path; null is for one that goes."""
    found: seen.StagedSet = made({"files": files}, seen.StagedSet, READERS)
    return found


def _programs(host: Json) -> Json:
    """Read the packages' programs; one without an entry is its package's own."""
    said = host.get("programs", {})
    return {
        program.path: dict(OWN_PROGRAM, **said.get(program.path, {}))
        for program in programs.PROGRAMS
        if host["packages"].get(program.package)
    }


def _named_file(name: str, values: Json) -> Json:
    """Read a named file; one that exists was found under its name, unless it says otherwise."""
    return dict({"found": name if values.get("kind", "absent") != "absent" else ""}, **values)


def _applied(values: Json, files: Mapping[str, seen.FileObserved]) -> seen.Applied:
    digests = {key: _digest(value) for key, value in values.get("digests", {}).items()}
    for pointer, value in values.get("declared", {}).items():
        digests["daemon_json " + pointer] = digest(SALT, value)
    said = {name: value for name, value in values.items() if name != "declared"}
    said.update(digests=digests, salt=SALT)
    if said.get("activation"):
        said["activation"] = _activation(said["activation"], files)
    applied: seen.Applied = made(said, seen.Applied, READERS)
    return applied


def _digest(value: Any) -> str:
    if isinstance(value, list):
        return digest(*value)
    return digest(value[1:]) if value.startswith("@") else str(value)


def _activation(values: Json, files: Mapping[str, seen.FileObserved]) -> seen.ActivationRecord:
    """Read what a daemon has read: its document, and the texts of its unit's files."""
    live = files.get(DAEMON_JSON, seen.FileObserved())
    was_read = values.get("document")
    if was_read is None:
        was_read = document.read_document(live.text)
    unit_files = values.get("unit_files")
    if unit_files is None:
        unit_files = {path: files[path].text for path in docker_unit.read_unit(files).files}
    processes = {path: docker_unit.of_the_process(_text(each)) for path, each in unit_files.items()}
    return seen.ActivationRecord(
        invocation=values["invocation"],
        keys=start_features.key_digests(was_read, SALT),
        unit_files={path: digest(SALT, text) for path, text in processes.items() if text},
        identity=values.get("identity", ""),
        text=digest(SALT, values["text"]) if "text" in values else "",
    )


def _text(lines: Any) -> Any:
    return "".join(line + "\n" for line in lines) if isinstance(lines, list) else lines


def _file(values: Json) -> Json:
    """Read a file; it may be a key of ../keys, by name."""
    said = dict(_with_mode(values))
    key = said.pop("key", "")
    return dict(said, text=armoured(key) if key else _text(said.get("text", "")))


def _staged_file(values: Any) -> Json:
    if values is None:
        return {"text": None}
    return dict(_with_mode(values), text=_text(values["text"]))


def _with_mode(values: Json) -> Json:
    return dict(values, mode=int(values["mode"], 8)) if "mode" in values else values


def _with_bytes(values: Json) -> Json:
    return {
        name: size_in_bytes(name, value) if name in _SIZES and isinstance(value, str) else value
        for name, value in values.items()
    }


# The fields of a look at storage that are numbers of bytes.
_SIZES = ("size", "allocated", "filesystem_bytes", "free", "total", "offset", "size_limit")


def _split(name: str, separator: Any = None) -> Callable[[Json], Json]:
    """Let one text stand for a list."""

    def read(values: Json) -> Json:
        return dict(values, **{name: values[name].split(separator)}) if name in values else values

    return read


def _package(values: Any) -> Json:
    """Read a package; a version alone means a held package."""
    return values if isinstance(values, dict) else {"version": values, "held": bool(values)}


def _answer(values: Json) -> Json:
    outputs = [_text(lines) for lines in values.get("outputs", [])]
    return dict({"statuses": [0] * len(outputs)}, **dict(values, outputs=outputs))


def _mount(values: Json) -> Json:
    return dict(values, options=values.get("options", "rw,relatime").split(","))


def _storage(values: Json) -> Json:
    return dict(_with_bytes(values), ground=dict({"mount_point": "/"}, **values.get("ground", {})))


def _fstab_line(values: Any) -> Json:
    """Read a line of fstab, which is given by its text."""
    given = {"text": values} if isinstance(values, str) else values
    source, mount_point, kind, options = given["text"].split()[:4]
    told = {"source": source, "mount_point": mount_point, "type": kind}
    return dict(dict(told, number=1, options=options.split(",")), **given)


def _listener(values: Any) -> Json:
    """Read ``[kind, address, port, mode]``."""
    return _with_mode(dict(zip(fields(access.ListenerObserved), values)))


def _relay(values: Any) -> Json:
    """Read a relay: its PID and its program, followed by its listener."""
    pid, program, *listener = values
    return {"pid": pid, "program": program, "listener": listener}


READERS: Dict[Any, Callable[[Any], Any]] = {
    seen.FileObserved: _file,
    seen.StagedFile: _staged_file,
    seen.PackageObserved: _package,
    seen.UnitObserved: _split("arguments"),
    seen.Answer: _answer,
    seen.DataRootObserved: lambda values: dict({"path": ""}, **values),
    storage.MountObserved: _mount,
    storage.FstabLine: _fstab_line,
    storage.VolumeObserved: lambda values: _with_bytes(_with_mode(values)),
    storage.LoopObserved: _with_bytes,
    storage.ContentsObserved: _with_bytes,
    storage.StorageObserved: _storage,
    access.PathObserved: lambda values: _with_mode(dict({"mode": "0755"}, **values)),
    access.ListenerObserved: _listener,
    access.RelayObserved: _relay,
    access.AccessObserved: _split("arguments"),
    KernelObserved: _split("command_line"),
    BootEntryObserved: lambda values: [values[0], values[1].split()],
    ProgramObserved: _with_mode,
}
