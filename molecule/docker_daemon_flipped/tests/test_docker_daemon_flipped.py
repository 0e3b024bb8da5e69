"""The daemon uses what is declared, what somebody else has set stays, and a secret is kept."""

import ipaddress
import json
from typing import Any

import pytest
from testinfra.host import Host

PATH = "/etc/docker/daemon.json"
PROXY = "http://user:s3cret@proxy.invalid:3128"
SECRET = "s3cret"  # noqa: S105 - of a proxy that is not there


@pytest.fixture
def registry(host: Host) -> str:
    """Give the name of the lab's registry."""
    return str(host.ansible.get_variables()["lab_registry"])


@pytest.fixture
def info(host: Host) -> dict[str, Any]:
    """Give what the daemon says of itself."""
    told: dict[str, Any] = json.loads(host.check_output("docker info --format '{{json .}}'"))
    return told


def test_the_file_holds_what_is_declared_and_what_is_theirs(host: Host, registry: str) -> None:
    assert json.loads(host.file(PATH).content_string) == {
        "runtimes": {"theirs": {"path": "/usr/bin/runc"}},
        "max-concurrent-downloads": 2,
        "log-opts": {"max-size": "9m"},
        "data-root": "/var/lib/docker/elsewhere",
        "debug": True,
        "features": {"buildkit": True},
        "hosts": ["fd://"],
        "labels": ["rack=7", "tier=flipped"],
        "proxies": {
            "http-proxy": PROXY,
            "https-proxy": PROXY,
            "no-proxy": f"{registry},localhost",
        },
        "registry-mirrors": [f"https://{registry}"],
        "default-address-pools": [{"base": "192.168.208.0/20", "size": 26}],
        "bip": "192.168.200.1/24",
    }


def test_the_file_is_indented_as_it_was(host: Host) -> None:
    lines = host.file(PATH).content_string.split("\n")
    assert lines[:4] == [
        "{",
        '   "runtimes": {',
        '      "theirs": {',
        '         "path": "/usr/bin/runc"',
    ]


def test_the_file_with_a_secret_is_for_root_alone(host: Host) -> None:
    file = host.file(PATH)
    assert (file.user, file.group, file.mode) == ("root", "root", 0o600)


def test_the_daemon_goes_by_it(info: dict[str, Any], registry: str) -> None:
    assert info["RegistryConfig"]["Mirrors"] == [f"https://{registry}/"]
    assert sorted(info["Labels"]) == ["rack=7", "tier=flipped"]
    assert info["Debug"] is True
    assert info["LiveRestoreEnabled"] is False
    assert info["DockerRootDir"] == "/var/lib/docker/elsewhere"
    assert info["HttpProxy"].endswith("@proxy.invalid:3128")
    assert info["NoProxy"] == f"{registry},localhost"


def test_their_runtime_stays(info: dict[str, Any]) -> None:
    assert "theirs" in info["Runtimes"]


def test_docker0_has_the_declared_address(host: Host) -> None:
    assert " 192.168.200.1/24 " in host.check_output("ip -4 -oneline address show docker0")


def test_the_key_that_was_taken_out_has_no_effect(host: Host) -> None:
    shown = host.check_output("docker network inspect --format '{{json .Options}}' bridge")
    assert json.loads(shown)["com.docker.network.driver.mtu"] == "1500"


def test_networks_come_from_the_declared_pool(host: Host) -> None:
    host.check_output("docker network create pooled")
    try:
        shown = host.check_output("docker network inspect --format '{{json .IPAM}}' pooled")
    finally:
        host.check_output("docker network rm pooled")
    network = ipaddress.IPv4Network(json.loads(shown)["Config"][0]["Subnet"])
    assert network.prefixlen == 26
    assert network.subnet_of(ipaddress.IPv4Network("192.168.208.0/20"))


def test_the_command_line_lost_its_hosts_alone(host: Host) -> None:
    shown = host.check_output("systemctl show --property=ExecStart --value docker.service")
    argv = shown.split("argv[]=")[1].split(";")[0].strip()
    assert argv == (
        "/usr/bin/dockerd --containerd=/run/containerd/containerd.sock --shutdown-timeout=20"
    )
    pid = host.check_output("systemctl show --property=MainPID --value docker.service")
    assert host.check_output("tr '\\0' ' ' < /proc/%s/cmdline", pid).strip() == argv


def test_the_socket_is_systemds_and_answers(host: Host) -> None:
    assert host.check_output("systemctl is-active docker.socket") == "active"
    assert host.socket("unix:///run/docker.sock").is_listening
    assert host.check_output("docker --host unix:///run/docker.sock version --format ok") == "ok"


def test_an_image_comes_through_the_mirror(host: Host, registry: str) -> None:
    """Docker Hub itself can only be reached through a proxy that does not exist."""
    host.check_output("docker pull --quiet busybox")
    host.check_output("docker pull --quiet %s/library/busybox", registry)
    identity = "docker image inspect --format '{{.Id}}' %s"
    ours = host.check_output(identity, f"{registry}/library/busybox")
    assert host.check_output(identity, "busybox") == ours


def test_a_container_gets_their_log_options_without_the_one_taken_out(
    host: Host, registry: str
) -> None:
    host.check_output("docker run --name logged %s/library/busybox true", registry)
    try:
        shown = host.check_output("docker inspect --format '{{json .HostConfig.LogConfig}}' logged")
    finally:
        host.check_output("docker rm --force logged")
    assert json.loads(shown) == {"Type": "json-file", "Config": {"max-size": "9m"}}


def test_what_was_left_behind_is_where_it_was(host: Host) -> None:
    assert host.check_output("docker ps --all --quiet --filter name=theirs") == ""
    assert host.check_output("ls /var/lib/docker/containers")


def test_the_secret_is_in_no_other_file(host: Host) -> None:
    places = "/etc /root /run/dockwright /run/systemd /tmp /var/lib/dockwright"
    found = host.run(f"grep -rIl --devices=skip {SECRET} {places}").stdout.split()
    assert found == [PATH]


def test_no_module_has_told_the_journal_the_secret(host: Host) -> None:
    """Only dockerd may have written it; what dockerd says of its own proxy is its own affair."""
    journal = host.check_output("journalctl --no-pager --output=short").split("\n")
    assert any("docker_daemon_config" in line and "Invoked with" in line for line in journal)
    told = [line for line in journal if SECRET in line and " dockerd[" not in line]
    assert told == []


@pytest.mark.parametrize(
    "path",
    [
        "/var/lib/dockwright/staged.json",
        "/var/lib/dockwright/saved",
        "/etc/systemd/system/dockwright-restore.service",
    ],
)
def test_nothing_of_the_commit_is_left(host: Host, path: str) -> None:
    assert not host.file(path).exists
