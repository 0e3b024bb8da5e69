"""What the daemon says of itself is compared with daemon.json, key by key."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon.word import (
    agreements,
    disagreements,
    shown_proxy,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.docker_unit import (
    DockerUnit,
    read_unit,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    FileObserved,
)

STORE = "features.containerd-snapshotter"
POOLS = [{"base": "10.1.2.3/16", "size": 24}]
KATA = {"kata": {"path": "/usr/bin/kata", "runtimeArgs": ["--x"]}}
AGREES, DISAGREES, SILENT = True, False, None


def unit(flags: str = "-H fd://") -> DockerUnit:
    text = f"[Service]\nExecStart=/usr/bin/dockerd {flags}\n"
    return read_unit(
        {"/usr/lib/systemd/system/docker.service": FileObserved(kind="file", text=text)}
    )


def word(key: str, document: dict[str, Any], settings: dict[str, Any]) -> bool | None:
    agrees = key in agreements(document, settings, unit())
    disagrees = key in disagreements(document, settings, unit())
    assert not (agrees and disagrees)
    return AGREES if agrees else DISAGREES if disagrees else SILENT


@pytest.mark.parametrize(
    ("key", "said", "told", "meant"),
    [
        ("log-driver", "local", "local", AGREES),
        ("log-driver", "local", "json-file", DISAGREES),
        ("log-driver", None, "json-file", AGREES),
        ("log-driver", "local", None, SILENT),
        ("experimental", True, False, DISAGREES),
        ("experimental", None, False, AGREES),
        ("default-address-pools", POOLS, [{"base": "10.1.0.0/16", "size": 24}], AGREES),
        ("default-address-pools", POOLS, [], DISAGREES),
        ("default-address-pools", None, POOLS, DISAGREES),
        ("default-address-pools", "none", [], SILENT),
        ("exec-opts", ["native.cgroupdriver=systemd"], ["native.cgroupdriver=systemd"], AGREES),
        ("exec-opts", ["native.cgroupdriver=systemd"], ["native.cgroupdriver=cgroupfs"], DISAGREES),
        ("exec-opts", None, ["native.cgroupdriver=cgroupfs"], SILENT),
        ("exec-opts", [], ["native.cgroupdriver=cgroupfs"], SILENT),
        ("authorization-plugins", ["b", "a"], ["a", "b"], DISAGREES),
        ("authorization-plugins", None, [], AGREES),
        ("cdi-spec-dirs", ["/etc/cdi"], ["/etc/cdi", "/var/run/cdi"], DISAGREES),
        ("cdi-spec-dirs", None, ["/etc/cdi", "/var/run/cdi"], SILENT),
        ("cdi-spec-dirs", ["/etc/cdi"], None, SILENT),
        ("containerd", "/run/c.sock", "/run/containerd/containerd.sock", DISAGREES),
        ("containerd", None, "/run/containerd/containerd.sock", SILENT),
        ("containerd-namespace", "moby", "moby", AGREES),
        ("containerd-namespace", "mine", "moby", DISAGREES),
        ("default-cgroupns-mode", "host", "private", DISAGREES),
        ("default-cgroupns-mode", "private", None, SILENT),
        ("firewall-backend", "nftables", "iptables", DISAGREES),
        ("firewall-backend", "nftables", "none", SILENT),
        ("init-path", "/usr/bin/tini", "docker-init", DISAGREES),
        ("node-generic-resources", ["gpu=b", "gpu=a"], ["gpu=a", "gpu=b"], AGREES),
        ("no-new-privileges", True, True, AGREES),
        ("no-new-privileges", None, True, DISAGREES),
        ("no-new-privileges", True, None, SILENT),
        ("selinux-enabled", True, None, SILENT),
        ("seccomp-profile", None, "builtin", AGREES),
        ("seccomp-profile", None, "default", AGREES),
        ("seccomp-profile", "builtin", "default", AGREES),
        ("seccomp-profile", "/etc/a.json", "/etc/a.json", AGREES),
        ("seccomp-profile", "/etc/a.json", "builtin", DISAGREES),
        ("seccomp-profile", None, "/etc/a.json", DISAGREES),
        ("seccomp-profile", "/etc/a.json", None, SILENT),
        ("userns-remap", "default", False, DISAGREES),
        ("userns-remap", "default", True, SILENT),
        ("userns-remap", None, True, DISAGREES),
        ("userns-remap", None, False, AGREES),
        ("userland-proxy", False, True, DISAGREES),
        ("runtimes", KATA, ["kata", "runc"], SILENT),
        ("runtimes", KATA, ["runc"], DISAGREES),
        ("proxies", {"http-proxy": "http://a:1"}, {"http-proxy": "http://A:1/"}, AGREES),
        ("proxies", {"http-proxy": "http://a:1"}, {"http-proxy": "http://b:1"}, DISAGREES),
        ("proxies", {"http-proxy": "http://a:1"}, {"http-proxy": ""}, DISAGREES),
        ("proxies", {"http-proxy": "http://a:1"}, {"http-proxy": "http://x:x@a:1"}, DISAGREES),
        ("proxies", {"http-proxy": "http://u:p@a:1"}, {"http-proxy": "http://x:x@a:1"}, SILENT),
        ("proxies", {"http-proxy": "a:1"}, {"http-proxy": "b:1"}, SILENT),
        ("proxies", {"no-proxy": "a, b"}, {"no-proxy": "b,a"}, AGREES),
        ("proxies", {"no-proxy": "a"}, {"no-proxy": "a", "http-proxy": "http://a:1"}, AGREES),
        ("proxies", None, {"http-proxy": "http://a:1"}, SILENT),
        ("log-opts", {"max-size": "1m"}, None, SILENT),
    ],
)
def test_a_key(key: str, said: Any, told: Any, meant: bool | None) -> None:
    document = {} if said is None else {key: said}
    assert word(key, document, {key: told}) == meant


def test_a_runtime_s_path_is_told() -> None:
    told = {"runtimes": ["kata", "runc"], "runtimes.path": {"kata": ["/usr/bin/kata", ["--x"]]}}
    assert word("runtimes", {"runtimes": KATA}, told) == AGREES
    other = {"kata": {"runtimeType": "io.containerd.kata.v2"}}
    assert word("runtimes", {"runtimes": other}, told) == SILENT


@pytest.mark.parametrize(
    ("features", "driver", "told", "store", "whole"),
    [
        ({"containerd-snapshotter": True}, "", True, AGREES, AGREES),
        ({"containerd-snapshotter": True, "cdi": True}, "", True, AGREES, SILENT),
        ({"containerd-snapshotter": True}, "", False, DISAGREES, SILENT),
        ({"containerd-snapshotter": False}, "overlayfs", True, SILENT, SILENT),
        ({"cdi": True}, "", True, SILENT, SILENT),
    ],
)
def test_the_feature_of_the_start(
    features: dict[str, bool], driver: str, told: bool, store: bool | None, whole: bool | None
) -> None:
    document = {"features": features, **({"storage-driver": driver} if driver else {})}
    assert word(STORE, document, {STORE: told}) == store
    assert word("features", document, {STORE: told}) == whole


def test_another_root_adds_to_the_namespace() -> None:
    document = {"containerd-namespace": "moby", "userns-remap": "default"}
    told = {"containerd-namespace": "moby-100000.100000"}
    assert word("containerd-namespace", document, told) == SILENT


def test_what_a_flag_says_is_not_compared() -> None:
    told = {"debug": True, "proxies": {"http-proxy": "http://b:1"}, "labels": ["a=b"]}
    document = {"proxies": {"http-proxy": "http://a:1"}}
    said = unit("--debug --http-proxy http://b:1 --label a=b")
    assert disagreements(document, told, said) == ()


def test_what_systemd_fills_in_may_say_what_no_file_does() -> None:
    told = {"debug": True, "log-driver": "json-file"}
    assert disagreements({"log-driver": "local"}, told, unit("$OPTIONS")) == ("log-driver",)


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://user:geheim@proxy:1/", "http://proxy:1/"),
        ("user:geheim@proxy:1", "proxy:1"),
        ("http://user:ge/heim@proxy:1", "(not shown)"),
        ("http://user:a://heim@proxy:1", "(not shown)"),
        ("localhost,10.0.0.0/8", "localhost,10.0.0.0/8"),
        ("", ""),
    ],
)
def test_a_proxy_is_shown_without_its_user(proxy: str, shown: str) -> None:
    assert shown_proxy(proxy) == shown
