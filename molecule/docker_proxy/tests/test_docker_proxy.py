"""dockerd uses the proxy for what it can reach in no other way, and reaches the rest directly."""

import time
from typing import Any

import pytest
from testinfra.host import Host

from tests.proxies import asked

DROP_IN = "/etc/systemd/system/docker.service.d/http-proxy.conf"


@pytest.fixture
def variables(host: Host) -> dict[str, Any]:
    """Give the lab's variables of this host, from the inventory."""
    read: dict[str, Any] = host.ansible.get_variables()
    return read


@pytest.fixture
def declared(variables: dict[str, Any]) -> dict[str, str]:
    """Give what dockerd's environment should say of the proxy."""
    return {"HTTPS_PROXY": variables["lab_proxies"]["open"], "NO_PROXY": variables["lab_registry"]}


def test_the_drop_in_says_what_is_declared(host: Host, declared: dict[str, str]) -> None:
    file = host.file(DROP_IN)
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)
    lines = [f'Environment="{name}={value}"' for name, value in declared.items()]
    assert file.content_string.splitlines()[1:] == ["[Service]", *lines]


def test_nothing_is_kept_apart(host: Host) -> None:
    assert host.check_output("ls /etc/systemd/system/docker.service.d") == "http-proxy.conf"


def test_the_daemon_has_it_in_its_environment(host: Host, declared: dict[str, str]) -> None:
    pid = host.check_output("systemctl show --property=MainPID --value docker.service")
    words = host.check_output("tr '\\0' '\\n' < /proc/%s/environ", pid).splitlines()
    said = dict(word.split("=", 1) for word in words if "_PROXY=" in word)
    assert said == declared


def test_the_daemon_goes_by_it(host: Host, declared: dict[str, str]) -> None:
    said = host.check_output("docker info --format '{{.HTTPSProxy}} {{.NoProxy}}'")
    assert said == " ".join(declared.values())


def test_the_registry_can_be_reached_in_no_other_way(host: Host, variables: dict[str, Any]) -> None:
    assert host.run("getent hosts %s", variables["lab_hidden_registry"]).rc != 0


def test_an_image_comes_through_the_proxy(host: Host, variables: dict[str, Any]) -> None:
    began, registry = time.time(), variables["lab_hidden_registry"]
    host.check_output("docker pull --quiet %s/library/busybox", registry)
    assert f"CONNECT {registry}:443" in "\n".join(asked(variables, began))


def test_an_image_comes_without_the_proxy(host: Host, variables: dict[str, Any]) -> None:
    began, registry = time.time(), variables["lab_registry"]
    host.check_output("docker pull --quiet %s/library/hello-world", registry)
    assert registry not in "\n".join(asked(variables, began))
