"""The plan of daemon.json for any declaration and any file: it ends, and then nothing is left."""

from typing import Any

from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.effect import (
    activation_record,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.plan import UNITS
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon.desired import (
    stage_daemon,
    with_defaults,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon.document import (
    write_document,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.host.plan import (
    as_committed,
    ask_host,
    plan_host,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.daemon import (
    DaemonDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.host import (
    Declaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    ActivationRecord,
    Applied,
    DaemonObserved,
    DataRootObserved,
    FileObserved,
    Observation,
    PackageObserved,
    System,
    UnitObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.paths import DAEMON_JSON
from ansible_collections.dockwright.host.plugins.module_utils.words.tables import daemon_options
from hypothesis import given, settings
from hypothesis import strategies as st

UNIT = "/usr/lib/systemd/system/docker.service"
COMMAND = "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"
ROLES = ("docker_daemon", "docker_activation")
SETTINGS: dict[str, Any] = {
    "data-root": "/var/lib/docker",
    "storage-driver": "overlay2",
    "log-driver": "json-file",
    "debug": False,
    "labels": [],
    "live-restore": False,
    "registry-mirrors": [],
    "insecure-registries": ["127.0.0.0/8", "::1/128"],
    "default-runtime": "runc",
    "runtimes": ["io.containerd.runc.v2", "runc"],
}
OF_A_KIND = {
    "bool": st.booleans(),
    "number": st.integers(0, 9),
    "text": st.sampled_from(["", "a", "/a", "10.0.0.1/24", "json-file", "overlay2"]),
    "list": st.lists(st.sampled_from(["a=b", "fd://", "https://a.example", "10.0.0.1/8"])),
    "map": st.dictionaries(st.sampled_from(["a", "b/c"]), st.text(max_size=3), max_size=2),
    "pools": st.just([{"base": "10.200.0.0/16", "size": 24}]),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.text(max_size=3), below),
    max_leaves=4,
)
generated = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@st.composite
def documents(draw: st.DrawFn, sound: bool) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(daemon_options.OPTIONS)), max_size=4, unique=True))
    kinds = {name: OF_A_KIND[daemon_options.OPTIONS[name].kind] for name in names}
    return {name: draw(kinds[name] if sound else kinds[name] | ANYTHING) for name in names}


def host(live: dict[str, Any]) -> Observation:
    file = (
        FileObserved(kind="file", text=write_document(live), mode=0o644) if live else FileObserved()
    )
    active = UnitObserved(
        load_state="loaded", active_state="active", unit_file_state="enabled", invocation="run 1"
    )
    return Observation(
        system=System("Debian", "13.1", "trixie"),
        architecture="amd64",
        files={
            UNIT: FileObserved(kind="file", text=f"[Service]\nExecStart={COMMAND}\n", mode=0o644),
            DAEMON_JSON: file,
        },
        packages={"docker-ce": PackageObserved("5:28.5.2-1~debian.13~trixie")},
        units=dict.fromkeys(UNITS, active),
        daemon=DaemonObserved(
            server_version="28.5.2",
            containers_running=1,
            live_restore=False,
            settings=SETTINGS,
            running=("web",),
        ),
        applied=Applied(
            digests={}, trusted=True, salt="salt", activation=ActivationRecord("run 1")
        ),
        data_root=DataRootObserved("/var/lib/docker"),
    )


@given(documents(sound=False), documents(sound=False), st.booleans(), st.booleans())
@generated
def test_whatever_is_declared_there_is_a_plan(
    live: dict[str, Any], config: dict[str, Any], defaults: bool, exclusive: bool
) -> None:
    declared = Declaration(
        daemon=DaemonDeclaration(config=config, defaults=defaults, exclusive=exclusive)
    )
    observed = host(live)
    plan = plan_host(declared, observed, ROLES)
    assert plan.verdict in ("clean", "drifted", "failed")
    assert set(ask_host(declared, observed, ROLES)) <= {"dockerd"}


@given(documents(sound=True), documents(sound=True), st.booleans(), st.booleans())
@generated
def test_what_was_staged_and_committed_leaves_nothing_to_plan(
    live: dict[str, Any], config: dict[str, Any], defaults: bool, exclusive: bool
) -> None:
    declared = Declaration(
        daemon=DaemonDeclaration(config=config, defaults=defaults, exclusive=exclusive)
    )
    observed = host(live)
    staged = stage_daemon(declared.daemon, observed)
    after = as_committed(observed._replace(staged=staged))
    # A daemon that was started with it, and does not tell what it uses.
    after = after._replace(
        applied=Applied(
            digests=staged.declared, trusted=True, salt="salt", activation=activation_record(after)
        ),
        daemon=DaemonObserved(server_version="28.5.2", containers_running=0, live_restore=False),
    )
    plan = plan_host(declared, after, ROLES)
    assert [each for each in plan.differences if each.refusal is None] == []
    assert stage_daemon(declared.daemon, after).files == {}


def test_a_log_option_may_be_named_by_a_number() -> None:
    declared = with_defaults(DaemonDeclaration({"log-opts": {1: "x"}}), False, {})
    assert declared["log-opts"] == {"max-size": "50m", "max-file": "5", 1: "x"}
