"""What a person types for the roles' variables, in real plays that reach no host."""

import json
import re
from pathlib import Path

from tests.contract.variables import judge_a_vault, judge_every_variable, play, wrong


def test_every_variable_of_every_role_alone_is_refused_by_name_and_null_is_its_default(
    tmp_path: Path,
) -> None:
    judge_every_variable(tmp_path, ["ansible-playbook"])


def test_what_came_from_a_vault_is_not_shown(tmp_path: Path) -> None:
    judge_a_vault(tmp_path, ["ansible-playbook"])


def test_site_refuses_them_before_it_reaches_a_host(tmp_path: Path) -> None:
    said = {**wrong(), "docker_proxy_http": ["http://alice:hunter2@proxy"]}
    del said["docker_plan_roles"]
    told = play(
        site(tmp_path),
        {"wrong": said, "of_null": dict.fromkeys(said)},
        ansible=["ansible-playbook"],
    )
    (answer,) = re.findall(r"fatal: \[wrong\]: FAILED! => (\{.*?\})\n", told)
    for name in said:
        assert f"{name} is " in answer
    assert "docker_proxy_http is a list, which is not shown. It wants a text." in answer
    assert "hunter2" not in told
    assert "fatal: [of_null]: UNREACHABLE!" in told


def site(folder: Path) -> Path:
    playbook = folder / "site.yml"
    playbook.write_text("- import_playbook: dockwright.host.site\n")
    return playbook


def test_a_misspelt_variable_of_a_role_alone_is_told_once_a_run(tmp_path: Path) -> None:
    role = {"name": "dockwright.host.docker_group"}
    tasks = [{"include_role": role, "vars": {"docker_group_membres": "{{ nobodys }}"}}]
    playbook = tmp_path / "alone.yml"
    playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    told = play(playbook, {name: {} for name in ("a", "b", "c")}, ansible=["ansible-playbook"])
    told = " ".join(told.split())
    sentence = "docker_group_membres is no variable of Dockwright's; docker_group_members is one."
    assert told.count(sentence) == 1, told
    assert told.count("UNREACHABLE!") == 3
