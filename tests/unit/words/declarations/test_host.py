"""What a user may declare, and how clearly a value without meaning is refused."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import defaults_of
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.activation import (
    declare_activation,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.daemon import (
    declare_daemon,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.engine import (
    declare_engine,
    upstream_version,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.error import (
    DeclarationError,
)


def engine(**given: Any) -> Any:
    defaults = defaults_of("docker_engine")
    return declare_engine({**defaults, **given})


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://mirrors.aliyun.com/docker-ce/", "https://mirrors.aliyun.com/docker-ce"),
        (
            "http://mirrors.cloud.aliyuncs.com/docker-ce",
            "http://mirrors.cloud.aliyuncs.com/docker-ce",
        ),
        ("http://10.0.0.1:8080", "http://10.0.0.1:8080"),
        ("file:///srv/docker-ce", "file:///srv/docker-ce"),
        (
            "https://mirrors.example.com/linux/docker-ce",
            "https://mirrors.example.com/linux/docker-ce",
        ),
    ],
)
def test_a_site_is_a_base_address(given: str, read: str) -> None:
    assert engine(repo_urls=[given]).repo_urls == (read,)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([], "is empty"),
        (["download.docker.com"], "wants base addresses"),
        (["ftp://download.docker.com"], "wants base addresses"),
        (["https://a b"], "wants base addresses"),
        (["https://a/?x=1"], "wants base addresses"),
        (["https://"], "names a host"),
        (["file://srv/docker"], "three slashes"),
        (["https://download.docker.com/linux/debian"], "before /linux/"),
        (["https://download.docker.com/linux/"], "before /linux/"),
        (["https://mirrors.example.com/docker-ce/linux/centos/9/"], "before /linux/"),
    ],
)
def test_an_address_without_meaning_is_refused(given: list[str], complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint):
        engine(repo_urls=given)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(DeclarationError) as refused:
        engine(repo_urls=["https://user:geheim@packages.example.test"])
    assert "geheim" not in str(refused.value)
    assert "user name or password" in str(refused.value)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("present", "present"),
        ("28.5.2", "28.5.2"),
        ("28", "28"),
        ("28.5", "28.5"),
        ("5:28.5.2-1~debian.13~trixie", "28.5.2-1~debian.13~trixie"),
        ("3:28.5.2-1.el9", "28.5.2-1.el9"),
        (" 28.0.0~rc.1 ", "28.0.0~rc.1"),
        ("5:20.10.24~3-0~ubuntu-jammy", "20.10.24~3-0~ubuntu-jammy"),
    ],
)
def test_a_version_is_present_or_full_or_a_prefix(given: str, read: str) -> None:
    assert engine(version=given).version == read


@pytest.mark.parametrize(
    "given", ["latest", "", "28.", "28.x", "28.5.2; reboot", "absent", "20.10.24~3"]
)
def test_a_version_without_meaning_is_refused(given: str) -> None:
    with pytest.raises(DeclarationError, match="`present`, a full version"):
        engine(version=given)


def test_a_fingerprint_is_read_as_gpg_prints_it() -> None:
    spaced = "9dc8 5822 9fc7 dd38 854a  e2d8 8d81 803c 0ebf cd88"
    expected = "9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
    assert engine(repo_key_fingerprint=spaced).repo_key_fingerprint == expected
    with pytest.raises(DeclarationError, match="40 hexadecimal digits"):
        engine(repo_key_fingerprint="0EBFCD88")


@pytest.mark.parametrize(
    ("package", "upstream"),
    [
        ("5:28.5.2-1~debian.13~trixie", "28.5.2"),
        ("3:26.1.4-1.el7", "26.1.4"),
        ("5:28.0.0~rc.1-1~ubuntu.24.04~noble", "28.0.0~rc.1"),
        ("5:20.10.24~3-0~ubuntu-jammy", "20.10.24"),
    ],
)
def test_a_package_version_holds_the_projects_own(package: str, upstream: str) -> None:
    assert upstream_version(package) == upstream


def test_a_wait_is_no_negative_number() -> None:
    assert engine(lock_timeout=0).lock_timeout == 0
    with pytest.raises(DeclarationError, match="docker_engine_lock_timeout is -1"):
        engine(lock_timeout=-1)


def daemon(**given: Any) -> Any:
    defaults = defaults_of("docker_daemon")
    return declare_daemon({**defaults, **given})


def test_short_cuts_become_keys_of_daemon_json() -> None:
    declared = daemon(
        config={"debug": True},
        registry_mirrors=["https://a.example"],
        address_pools=[{"base": "10.200.0.0/16", "size": 24}],
        bip="192.168.200.1/24",
    )
    assert declared.config == {
        "debug": True,
        "registry-mirrors": ["https://a.example"],
        "default-address-pools": [{"base": "10.200.0.0/16", "size": 24}],
        "bip": "192.168.200.1/24",
    }


def test_short_cuts_that_are_empty_say_nothing() -> None:
    assert daemon().config == {}
    assert daemon(config={"bip": "10.0.0.1/24"}).config == {"bip": "10.0.0.1/24"}


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({"config": {"bip": "10.0.0.1/24"}, "bip": "10.0.1.1/24"}, "docker_daemon_bip"),
        (
            {"config": {"registry-mirrors": []}, "registry_mirrors": ["https://a.example"]},
            "docker_daemon_registry_mirrors",
        ),
        (
            {
                "config": {"default-address-pools": [{"base": "10.0.0.0/8", "size": 24}]},
                "address_pools": [{"base": "10.0.0.0/8", "size": 25}],
            },
            "docker_daemon_address_pools",
        ),
    ],
)
def test_a_key_that_is_declared_twice_is_refused(given: dict[str, Any], variable: str) -> None:
    with pytest.raises(DeclarationError, match=f"{variable} and docker_daemon_config both say"):
        daemon(**given)


def test_a_key_that_is_declared_twice_alike_is_none_too_many() -> None:
    assert daemon(config={"bip": "10.0.0.1/24"}, bip="10.0.0.1/24").config["bip"] == "10.0.0.1/24"
    assert daemon(config={"bip": None}, bip="10.0.0.1/24").config["bip"] == "10.0.0.1/24"


def test_what_is_given_is_left_as_it_is() -> None:
    config: dict[str, Any] = {}
    daemon(config=config, bip="10.0.0.1/24")
    assert config == {}


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(DeclarationError, match="has the key 1, which is no text"):
        daemon(config={1: True})


@pytest.mark.parametrize(
    ("given", "read"), [("172.16.0.0/12", "172.16.0.0/12"), ("fd00::/8", "fd00::/8")]
)
def test_a_reserved_network(given: str, read: str) -> None:
    assert daemon(reserved_networks=[given]).reserved_networks == (read,)


@pytest.mark.parametrize("given", ["172.16.0.1/12", "vpc", ""])
def test_a_reserved_network_without_meaning_is_refused(given: str) -> None:
    with pytest.raises(DeclarationError, match="docker_daemon_reserved_networks holds"):
        daemon(reserved_networks=[given])


def test_seconds_are_not_negative() -> None:
    assert declare_activation({}).health_timeout == 60
    assert declare_activation({"stable_seconds": 0}).stable_seconds == 0
    for name in ("health_timeout", "stable_seconds"):
        with pytest.raises(DeclarationError, match=f"docker_activation_{name} is -1"):
            declare_activation({name: -1})
