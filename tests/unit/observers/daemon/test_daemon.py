"""What a running daemon says of itself, as engines 26 and 28 say it."""

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon import containerd
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.daemon import (
    DaemonSilent,
    parse_containers,
    parse_info,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    DaemonObserved,
)

INFO: dict[str, Any] = {
    "ID": "a3c2f1d0-6f3c-4a5e-9d55-0c5b0d1f2e3a",
    "Containers": 3,
    "ContainersRunning": 2,
    "ContainersPaused": 0,
    "ContainersStopped": 1,
    "Images": 7,
    "Driver": "overlay2",
    "DockerRootDir": "/var/lib/docker",
    "LoggingDriver": "json-file",
    "Debug": False,
    "ExperimentalBuild": False,
    "Labels": ["zone=b", "rack=a"],
    "LiveRestoreEnabled": True,
    "RegistryConfig": {
        "AllowNondistributableArtifactsCIDRs": None,
        "InsecureRegistryCIDRs": ["::1/128", "10.0.0.0/8", "127.0.0.0/8"],
        "IndexConfigs": {
            "docker.io": {
                "Name": "docker.io",
                "Mirrors": ["https://a.example/", "https://b.example/hub/"],
                "Secure": True,
                "Official": True,
            },
            "r.example:5000": {
                "Name": "r.example:5000",
                "Mirrors": [],
                "Secure": False,
                "Official": False,
            },
        },
        "Mirrors": ["https://a.example/", "https://b.example/hub/"],
    },
    "Runtimes": {"runc": {"path": "runc"}, "io.containerd.runc.v2": {"path": "runc"}},
    "DefaultRuntime": "runc",
    "DefaultAddressPools": [{"Base": "10.200.0.0/16", "Size": 24}],
    "Swarm": {"NodeID": "", "LocalNodeState": "inactive", "RemoteManagers": None},
    "ServerVersion": "28.5.2",
}


def info(**changed: Any) -> Any:
    return parse_info(json.dumps({**INFO, **changed}))


def test_info_gives_what_a_restart_must_know() -> None:
    body = '{"ServerVersion": "28.5.2", "ContainersRunning": 3, "LiveRestoreEnabled": true}'
    assert parse_info(body)._replace(settings={}) == DaemonObserved(
        server_version="28.5.2", containers_running=3, live_restore=True
    )


def test_settings_have_the_names_of_keys() -> None:
    assert info().settings == {
        "data-root": "/var/lib/docker",
        "storage-driver": "overlay2",
        "log-driver": "json-file",
        "debug": False,
        "experimental": False,
        "labels": ["rack=a", "zone=b"],
        "live-restore": True,
        "registry-mirrors": ["https://a.example", "https://b.example/hub"],
        "insecure-registries": ["10.0.0.0/8", "127.0.0.0/8", "::1/128", "r.example:5000"],
        "default-runtime": "runc",
        "runtimes": ["io.containerd.runc.v2", "runc"],
        "default-address-pools": [{"base": "10.200.0.0/16", "size": 24}],
    }


# Real answers of GET /info, without what belongs to one host alone.
CAPTURED = sorted((Path(__file__).parent / "info").glob("*.json"), key=lambda path: path.stem)


@pytest.mark.parametrize("path", CAPTURED, ids=lambda path: path.stem)
def test_a_captured_answer_tells_what_the_engine_goes_by(path: Path) -> None:
    settings = parse_info(path.read_text()).settings
    assert settings["exec-opts"] == ["native.cgroupdriver=cgroupfs"]
    assert settings["authorization-plugins"] == settings["node-generic-resources"] == []
    assert settings["userns-remap"] is False
    assert settings["seccomp-profile"] in ("builtin", "default")
    assert settings["init-path"] == "docker-init"
    assert settings["proxies"] == {"http-proxy": "", "https-proxy": "", "no-proxy": ""}
    version = int(path.stem.partition("_")[0])
    store = "containerd" in path.stem if version >= 24 else None
    assert settings.get("features.containerd-snapshotter") is store
    told_by_28 = {
        "containerd": "/run/containerd/containerd.sock",
        "containerd-namespace": "moby",
        "cdi-spec-dirs": ["/etc/cdi", "/var/run/cdi"],
        "firewall-backend": "iptables",
    }
    for key, value in told_by_28.items():
        assert settings.get(key) == (value if version >= 28 else None), key
    if path.stem.startswith("29"):
        assert settings["userland-proxy"] is True
        assert settings["userland-proxy-path"] == "/usr/bin/docker-proxy"


@pytest.mark.parametrize(
    ("changed", "key", "value"),
    [
        ({"SecurityOptions": ["name=userns", "name=selinux"]}, "userns-remap", True),
        ({"SecurityOptions": ["name=selinux"]}, "selinux-enabled", True),
        ({"SecurityOptions": ["name=apparmor"]}, "selinux-enabled", None),
        (
            {"SecurityOptions": ["name=seccomp,profile=/etc/a.json"]},
            "seccomp-profile",
            "/etc/a.json",
        ),
        ({"SecurityOptions": ["name=no-new-privileges"]}, "no-new-privileges", True),
        ({"SecurityOptions": ["name=cgroupns"]}, "default-cgroupns-mode", "private"),
        ({"SecurityOptions": [], "CgroupVersion": "2"}, "default-cgroupns-mode", "host"),
        ({"SecurityOptions": [], "CgroupVersion": "1"}, "default-cgroupns-mode", None),
        ({"FirewallBackend": {"Driver": "nftables+firewalld"}}, "firewall-backend", "nftables"),
        ({"FirewallBackend": {"Driver": "x", "Info": "y"}}, "firewall-backend", None),
        ({"Plugins": {"Authorization": ["b", "a"]}}, "authorization-plugins", ["b", "a"]),
        (
            {
                "GenericResources": [
                    {"DiscreteResourceSpec": {"Kind": "SSD", "Value": 3}},
                    {"NamedResourceSpec": {"Kind": "GPU", "Value": "one"}},
                ]
            },
            "node-generic-resources",
            ["GPU=one", "SSD=3"],
        ),
        (
            {"Runtimes": {"runc": {"path": "runc"}, "kata": {"path": "/k", "runtimeArgs": ["-x"]}}},
            "runtimes.path",
            {"kata": ["/k", ["-x"]]},
        ),
        (
            {"HttpProxy": "http://xxxxx:xxxxx@proxy:1", "NoProxy": "a"},
            "proxies",
            {"http-proxy": "http://xxxxx:xxxxx@proxy:1", "https-proxy": "", "no-proxy": "a"},
        ),
    ],
)
def test_what_some_engines_tell(changed: dict[str, Any], key: str, value: Any) -> None:
    assert info(**changed).settings.get(key) == value


def test_what_it_holds_is_counted_running_or_not() -> None:
    daemon = info()
    assert (daemon.server_version, daemon.live_restore) == ("28.5.2", True)
    assert (daemon.containers_running, daemon.containers, daemon.images) == (2, 3, 7)


@pytest.mark.parametrize(
    ("swarm", "is_member"),
    [
        ({"LocalNodeState": "inactive"}, False),
        ({"LocalNodeState": ""}, False),
        ({}, False),
        (None, False),
        ({"LocalNodeState": "active"}, True),
        ({"LocalNodeState": "pending"}, True),
        ({"LocalNodeState": "locked"}, True),
    ],
)
def test_a_member_of_a_swarm(swarm: Any, is_member: bool) -> None:
    assert info(Swarm=swarm).swarm is is_member


def test_lists_that_are_empty_may_be_null_or_missing() -> None:
    empty = info(Labels=None, RegistryConfig=None, Runtimes=None, DefaultAddressPools=None)
    assert empty.settings["labels"] == []
    assert empty.settings["registry-mirrors"] == []
    assert empty.settings["insecure-registries"] == []
    assert empty.settings["runtimes"] == []
    assert empty.settings["default-address-pools"] == []
    least = parse_info('{"ServerVersion": "28", "ContainersRunning": 0, "LiveRestoreEnabled": 0}')
    assert least.settings["data-root"] is None
    assert (least.containers, least.images, least.swarm) == (0, 0, False)


def test_layers_are_in_the_data_root_or_in_containerd_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(containerd, "CONTAINERD_CONFIG", str(tmp_path / "config.toml"))
    assert info().layers == "/var/lib/docker/overlay2"
    status = [["Backing Filesystem", "extfs"], ["Using metacopy", "false"]]
    assert info(DriverStatus=status, Driver="btrfs").layers == "/var/lib/docker/btrfs"
    status = [["driver-type", "io.containerd.snapshotter.v1"]]
    stored = info(DriverStatus=status, Driver="overlayfs").layers
    assert stored == "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs"
    (tmp_path / "config.toml").write_text(f'root = "{tmp_path}"\n')
    stored = info(DriverStatus=status, Driver="overlayfs").layers
    assert stored == f"{tmp_path}/io.containerd.snapshotter.v1.overlayfs"
    assert info(Driver="").layers == ""
    assert info(DockerRootDir=None).layers == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"DriverStatus": 1},
        {"ContainersRunning": None},
        {"RegistryConfig": {"Mirrors": [1]}},
        {"RegistryConfig": []} | {"Swarm": [1]},
        {"DefaultAddressPools": [{"Base": "10.0.0.0/8"}]},
        {"Labels": [1, "a=b"]},
    ],
)
def test_other_words_are_silence(changed: dict[str, Any]) -> None:
    with pytest.raises(DaemonSilent, match="GET /info was not understood"):
        info(**changed)


@pytest.mark.parametrize("body", ["", "[]", "null", '{"message": "starting"}'])
def test_an_answer_that_is_not_info_is_silence(body: str) -> None:
    with pytest.raises(DaemonSilent, match="GET /info was not understood"):
        parse_info(body)


def test_containers_are_named_without_their_slash() -> None:
    body = json.dumps([{"Names": ["/web", "/a/web"]}, {"Names": ["/db"]}])
    assert parse_containers(body) == ("db", "web")
    assert parse_containers("[]") == ()


@pytest.mark.parametrize("body", ["", "{}x", '[{"Names": []}]', '[{"Names": null}]', "[1]"])
def test_other_containers_are_silence(body: str) -> None:
    with pytest.raises(DaemonSilent, match="GET /containers/json was not understood"):
        parse_containers(body)
