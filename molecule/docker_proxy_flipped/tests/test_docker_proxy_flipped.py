"""Packages and images come through proxies with a password, and only one file holds it."""

import time
from typing import Any

import pytest
from testinfra.host import Host

from tests.proxies import asked

FOLDER = "/etc/systemd/system/docker.service.d"
DROP_IN = f"{FOLDER}/http-proxy.conf"
CREDENTIALS = f"{FOLDER}/http-proxy-1.env"
NO_PROXY = (
    "registry.example.com,.corp.example.com,localhost,127.0.0.1,::1,100.100.100.200,{lab_registry}"
)


@pytest.fixture
def variables(host: Host) -> dict[str, Any]:
    """Give the lab's variables of this host, from the inventory."""
    read: dict[str, Any] = host.ansible.get_variables()
    return read


def test_the_drop_in_has_no_password(host: Host, variables: dict[str, Any]) -> None:
    assert host.file(DROP_IN).content_string.splitlines()[1:] == [
        "[Service]",
        f'Environment="NO_PROXY={NO_PROXY.format(**variables)}"',
        f"EnvironmentFile={CREDENTIALS}",
    ]


def test_the_file_with_the_password_is_for_root_alone(host: Host) -> None:
    file = host.file(CREDENTIALS)
    assert (file.user, file.group, file.mode) == ("root", "root", 0o600)


def test_the_daemon_has_it_in_its_environment(host: Host, variables: dict[str, Any]) -> None:
    pid = host.check_output("systemctl show --property=MainPID --value docker.service")
    words = host.check_output("tr '\\0' '\\n' < /proc/%s/environ", pid).splitlines()
    assert dict(word.split("=", 1) for word in words if "_PROXY=" in word) == {
        "HTTP_PROXY": variables["lab_proxies"]["locked"],
        "HTTPS_PROXY": variables["lab_proxies"]["socks"],
        "NO_PROXY": NO_PROXY.format(**variables),
    }


def test_the_secret_is_in_no_other_file(host: Host, variables: dict[str, Any]) -> None:
    places = "/etc /root /run /tmp /var"
    secret = variables["lab_proxies_secret"]
    found = host.run(f"grep -rIl --devices=skip {secret} {places} 2>/dev/null").stdout.split()
    assert found == [CREDENTIALS]


def test_the_packages_came_through_the_proxy(host: Host, variables: dict[str, Any]) -> None:
    assert host.run("getent hosts packages.hidden.test").rc != 0
    requests = [line for line in asked(variables, 0) if line.startswith("locked: ")]
    assert any(variables["lab_hidden_site"] in line for line in requests)
    assert host.check_output("docker version --format '{{.Client.Version}}'")


def test_an_image_comes_through_the_proxy(host: Host, variables: dict[str, Any]) -> None:
    began, registry = time.time(), variables["lab_hidden_registry"]
    assert host.run("getent hosts %s", registry).rc != 0
    host.check_output("docker pull --quiet %s/library/busybox", registry)
    lines = [line for line in asked(variables, began) if line.startswith("socks: ")]
    assert any(f"connected to {registry}:443" in line for line in lines)


def test_an_image_comes_through_the_mirror_without_the_proxy(
    host: Host, variables: dict[str, Any]
) -> None:
    began = time.time()
    host.check_output("docker pull --quiet hello-world")
    assert variables["lab_registry"] not in "\n".join(asked(variables, began))
