"""What a person types for the roles' variables, in real plays that reach no host."""

import re
from pathlib import Path

from tests.contract.variables import judge_every_variable, play, wrong


def test_every_variable_of_every_role_alone_is_refused_by_name_and_null_is_its_default(
    tmp_path: Path,
) -> None:
    judge_every_variable(tmp_path, ["ansible-playbook"])


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
