"""What the roles' variables may be, and what is said about a wrong value."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import (
    Mistake,
    Option,
    understood,
    variables,
)

EVERY = sorted(variables().items())
# For each type, a value as it is typed and its result.
RIGHT: dict[str, list[tuple[Any, Any]]] = {
    "bool": [(True, True), ("yes", True), ("Off", False), (0, False), ("1", True)],
    "int": [(10, 10), ("10", 10), (" 7 ", 7)],
    "list": [([], []), ("", None), ("[]", [])],
    "dict": [({}, {}), ("{}", {}), ("", None)],
    "str": [],
}
WRONG: dict[str, list[Any]] = {
    "bool": ["maybe", 2, 1.5, [True], {"a": 1}, "truth"],
    "int": [True, 1.5, "1.5", "1e3", "ten", [1], {"a": 1}, "0x10", "9" * 30],
    "list": [1, True, 1.5, {"a": 1}, [None], [True], [1.5], [{"a": 1}], [[1]], "[1,", "{}"],
    "dict": [1, True, "text", ["a"], 1.5, "{", "a=b"],
    "str": [True, 1.5, ["a"], {"a": 1}, "{{ nobodys }}"],
}


@pytest.mark.parametrize(("name", "option"), EVERY)
def test_null_is_the_default(name: str, option: Option) -> None:
    assert understood(name, None) == option.default
    if option.type != "str":
        assert understood(name, " ") == option.default


@pytest.mark.parametrize(("name", "option"), EVERY)
def test_what_it_may_be_is_taken_in_each_spelling(name: str, option: Option) -> None:
    for typed, taken in [(option.default, option.default), *RIGHT[option.type]]:
        assert understood(name, typed) == (option.default if taken is None else taken)


@pytest.mark.parametrize(("name", "option"), EVERY)
def test_what_it_cannot_be_is_refused_by_name(name: str, option: Option) -> None:
    for typed in WRONG[option.type]:
        with pytest.raises(Mistake) as caught:
            understood(name, typed)
        assert str(caught.value).startswith((f"{name} is ", f"{name} has ")), caught.value
        assert len(str(caught.value)) < 400


SENTENCES: list[tuple[str, Any, str]] = [
    ("docker_group_gid", "abc", "docker_group_gid is 'abc'. It wants a whole number."),
    ("docker_group_gid", True, "docker_group_gid is true. It wants a whole number."),
    (
        "docker_engine_version",
        28.10,
        "docker_engine_version is 28.1. Written without quotes, 28.10 and 28.1 are one number. "
        'Put it in quotes, as in "28.1".',
    ),
    (
        "docker_storage_state",
        "gone",
        "docker_storage_state is 'gone'. It wants one of mounted and absent.",
    ),
    (
        "docker_group_members",
        ["alice", None],
        "docker_group_members has null as entry 2. It wants a text.",
    ),
    (
        "docker_daemon_address_pools",
        [{"base": "10.0.0.0/8", "size": "big"}],
        "docker_daemon_address_pools has 'big' as size of entry 1. It wants a whole number.",
    ),
    (
        "docker_daemon_address_pools",
        [{"base": "10.0.0.0/8", "size": None}],
        "docker_daemon_address_pools has null as size of entry 1. It wants a whole number.",
    ),
    (
        "docker_daemon_address_pools",
        [{"base": "10.0.0.0/8"}],
        'docker_daemon_address_pools has {"base": "10.0.0.0/8"} as entry 1. It wants size as well.',
    ),
    (
        "docker_daemon_address_pools",
        [{"base": "10.0.0.0/8", "size": 24, "mask": 3}],
        "docker_daemon_address_pools has 3 as mask of entry 1. There is no such key: it wants base "
        "and size.",
    ),
    (
        "docker_storage_file",
        "/{{ disk }}/docker.img",
        "docker_storage_file is '/{{ disk }}/docker.img'. Ansible has not filled in what stands in "
        "braces there.",
    ),
    (
        "docker_activation_run_timeout",
        -1,
        "docker_activation_run_timeout is -1. It wants seconds, from 0 to 604800 (a week).",
    ),
    (
        "docker_proxy_http",
        ["http://alice:hunter2@proxy"],
        "docker_proxy_http is a list, which is not shown. It wants a text.",
    ),
    (
        "docker_daemon_config",
        ["hunter2"],
        "docker_daemon_config is a list, which is not shown. It wants a map.",
    ),
    (
        "docker_daemon_registry_mirrors",
        {"https://alice:hunter2@mirror": 1},
        "docker_daemon_registry_mirrors is a map, which is not shown. It wants a list, of which "
        "each entry is a text.",
    ),
]


@pytest.mark.parametrize(("name", "typed", "said"), SENTENCES)
def test_a_refusal_names_the_variable_the_value_and_what_it_wants(
    name: str, typed: Any, said: str
) -> None:
    with pytest.raises(Mistake) as caught:
        understood(name, typed)
    assert str(caught.value) == said


def test_what_came_from_a_vault_is_not_shown() -> None:
    with pytest.raises(Mistake, match=r"^docker_group_gid is a text, which is not shown"):
        understood("docker_group_gid", "hunter2", secret=True)


def test_a_long_value_is_cut() -> None:
    with pytest.raises(Mistake) as caught:
        understood("docker_storage_state", "x" * 4096)
    assert "xxx'… (4096 characters). It wants one of" in str(caught.value)


def test_a_map_of_the_daemons_keeps_its_nulls_and_its_braces() -> None:
    config = {"log-opts": {"tag": "{{.Name}}"}, "bip": None, "debug": True, "shm": 1.5}
    assert understood("docker_daemon_config", config) == config
    assert understood("docker_daemon_config", '{"bip": null}') == {"bip": None}


def test_a_list_is_taken_from_a_command_line() -> None:
    for typed in ("alice, bob", '["alice", "bob"]', "[alice, bob]", ("alice", "bob")):
        assert understood("docker_group_members", typed) == ["alice", "bob"]
    assert understood("docker_group_members", [1000]) == ["1000"]
