"""Plays that judge every variable of every role, and reach no host."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.dockwright.host.plugins.plugin_utils.variables import variables

from tests.lab import ROOT, ansible_environment

ROLES = sorted({option.role for option in variables().values()})
# It stands in for ssh, by its exit code: whatever is to be done on a host ends in "unreachable".
NO_SSH = "#!/bin/sh\nexit 255\n"
# A value that a variable of each type cannot have, and what the variable wants.
WRONG: dict[str, tuple[Any, str]] = {
    "str": ({"a": 1}, "It wants "),
    "int": ("many", "It wants a whole number."),
    "bool": ("maybe", "It wants true or false."),
    "list": ({"a": 1}, "It wants a list"),
    "dict": ([1], "It wants a map"),
}
NULLS: dict[str, Any] = {"null": None, "template": "{{ nobodys | default(none) }}"}


def each_alone(folder: Path) -> Path:
    """Give a playbook of all roles, each alone; a host that one ends goes on to the next."""
    playbook = folder / "each.yml"
    playbook.write_text(
        json.dumps(
            [
                {
                    "hosts": "all",
                    "gather_facts": False,
                    "ignore_unreachable": True,
                    "tasks": [
                        {
                            "block": [{"include_role": {"name": f"dockwright.host.{role}"}}],
                            "rescue": [{"ansible.builtin.meta": "noop"}],
                        }
                    ],
                }
                for role in ROLES
            ]
        )
    )
    return playbook


def play(playbook: Path, hosts: dict[str, Any], *arguments: str, ansible: Sequence[str]) -> str:
    inventory, ssh = playbook.with_name("hosts.json"), playbook.with_name("ssh")
    ssh.write_text(NO_SSH)
    ssh.chmod(0o755)
    nowhere = {"ansible_connection": "ssh", "ansible_ssh_executable": str(ssh)}
    inventory.write_text(
        json.dumps({"all": {"hosts": {name: {**nowhere, **said} for name, said in hosts.items()}}})
    )
    ran = subprocess.run(
        [*ansible, "-i", str(inventory), str(playbook), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=ansible_environment(),
    )
    return ran.stdout + ran.stderr


def wrong() -> dict[str, Any]:
    return {name: WRONG[option.type][0] for name, option in variables().items()}


def sentence(name: str, told: str) -> str:
    (found,) = re.findall(rf"{name} is .*? It wants [^.]*\.", told)[:1] or [""]
    return str(found)


def judge_every_variable(folder: Path, ansible_playbook: Sequence[str]) -> None:
    hosts = {f"of_{name}": dict.fromkeys(variables(), value) for name, value in NULLS.items()}
    told = play(each_alone(folder), {"wrong": wrong(), **hosts}, ansible=ansible_playbook)
    for name in hosts:
        assert not re.search(rf"fatal: \[{name}\]: FAILED! .*_mistakes", told), told
        assert told.count(f"fatal: [{name}]: UNREACHABLE!") >= len(ROLES), told
    answers = re.findall(r"fatal: \[wrong\]: FAILED! => (\{.*?\})\n", told)
    assert len(answers) >= len(ROLES), told
    message = answers[0]
    for name, option in variables().items():
        assert WRONG[option.type][1] in sentence(name, message), (name, message)


def judge_a_vault(folder: Path, ansible_playbook: Sequence[str]) -> None:
    """Require that a vault's value is shown nowhere, however it comes."""
    password = folder / "password"
    password.write_text("of the vault\n")
    vaulted = subprocess.run(
        [
            "ansible-vault",
            "encrypt_string",
            *("--vault-password-file", str(password), "--name", "docker_group_gid", "hunter2"),
        ],
        capture_output=True,
        text=True,
        check=True,
        env=ansible_environment(),
    ).stdout
    said = folder / "vaulted.yml"
    said.write_text(vaulted + 'docker_group_exclusive: "{{ docker_group_gid }}"\n')
    arguments = ("-e", f"@{said}", "--vault-password-file", str(password))
    told = play(each_alone(folder), {"vaulted": {}}, *arguments, ansible=ansible_playbook)
    assert "docker_group_gid is a text, which is not shown" in told, told
    assert "docker_group_exclusive is a text, which is not" in told, told
    assert "hunter2" not in told
