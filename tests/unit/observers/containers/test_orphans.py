"""Containers that run without the daemon: found among shims, by the daemon's list."""

import json
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.containers import (
    containers,
    orphans,
    shims,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon import data_root
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.daemon import (
    DaemonSilent,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.containers import (
    ContainerListed,
    OrphanObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.daemons import (
    DaemonsObserved,
    OtherDaemonObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    DaemonObserved,
    UnitObserved,
)

from tests.unit.observers.fake_proc import FakeProc

OURS, SHIM = "/run/containerd/containerd.sock", "/usr/bin/containerd-shim-runc-v2"


class Host:
    """Shims with a bundle each, and a data-root."""

    def __init__(self, folder: Path) -> None:
        self.proc = FakeProc(folder)
        self.folder, self.root = folder, folder / "docker"
        self.pid = 100

    def run(
        self,
        identity: str,
        root: str,
        *,
        namespace: str = "moby",
        address: str = OURS,
        mounts: str = "",
        ended: bool = False,
    ) -> str:
        """Add a container's shim and its process; give its ID."""
        identity, self.pid = identity * 64, self.pid + 10
        arguments = [SHIM, "-namespace", namespace, "-id", identity, "-address", address]
        self.proc.add(self.pid, SHIM, arguments)
        bundle = self.folder / identity
        bundle.mkdir()
        source = mounts or f"{root}/containers/{identity}/hosts"
        config = {"mounts": [{"destination": "/etc/hosts", "source": source}]}
        (bundle / "config.json").write_text(json.dumps(config) if root else "{}")
        cwd = self.proc.folder / str(self.pid) / "cwd"
        cwd.unlink()
        cwd.symlink_to(bundle)
        if not ended:
            self.proc.add(self.pid + 1, "/bin/sleep", ["sleep", "1"], parent=self.pid)
        return identity

    def find(self, own: orphans.Own, **statuses: str) -> list[OrphanObserved]:
        every = [each for each in shims.read_shims(str(self.proc)) if each.process]
        known = {name * 64: status for name, status in statuses.items()}
        return list(orphans.find_orphans(every, own, known))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def own(host: Host, *others: str, address: str = OURS) -> orphans.Own:
    return orphans.Own(
        address=address, namespaces=("moby", "moby"), root=str(host.root), roots_of_others=others
    )


def test_what_the_daemon_does_not_list_or_takes_for_ended_is_one(host: Host) -> None:
    unknown = host.run("a", "/data/docker")
    host.run("b", str(host.root))
    host.run("c", str(host.root))
    ended = host.run("d", str(host.root))
    host.run("e", str(host.root))
    # A shim whose container has ended is about to go.
    host.run("f", "/data/docker", ended=True)
    (host.root / "containers" / ended).mkdir(parents=True)
    (host.root / "containers" / ended / "config.v2.json").write_text('{"Name": "/shop"}')
    assert host.find(own(host), b="running", c="paused", d="exited", e="created") == [
        OrphanObserved(
            identity=unknown,
            pid=111,
            namespace="moby",
            name="a" * 12,
            data_root="/data/docker",
            status="",
        ),
        OrphanObserved(
            identity=ended,
            pid=141,
            namespace="moby",
            name="shop",
            data_root=str(host.root),
            status="exited",
        ),
    ]


def test_containers_of_others_are_none(host: Host) -> None:
    host.run("a", "", namespace="k8s.io")
    host.run("b", "/data/theirs")
    host.run("c", "/data/rootless", address="/run/user/1000/docker/containerd/containerd.sock")
    host.run("d", "/data/docker", namespace="theirs")
    # A container that no Docker made has no files of Docker's, whatever its namespace.
    host.run("e", "")
    assert host.find(own(host, "/data/theirs")) == []


def test_a_container_of_our_data_root_is_ours_wherever_it_runs(host: Host) -> None:
    ours = host.run("a", str(host.root), namespace="elsewhere", address="/run/docker/theirs.sock")
    assert [each.identity for each in host.find(own(host))] == [ours]
    # A container that shares another one's network has that one's files.
    guest = host.run("b", "/data/docker", mounts=f"/data/docker/containers/{'f' * 64}/hosts")
    assert [each.identity for each in host.find(own(host))] == [ours, guest]
    assert [each.identity for each in host.find(own(host, address=""), a="running")] == [guest]


def test_the_daemon_tells_what_is_its_own() -> None:
    arguments = ("dockerd", "--containerd=/var/run/theirs.sock", "--containerd-namespace", "x")
    service, settings = UnitObserved(arguments=arguments), {"containerd": OURS}
    others = DaemonsObserved((OtherDaemonObserved(7, data_root="/data/theirs"),))
    daemon = DaemonObserved(server_version="28.5.2", containers_running=0, live_restore=True)
    found = orphans.own_of(daemon, service, "/var/lib/docker", others)
    assert found[:2] == ("/run/theirs.sock", ("moby", "x"))
    assert found.roots_of_others == ("/data/theirs",)
    told = orphans.own_of(daemon._replace(settings=settings), service, "/", others)
    assert told.address == OURS


def test_the_list_is_read() -> None:
    body = [
        {"Id": "1", "Names": ["/shop"], "State": "running"},
        {"Id": "2", "Names": None, "State": "Exited"},
    ]
    assert containers.parse_listed(json.dumps(body)) == (
        ContainerListed("1", "shop", "running"),
        ContainerListed("2", "", "exited"),
    )
    for wrong in ("", "{}x", "[1]", '[{"Id": "1"}]'):
        with pytest.raises(DaemonSilent, match="GET /containers/json was not understood"):
            containers.parse_listed(wrong)


@pytest.mark.parametrize(
    ("policy", "code", "restarts"), [("no", 137, False), ("always", 0, True), ("", 1, False)]
)
def test_how_one_is_is_read(policy: str, code: int, restarts: bool) -> None:
    answer = {
        "HostConfig": {"RestartPolicy": {"Name": policy}},
        "State": {"Status": "exited", "ExitCode": code},
    }
    end = containers.parse_end(json.dumps(answer))
    assert end == containers.End("exited", code, restarts)
    with pytest.raises(DaemonSilent, match="GET /containers/ID/json was not understood"):
        containers.parse_end('{"State": {}}')


def test_what_somebody_did_is_read() -> None:
    events = [
        {"Action": "kill", "Actor": {"ID": "1"}},
        {"Action": "destroy", "Actor": {"ID": "2"}},
        {"Action": "stop", "Actor": {"ID": "1"}},
    ]
    body = "\n".join(json.dumps(each) for each in events) + "\n"
    assert containers.parse_deeds(body) == {"1": ("kill", "stop"), "2": ("destroy",)}
    assert containers.parse_deeds("") == {}
    for wrong in ('{"Action": 1', '{"Action": "kill"}', "[1]"):
        with pytest.raises(DaemonSilent, match="GET /events was not understood"):
            containers.parse_deeds(wrong)


def test_a_removed_container_has_no_folder_and_a_hidden_one_may(tmp_path: Path) -> None:
    folder = data_root.folder_of_containers(str(tmp_path))
    assert data_root.has_lost_folder(folder, data_root.place_of(folder), "a")
    (tmp_path / "containers" / "a").mkdir(parents=True)
    place = data_root.place_of(folder)
    assert data_root.has_lost_folder(folder, place, "a")
    assert not data_root.has_lost_folder(folder, place, "b")
    (tmp_path / "containers").rename(tmp_path / "away")
    assert data_root.has_lost_folder(folder, place, "b")
    (tmp_path / "containers").mkdir()
    assert data_root.has_lost_folder(folder, place, "b")
