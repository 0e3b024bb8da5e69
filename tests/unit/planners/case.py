"""Run one planner case: a host as observed, a declaration, and what the plan must say.

A case is a JSON file. ``host`` names a file of hosts/, ``observed`` overrides parts of it,
``docker_kernel``, ``docker_proxy`` and so on are the roles' arguments, ``plan`` lists what must
differ: exactly these, in this order, with the fields that are given; ``asks`` names what is still
to be asked of the package manager, or of dockerd. ``complaint`` are words of the refusals.
``before_daemon`` has docker_engine hold the engine to come against what docker_daemon declares.

Only where it is given: ``notes`` and ``warnings`` are all that the plan has; ``stages`` are all
files that the roles docker_storage and docker_daemon would stage, with text and mode, or null for
one that goes; ``unsaid`` are words that must appear nowhere in what the plan says.

In a host's ``applied`` a digest may be given as what it is made of: ``"@present"``, or a list;
``declared`` are values of daemon.json by pointer. Its ``activation`` has read the live daemon.json
and the live files of the unit where ``document`` or ``unit_files`` do not say otherwise, and was
written as ``text`` where that is given; the digest
``@planned`` of its ``failed`` is that of the set this case's declaration would stage, ``@staged``
that of the set that is staged. A host may be ``like`` another and override parts of it.

A host's ``storage`` is what was seen of the filesystem under data-root: sizes may be words such as
10G, options are one text, and a line of fstab may be its text alone; a case that says something of
its volume or of its mount point overrides parts of those. The ``docker_storage`` of a host is the
declaration that it is as declared by, of which a case overrides parts.

``named_files`` are the files that daemon.json names, by name, and ``plugins`` those of the host;
``unknown_owners`` says of a userns-remap which user or group there is not.

``transaction`` are package transactions that have not ended: what ours has ``begun``, as versions
before and after it by package, which packages are ``unfinished``, and who is ``busy``.

``programs`` are the files at the paths of the packages' programs, as far as they are not what a
package has installed.

Runs on Python 3.6 and with the standard library alone, as the planners do; started as a program it
runs every case.
"""

import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[2] / ".collections"))

from ansible_collections.dockwright.host.plugins.module_utils.planners.activation import (
    commit,
    start_features,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.concerns import (
    ROLES,
    concerns_of,
    declare_together,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon import (
    document as daemon_json,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import (
    ask_host,
    plan_host,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.trust import programs
from ansible_collections.dockwright.host.plugins.module_utils.planners.units import docker_unit
from ansible_collections.dockwright.host.plugins.module_utils.words import difference
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import defaults_of
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    size_in_bytes,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import (
    first_process as first_process_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import (
    host as observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import (
    kernel as kernel_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import (
    programs as program_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import (
    reach as reach_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import (
    storage as storage_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations import (
    transaction as transaction_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    access as access_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    containerd as containerd_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    containers as container_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    daemons as daemons_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    group as group_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    listening as listening_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker import (
    named_files as named_files_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.units import (
    files as unit_file_observation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.supported_systems import (
    SUPPORTED_SYSTEMS,
)

Json = Dict[str, Any]

# No host of hosts/ has them unless it, or a case, says so.
OLD_PACKAGES = {name for row in SUPPORTED_SYSTEMS for name in row.old_packages}
SALT = "salt"
ONE = "09AFA6108E099AB679E1177CE4E83CBBE244995E"
# What the cases declare where they say nothing: a key of their own, and nothing of daemon.json.
DECLARED: Dict[str, Json] = {
    "docker_engine": {"repo_urls": ["https://packages.example.test"], "repo_key_fingerprint": ONE},
    "docker_daemon": {"defaults": False},
}
OWN_PROGRAM = {"kind": "file", "mode": "0755", "installed": "its own", "found": "its own"}
# What of a look at storage is a number of bytes.
_SIZES = ("size", "allocated", "filesystem_bytes", "free", "total", "offset", "size_limit")


def case_names() -> List[str]:
    """Name every case, in order."""
    return sorted(path.stem for path in (HERE / "cases").glob("*.json"))


def read_case(
    name: str,
) -> Tuple[Json, Declaration, observation.Observation, Tuple[str, ...]]:
    """Read a case: the file, what it declares, what was seen, and which roles are planned."""
    case = _read("cases", name)
    host = _overridden(_host(case["host"]), case.get("observed", {}))
    for name in OLD_PACKAGES:
        host["packages"].setdefault(name, "")
    declared = _declaration(case, host)
    observed, roles = _observation(host), case.get("roles", ROLES)
    return case, declared, _with_failed(observed, declared, roles), tuple(roles)


def _declaration(case: Json, host: Json) -> Declaration:
    """Read the arguments of every role, of which a case gives some."""
    given = {
        role: dict(defaults_of(role), **dict(DECLARED.get(role, {}), **case.get(role, {})))
        for role in ROLES
    }
    given["docker_storage"].update(
        dict(host.get("docker_storage", {}), **case.get("docker_storage", {}))
    )
    if given["docker_engine"]["repo_key"]:
        given["docker_engine"]["repo_key"] = _key(given["docker_engine"]["repo_key"])
    declared = declare_together(given)
    before_daemon = case.get("before_daemon", False)
    return declared._replace(engine=declared.engine._replace(before_daemon=before_daemon))


def run_case(name: str) -> Tuple[Json, Json]:
    """Plan a case and give what the plan says and what it must say, in the same shape."""
    case, declared, observed, roles = read_case(name)
    plan = plan_host(declared, observed, roles)
    result = difference.as_result(plan)
    said = {
        "verdict": result["verdict"],
        "plan": [
            # The sentence as the planner says it, before what the cure disturbs is added.
            {
                field: plan.differences[index].sentence if field == "sentence" else each[field]
                for field in _fields(case, index)
            }
            for index, each in enumerate(result["differences"])
        ],
        "unverifiable": [each["path"] for each in result["unverifiable"]],
        "asks": sorted(ask_host(declared, observed, roles)),
        "complaint": [
            words for words in case.get("complaint", []) if words in difference.complaint(plan)
        ],
    }
    wanted = {
        "verdict": case["verdict"],
        "plan": case["plan"],
        "unverifiable": case.get("unverifiable", []),
        "asks": case.get("asks", []),
        "complaint": case.get("complaint", []),
    }
    for kind, sentences in (("notes", plan.notes), ("warnings", plan.warnings)):
        if kind in case:
            said[kind], wanted[kind] = list(sentences), case[kind]
    if "stages" in case:
        said["stages"] = _to_stage(declared, observed, roles).files
        wanted["stages"] = _staged(case["stages"]).files
    if "unsaid" in case:
        everything = json.dumps([result, difference.as_diff(plan), difference.complaint(plan)])
        said["unsaid"] = [words for words in case["unsaid"] if words in everything]
        wanted["unsaid"] = []
    return said, wanted


def _host(name: str) -> Json:
    host = _read("hosts", name)
    like = host.pop("like", "")
    return _overridden(_host(like), host) if like else host


def _overridden(host: Json, parts: Json) -> Json:
    for part, values in parts.items():
        if part == "storage" and host.get(part):
            host[part] = _overridden(host[part], values)
        else:
            of_parts = isinstance(values, dict)
            host[part] = dict(host.get(part) or {}, **values) if of_parts else values
    return host


def _fields(case: Json, index: int) -> Any:
    return case["plan"][index] if index < len(case["plan"]) else ("resource", "path")


def _observation(host: Json) -> observation.Observation:
    daemon = host.get("daemon")
    files = {path: _file(values) for path, values in host["files"].items()}
    return observation.Observation(
        system=observation.System(**host["system"]),
        architecture=host["architecture"],
        files=files,
        packages={name: _package(values) for name, values in host["packages"].items()},
        units={name: _unit(values) for name, values in host["units"].items()},
        daemon=observation.DaemonObserved(**_daemon(daemon)) if daemon else None,
        daemon_silent=host.get("daemon_silent", ""),
        applied=_applied(host.get("applied", {"digests": {}}), files),
        staged=_staged(host.get("staged", {}), host.get("staged_unreadable", "")),
        commit_cut_off=host.get("commit_cut_off", False),
        data_root=observation.DataRootObserved(
            **dict({"path": "/var/lib/docker"}, **host.get("data_root", {}))
        ),
        networks=tuple(observation.NetworkObserved(*each) for each in host.get("networks", [])),
        carriers={path: _mount(values) for path, values in host.get("carriers", {}).items()},
        project_quota=host.get("project_quota", False),
        storage=_storage(host["storage"]) if host.get("storage") else None,
        group=_group(host["group"]) if host.get("group") else None,
        kernel=_kernel(host["kernel"]) if host.get("kernel") else None,
        answers={name: _answer(values) for name, values in host.get("answers", {}).items()},
        unobserved=host.get("unobserved", {}),
        daemons=_daemons(host.get("daemons", {})),
        listening=_listening(host["listening"]) if host.get("listening") else None,
        shims=_with_tuples(host["shims"], *host["shims"]) if "shims" in host else None,
        access=_access(host["access"]) if host.get("access") else None,
        containerd=containerd_observation.ContainerdObserved(**host.get("containerd", {})),
        tools=tuple(host.get("tools", ())),
        roots_to_be={path: _root_to_be(each) for path, each in host.get("roots_to_be", {}).items()},
        left_drivers=_with_tuples(host.get("left_drivers", {}), *host.get("left_drivers", {})),
        run_at_work=host.get("run_at_work", ""),
        programs=_programs(host),
        orphans=tuple(
            container_observation.OrphanObserved(**each) for each in host.get("orphans", [])
        ),
        named_files=_named_files(host),
        first_process=first_process_observation.FirstProcessObserved(
            **host.get("first_process", {})
        ),
        reach=_reach(host.get("reach", {})),
        unit_faults=tuple(
            unit_file_observation.UnitFaultObserved(**each) for each in host.get("unit_faults", [])
        ),
        transaction=_transaction(host.get("transaction", {})),
    )


def _transaction(values: Json) -> transaction_observation.TransactionObserved:
    """Read package transactions: what ours was to do is the versions before and after it."""
    return transaction_observation.TransactionObserved(
        {
            name: transaction_observation.BegunPackage(*each)
            for name, each in values.get("begun", {}).items()
        },
        {
            name: transaction_observation.UnfinishedPackage(**each)
            for name, each in values.get("unfinished", {}).items()
        },
        values.get("busy", ""),
    )


def _root_to_be(values: Json) -> observation.RootToBeObserved:
    """Read what lies in a data-root that may come, and in its folders of a remapped root."""
    contents, *remapped = [
        observation.DataRootObserved(**dict({"path": ""}, **each))
        for each in [values.get("contents", {}), *values.get("remapped", ())]
    ]
    return observation.RootToBeObserved(values.get("is_present", False), contents, tuple(remapped))


def _reach(values: Json) -> reach_observation.ReachObserved:
    """Read addresses: each of the others is address, kind and the file that tells."""
    others = tuple(reach_observation.AddressObserved(*each) for each in values.get("others", ()))
    names = tuple((name, address) for name, address in values.get("names", ()))
    return reach_observation.ReachObserved(tuple(values.get("own", ())), others, names)


def _named_files(host: Json) -> named_files_observation.NamedFilesObserved:
    """Read the files that daemon.json names, by name; one that is found needs no ``found``."""
    files = {name: _named_file(name, each) for name, each in host.get("named_files", {}).items()}
    return named_files_observation.NamedFilesObserved(
        files, tuple(host.get("plugins", ())), host.get("unknown_owners", {})
    )


def _named_file(name: str, values: Json) -> named_files_observation.NamedFileObserved:
    found = name if values.get("kind", "absent") != "absent" else ""
    return named_files_observation.NamedFileObserved(**dict({"found": found}, **values))


def _daemons(values: Json) -> daemons_observation.DaemonsObserved:
    """Read the daemons of others."""
    running = [
        daemons_observation.OtherDaemonObserved(**_of_a_daemon(each))
        for each in values.get("running", ())
    ]
    installed = [
        daemons_observation.InstalledDockerObserved(**_of_a_daemon(each))
        for each in values.get("installed", ())
    ]
    own_root = values.get("own_root", "/var/lib/docker")
    return daemons_observation.DaemonsObserved(tuple(running), tuple(installed), own_root)


def _of_a_daemon(values: Json) -> Json:
    held = daemons_observation.HeldObserved(**_with_tuples(values.get("held", {}), "running"))
    return dict(_with_tuples(values, "sockets"), held=held)


def _listening(values: Json) -> listening_observation.ListeningObserved:
    """Read who listens: a listener is ``[path, is_there, by_systemd, by_daemon]``."""
    fields = _with_tuples(values, "addresses")
    listeners = tuple(
        listening_observation.ListenerObserved(*each) for each in fields.get("listeners", ())
    )
    return listening_observation.ListeningObserved(**dict(fields, listeners=listeners))


def _access(values: Json) -> access_observation.AccessObserved:
    """Read the ways: arguments are one text, a listener is ``[kind, address, port, mode]``.

    A relay is its PID and its program, and then its listener.
    """
    fields = _with_tuples(values, "published", "aliases", "relay_services")
    paths = {path: _path(each) for path, each in fields.get("paths", {}).items()}
    listeners = tuple(_listener(*each) for each in fields.get("listeners", ()))
    arguments = tuple(fields.get("arguments", "").split())
    fields["relays"] = tuple(
        access_observation.RelayObserved(pid, program, _listener(*each))
        for pid, program, *each in fields.get("relays", ())
    )
    return access_observation.AccessObserved(
        **dict(fields, paths=paths, listeners=listeners, arguments=arguments)
    )


def _listener(
    kind: str, address: str, port: int = 0, mode: str = "0"
) -> access_observation.ListenerObserved:
    return access_observation.ListenerObserved(kind, address, port, int(mode, 8))


def _path(values: Json) -> access_observation.PathObserved:
    fields = _with_tuples(values, "writers", "heirs")
    return access_observation.PathObserved(**dict(fields, mode=int(fields.get("mode", "0755"), 8)))


def _programs(host: Json) -> Dict[str, program_observation.ProgramObserved]:
    """Read the packages' programs; one of which nothing is said is its package's own."""
    found = {}
    for program in programs.PROGRAMS:
        if host["packages"].get(program.package):
            values = dict(OWN_PROGRAM, **host.get("programs", {}).get(program.path, {}))
            values["mode"] = int(values["mode"], 8)
            found[program.path] = program_observation.ProgramObserved(**values)
    return found


def _group(values: Json) -> group_observation.GroupObserved:
    """Read the group: a user is ``[uid, gid, is_local]``, a session its fields in order.

    What a group's shadow adds is its name, administrators, members, and whether it has a password.
    """
    fields = _with_tuples(
        values,
        "members",
        "members_elsewhere",
        "primary_members",
        "unknown_members",
        "gid_users",
        "socket_list",
    )
    users = {
        name: group_observation.UserObserved(*ids) for name, ids in fields.get("users", {}).items()
    }
    sessions = tuple(
        group_observation.SessionObserved(*each) for each in fields.get("sessions", ())
    )
    shadows = tuple(
        group_observation.ShadowObserved(group, tuple(administrators), tuple(members), password)
        for group, administrators, members, password in fields.get("shadows", ())
    )
    return group_observation.GroupObserved(
        **dict(fields, users=users, sessions=sessions, shadows=shadows)
    )


def _kernel(values: Json) -> kernel_observation.KernelObserved:
    """Read the kernel: arguments are one text, an entry is ``[kernel, arguments]``."""
    fields = _with_tuples(values, "loaded", "loadable", "read_only", "write_only")
    entries = tuple(
        kernel_observation.BootEntryObserved(kernel, tuple(arguments.split()))
        for kernel, arguments in fields.get("entries", ())
    )
    command_line = tuple(fields.get("command_line", "").split())
    return kernel_observation.KernelObserved(
        **dict(fields, entries=entries, command_line=command_line)
    )


def _storage(values: Json) -> storage_observation.StorageObserved:
    fields = _with_bytes(values)
    volume = _with_bytes(fields.get("volume", {}))
    volume["mode"] = int(volume.get("mode", "0"), 8)
    signature = storage_observation.SignatureObserved(**volume.pop("signature", {}))
    point = dict(fields.get("mount_point", {}))
    point["entries"] = tuple(point.get("entries", ()))
    fields.update(
        volume=storage_observation.VolumeObserved(**_with_tuples(volume, "holders"))._replace(
            signature=signature
        ),
        loops=tuple(
            storage_observation.LoopObserved(**_with_tuples(_with_bytes(each), "holders"))
            for each in fields.get("loops", [])
        ),
        mounts=tuple(_mount(each) for each in fields.get("mounts", [])),
        mount_point=storage_observation.MountPointObserved(**point),
        fstab=tuple(_fstab_line(each) for each in fields.get("fstab", [])),
        ground=_mount(dict({"mount_point": "/"}, **fields.get("ground", {}))),
    )
    if "contents" in fields:
        counted = _with_bytes(fields["contents"])
        fields["contents"] = storage_observation.ContentsObserved(**counted)
    return storage_observation.StorageObserved(**_with_tuples(fields, "filesystems", "tools"))


def _with_bytes(values: Json) -> Json:
    return {
        name: size_in_bytes(name, value) if name in _SIZES and isinstance(value, str) else value
        for name, value in values.items()
    }


def _with_tuples(values: Json, *names: str) -> Json:
    return dict(values, **{name: tuple(values[name]) for name in names if name in values})


def _mount(values: Json) -> storage_observation.MountObserved:
    options = tuple(values.get("options", "rw,relatime").split(","))
    return storage_observation.MountObserved(**dict(values, options=options))


def _fstab_line(values: Any) -> storage_observation.FstabLine:
    given = {"text": values} if isinstance(values, str) else dict(values)
    fields = given["text"].split()
    told = {"number": 1, "source": fields[0], "mount_point": fields[1], "type": fields[2]}
    told["options"] = tuple(fields[3].split(","))
    return storage_observation.FstabLine(**dict(told, **given))


def _applied(values: Json, files: Dict[str, observation.FileObserved]) -> observation.Applied:
    digests = {key: _digest(value) for key, value in values.get("digests", {}).items()}
    for pointer, value in values.get("declared", {}).items():
        digests["daemon_json " + pointer] = difference.digest(SALT, value)
    activation, failed = values.get("activation"), values.get("failed")
    return observation.Applied(
        digests,
        values.get("trusted", False),
        SALT,
        _activation(activation, files) if activation else None,
        observation.FailedSet(**failed) if failed else None,
        values.get("lost", ""),
        values.get("newer", 0),
        values.get("nameless", False),
    )


def _digest(value: Any) -> str:
    if isinstance(value, list):
        return difference.digest(*value)
    return difference.digest(value[1:]) if value.startswith("@") else str(value)


def _activation(
    values: Json, files: Dict[str, observation.FileObserved]
) -> observation.ActivationRecord:
    """Read what a daemon has read: its document and the texts of its unit's files."""
    live = files.get(daemon_json.PATH, observation.FileObserved())
    document = values.get("document")
    if document is None:
        document = daemon_json.read_document(live.text)
    unit_files = values.get("unit_files")
    if unit_files is None:
        unit_files = {path: files[path].text for path in docker_unit.read_unit(files).files}
    processes = {path: docker_unit.of_the_process(_text(each)) for path, each in unit_files.items()}
    return observation.ActivationRecord(
        values["invocation"],
        start_features.key_digests(document, SALT),
        {path: difference.digest(SALT, text) for path, text in processes.items() if text},
        values.get("identity", ""),
        difference.digest(SALT, values["text"]) if "text" in values else "",
    )


def _with_failed(
    observed: observation.Observation,
    declared: Declaration,
    roles: Sequence[str],
) -> observation.Observation:
    """Put the digest of a set in the place of its name."""
    failed = observed.applied.failed
    if failed is None or not failed.digest.startswith("@"):
        return observed
    staged = observed.staged
    if failed.digest == "@planned":
        staged = _to_stage(declared, observed, roles)
    failed = failed._replace(digest=commit.set_digest(staged, observed))
    return observed._replace(applied=observed.applied._replace(failed=failed))


def _to_stage(
    declared: Declaration, observed: observation.Observation, roles: Sequence[str]
) -> observation.StagedSet:
    files: Dict[str, observation.StagedFile] = {}
    for each in concerns_of(roles):
        if each.stage is not None:
            files.update(each.stage(declared, observed))
    return observation.StagedSet(files)


def _staged(files: Json, unreadable: str = "") -> observation.StagedSet:
    return observation.StagedSet(
        {path: _staged_file(values) for path, values in files.items()}, unreadable=unreadable
    )


def _staged_file(values: Any) -> observation.StagedFile:
    if values is None:
        return observation.StagedFile(None)
    return observation.StagedFile(_text(values["text"]), int(values["mode"], 8))


def _unit(values: Json) -> observation.UnitObserved:
    arguments = tuple(values.get("arguments", "").split())
    return observation.UnitObserved(**dict(values, arguments=arguments))


def _daemon(values: Json) -> Json:
    return dict(values, running=tuple(values.get("running", ())))


def _text(lines: Any) -> Any:
    return "".join(line + "\n" for line in lines) if isinstance(lines, list) else lines


def _file(values: Json) -> observation.FileObserved:
    fields = dict(values)
    key = fields.pop("key", None)
    if key:
        fields["text"] = _key(key)
    else:
        fields["text"] = _text(fields.get("text", ""))
    if "mode" in fields:
        fields["mode"] = int(fields["mode"], 8)
    return observation.FileObserved(**fields)


def _answer(values: Json) -> observation.Answer:
    outputs = ["".join(line + "\n" for line in text) for text in values.get("outputs", [])]
    statuses = values.get("statuses", [0] * len(outputs))
    return observation.Answer(tuple(statuses), tuple(outputs), values.get("unasked", ""))


def _package(values: Any) -> observation.PackageObserved:
    """Read a package; a version alone stands for one that is held."""
    if isinstance(values, dict):
        return observation.PackageObserved(**values)
    return observation.PackageObserved(values, held=bool(values))


def _key(name: str) -> str:
    return (HERE.parent / "keys" / name).read_text()


def _read(folder: str, name: str) -> Any:
    return json.loads((HERE / folder / (name + ".json")).read_text())


def main() -> int:
    """Run every case and end with how many failed."""
    failed = 0
    for name in case_names():
        said, wanted = run_case(name)
        if said != wanted:
            failed += 1
            print(f"{name}\n  says  {json.dumps(said)}\n  wants {json.dumps(wanted)}")
    version = ".".join(str(part) for part in sys.version_info[:3])
    print(f"planner cases on Python {version}: {len(case_names())}, {failed} failed")
    return 1 if failed or not case_names() else 0


if __name__ == "__main__":
    sys.exit(main())
