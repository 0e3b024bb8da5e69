"""The meaning of daemon.json's values: which are the same, and which are not."""

import posixpath
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon.meaning import (
    is_same,
    meaning,
    tidy_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_checks.circumstances import (
    Circumstances,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.daemon_checks.keys import (
    check_kinds,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.daemon_defaults import (
    DAEMON_DEFAULTS,
)
from hypothesis import given
from hypothesis import strategies as st

PATHS = st.text(alphabet="/.ab ", max_size=12).map(lambda text: "/" + text)


@pytest.mark.parametrize("key", sorted(DAEMON_DEFAULTS))
def test_a_default_is_of_its_keys_kind_and_comes_to_nothing(key: str) -> None:
    nobody_knows = Circumstances(
        version=(), family="deb", flags={}, flags_source="", takes_hosts=False, swarm=False
    )
    assert list(check_kinds({key: DAEMON_DEFAULTS[key]}, nobody_knows)) == []
    assert meaning(key, DAEMON_DEFAULTS[key]) is None


@given(PATHS)
def test_a_tidy_path_leads_to_the_same_place(path: str) -> None:
    tidied = tidy_path(path)
    assert tidy_path(tidied) == tidied
    assert "//" not in tidied
    assert posixpath.normpath(tidied) == posixpath.normpath(path).replace("//", "/")
    # The folder before ``..`` may be a link.
    assert tidied.split("/").count("..") == path.split("/").count("..")


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("default-shm-size", "64M", "67108864"),
        ("default-shm-size", "1g", "1024MiB"),
        ("pidfile", "/var/run/docker.pid", "/run//docker.pid"),
        ("exec-opts", ["native.cgroupdriver=systemd"], ["Native.CgroupDriver = systemd"]),
        ("bip6", "fd00::1/64", "FD00:0::0001/64"),
        ("fixed-cidr", "10.1.2.3/24", "10.1.2.0/24"),
        ("insecure-registries", ["a", "https://b"], ["b", "a", "a"]),
        ("hosts", ["fd://", "tcp://127.0.0.1:2376"], ["tcp://127.0.0.1:2376", "fd://"]),
        ("registry-mirrors", ["https://a", "https://a/"], ["https://a"]),
        ("mtu", 1500, 1500),
        ("labels", [], []),
    ],
)
def test_what_dockerd_reads_alike_is_the_same(key: str, one: Any, other: Any) -> None:
    assert is_same((key,), one, other)
    assert is_same((key,), other, one)


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("bip", "10.1.2.3/24", "10.1.2.0/24"),
        ("data-root", "/data/docker ", "/data/docker"),
        ("data-root", "/data/x/../docker", "/data/docker"),
        ("data-root", "/var/runner", "/runner"),
        ("pidfile", "/run/docker.pid/", "/run/docker.pid"),
        ("registry-mirrors", ["https://a//"], ["https://a/"]),
        ("registry-mirrors", ["https://a", "https://b"], ["https://b", "https://a"]),
        ("dns", ["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "10.0.0.1"]),
        ("default-shm-size", "64", "64M"),
        ("debug", False, 0),
        ("debug", False, None),
        ("mtu", 1500, "1500"),
        ("labels", ["a=1"], ["A=1"]),
        ("bip", "10.0.0.1/24", ["10.0.0.1/24"]),
    ],
)
def test_what_may_be_another_thing_is_not_the_same(key: str, one: Any, other: Any) -> None:
    assert not is_same((key,), one, other)
    assert not is_same((key,), other, one)


def test_of_a_log_the_units_spelling_alone_is_no_difference() -> None:
    assert is_same(("log-opts", "max-size"), "50M", "50mb")
    assert not is_same(("log-opts", "max-size"), "1m", "1024k")
    assert not is_same(("log-opts", "tag"), "50M", "50m")
