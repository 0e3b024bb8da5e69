"""What a run was asked for, as site.yml understands it."""

from typing import Any

import pytest
from ansible import context
from ansible.errors import AnsibleFilterError
from ansible_collections.dockwright.host.plugins.filter import asked
from ansible_collections.dockwright.host.plugins.plugin_utils import names

from tests.lab import ROOT

ROLES = [
    "docker_kernel",
    "docker_proxy",
    "docker_group",
    "docker_storage",
    "docker_engine",
    "docker_daemon",
    "docker_activation",
]


@pytest.mark.parametrize(
    ("run", "skip", "chosen"),
    [
        (["all"], [], ROLES),
        (["tagged"], [], ROLES),
        (["docker_kernel"], [], ["docker_kernel", "docker_activation"]),
        (["docker_daemon", "mine"], [], ["docker_daemon", "docker_activation"]),
        (["docker_activation"], [], ["docker_activation"]),
        (["mine"], [], []),
        (["always"], [], []),
        (["never"], [], []),
        (["docker_kernel", "all"], [], ROLES),
        (["all"], ["all"], []),
        (["all"], ROLES[:-1], ["docker_activation"]),
        (["untagged"], [], []),
        (["all"], ["docker_kernel"], ROLES[1:]),
        (["all"], ["docker_activation"], ROLES[:-1]),
        (["all"], ["mine"], ROLES),
        (["all"], ["tagged"], []),
        (["docker_kernel"], ["docker_kernel"], []),
        (
            ["docker_kernel", "docker_group"],
            ["docker_kernel"],
            ["docker_group", "docker_activation"],
        ),
    ],
)
def test_roles_are_chosen_as_tags_choose(
    run: list[str], skip: list[str], chosen: list[str]
) -> None:
    assert asked.roles_chosen(ROLES, run, skip) == chosen


def test_a_tag_of_the_import_of_site_asks_for_all_of_it() -> None:
    assert asked.roles_chosen(ROLES, ["mine"], [], whole=True) == ROLES
    assert asked.roles_chosen(ROLES, ["mine"], ["docker_kernel"], whole=True) == ROLES[1:]


@pytest.mark.parametrize(
    ("tag", "near"),
    [
        ("docker_deamon", "docker_daemon"),
        ("docker-engine", "docker_engine"),
        ("docker_kernal", "docker_kernel"),
        ("docker_groups", "docker_group"),
        ("dockerstorage", "docker_storage"),
        ("Docker_Proxy", "docker_proxy"),
    ],
)
def test_a_tag_near_one_of_ours_is_named(tag: str, near: str) -> None:
    for option, run, skip in (("--tags", [tag], []), ("--skip-tags", ["all"], [tag])):
        (told,) = asked.mistakes_in(ROLES, run, skip)
        assert told.startswith(
            f"{option} names {tag}, which is no role of Dockwright's; {near} is one"
        )


@pytest.mark.parametrize(
    "tag",
    [
        "docker",
        "docker_users",
        "docker_compose",
        "docker_image",
        "docker_network",
        "proxy",
        "web",
        "all",
        "always",
        "tagged",
        "untagged",
        "never",
        *ROLES,
    ],
)
def test_tags_of_others_are_left_to_them(tag: str) -> None:
    assert asked.mistakes_in(ROLES, [tag], [tag]) == []


TURNS: list[tuple[Any, Any]] = [
    (None, "100%"),
    (1, 1),
    ("2", 2),
    ("25%", "25%"),
    ([1, "25%"], [1, "25%"]),
    ('[1, "100%"]', [1, "100%"]),
    ("[1,100%]", [1, "100%"]),
    *[(bad, None) for bad in ("foo", "1,2", "[1,", "[]", "0%", "250%", "", [None], {"a": 1})],
    *[(bad, None) for bad in (0, -1, 1.5, True)],
]


@pytest.mark.parametrize(("said", "taken"), TURNS)
def test_turns_are_taken_as_they_are_spelt_or_refused_by_name(said: Any, taken: Any) -> None:
    hostvars = {"web1": {}, "web2": {} if said is None else {"dockwright_serial": said}}
    told = asked.rollout_mistakes(hostvars, ["web1", "web2", "web2"])
    if taken is None:
        (sentence,) = told
        assert sentence.startswith(f"dockwright_serial is {said}. It wants a number of hosts")
    else:
        assert told == []
        assert asked.turns(said) == taken


@pytest.mark.parametrize(
    ("said", "right"),
    [(0, True), ("30", True), ("100%", True), (101, False), (-1, False), ("some", False)],
)
def test_a_share_of_hosts_that_may_fail_is_a_number(said: Any, right: bool) -> None:
    assert (asked.share(None), asked.share(said)) == (100, said if right else 100)
    told = asked.rollout_mistakes({"web1": {"dockwright_max_fail_percentage": said}}, ["web1"])
    assert bool(told) is not right
    assert all(f"dockwright_max_fail_percentage is {said}." in each for each in told)


def test_without_the_look_there_is_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked.from_the_start("all", [], ROLES) == "all"
    with pytest.raises(AnsibleFilterError, match="--skip-tags always leaves out the look"):
        asked.from_the_start("all", ["always"], ROLES)
    # With tags of other playbooks there is nothing to leave out.
    assert asked.from_the_start("all", ["always"], []) == "all"
    for start, refused in (
        ("Plan", True),
        ("Stage daemon.json", True),
        ("dockwright.host.docker_daemon : Stage daemon.json", True),
        ("Install*", True),
        ("*Compare the host*", True),
        ("Restart my service", False),
    ):
        monkeypatch.setattr(context, "CLIARGS", {"start_at_task": start, "args": ("mine.yml",)})
        if refused:
            with pytest.raises(AnsibleFilterError, match="leaves out the look"):
                asked.from_the_start(["web1"], [], ROLES)
        else:
            assert asked.from_the_start(["web1"], [], ROLES) == ["web1"]


@pytest.mark.parametrize(
    "called", ["site.yml", "playbooks/site.yml", "dockwright.host.site", str(ROOT / "site.yml")]
)
def test_a_task_of_nobody_is_no_start(called: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for others, refused in (((), True), (("mine.yml",), False)):
        arguments = {"start_at_task": "nosuch", "args": (called, *others)}
        monkeypatch.setattr(context, "CLIARGS", arguments)
        if refused:
            with pytest.raises(AnsibleFilterError, match="--start-at-task nosuch leaves out"):
                asked.from_the_start(["web1"], [], ROLES)
        else:
            assert asked.from_the_start(["web1"], [], ROLES) == ["web1"]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("docker_daemon_confg", "docker_daemon_config"),
        ("docker_daemon_BIP", "docker_daemon_bip"),
        ("Docker_Daemon_Config", "docker_daemon_config"),
        ("docker-daemon-config", "docker_daemon_config"),
        ("docker_daemon_mirrors", "docker_daemon_registry_mirrors"),
        ("docker_daemon_allow_overlap", "docker_daemon_allow_network_overlap"),
        ("docker_kernal_sem", "docker_kernel_sem"),
        ("docker_strorage_size", "docker_storage_size"),
        ("docker_activaton_retry", "docker_activation_retry"),
        ("docker_deamon_config", "docker_daemon_config"),
        ("docker_daemon_registry_mirror", "docker_daemon_registry_mirrors"),
        ("docker_storage_mountpoint", "docker_storage_mount_point"),
        ("docker_engine_repo_url", "docker_engine_repo_urls"),
        ("docker_kernel_module", "docker_kernel_modules"),
        ("docker_activation_retyr", "docker_activation_retry"),
        ("docker_group_gdi", "docker_group_gid"),
        ("docker_proxy_noproxy", "docker_proxy_no_proxy"),
        ("docker_proxy_htpp", "docker_proxy_http"),
        ("docker_group_member", "docker_group_members"),
        ("docker_engine_Version", "docker_engine_version"),
        ("docker_enigne_version", "docker_engine_version"),
        ("dockerstorage_file", "docker_storage_file"),
        ("dockwright_host", "dockwright_hosts"),
        ("dockwright_seriel", "dockwright_serial"),
        ("dockwrigth_serial", "dockwright_serial"),
    ],
)
def test_a_variable_that_is_nearly_ours_is_named(name: str, near: str) -> None:
    assert names.nearest_variable(name, names.known_names()) == near


# Variables of well-known roles, and of users.
OTHERS = [
    "docker_users",
    "docker_daemon_options",
    "docker_daemon_opts",
    "docker_daemon_envs",
    "docker_edition",
    "docker_engine_packages",
    "docker_storage_pool",
    "docker_daemon_user",
    "docker_proxy_container",
    "pip_install_packages",
    "docker_package",
    "docker_packages",
    "docker_package_state",
    "docker_service_state",
    "docker_service_manage",
    "docker_restart_handler_state",
    "docker_install_compose",
    "docker_compose_version",
    "docker_compose_path",
    "docker_apt_repository",
    "docker_apt_release_channel",
    "docker_yum_repo_url",
    "docker_channel",
    "docker_version",
    "docker_plugins",
    "docker_dns_servers",
    "docker_storage_options",
    "docker_storage_driver",
    "docker_log_driver",
    "docker_http_proxy",
    "docker_no_proxy",
    "docker_insecure_registries",
    "docker_registry_mirrors",
    "docker_daemon_graph",
    "docker_iptables_enabled",
    "docker_bin_dir",
    "docker_orphan_clean_up",
    "docker_version_pin",
    "docker_group_name",
    "docker_group_users",
    "docker_engine_name",
    "docker_proxy_port",
    "docker_network_mtu",
    "dockwright_environment",
    "dockwright_team",
    "docker",
    "dock",
    "docks_for_ships",
]


@pytest.mark.parametrize("name", OTHERS)
def test_variables_of_others_are_left_to_them(name: str) -> None:
    assert names.nearest_variable(name, names.known_names()) == ""
