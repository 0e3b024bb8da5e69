"""A host that freezes during a run ends as unreachable, and the others go on."""

import configparser
import re
import shlex
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.lab import ROOT, Lab

PLAY = str(Path(__file__).with_name("frozen.yml"))
OPTIONS = ("ServerAliveInterval", "ServerAliveCountMax")
GROUP = ROOT / "inventories/example/group_vars/docker_hosts.yml"
# Longer than ssh waits here, and short enough to wait for.
FROZEN_SECONDS = 8


def ssh_args() -> str:
    """Give the arguments that the checkout's ansible.cfg passes to ssh."""
    config = configparser.ConfigParser()
    config.read(ROOT / "ansible.cfg")
    return config["ssh_connection"]["ssh_args"]


def seconds(options: str) -> int:
    """Give the seconds after which ssh gives up a silent host, by its own options; 0 for never."""
    ran = subprocess.run(
        ["ssh", "-F", "none", "-G", *shlex.split(options), "example.test"],
        capture_output=True,
        text=True,
        check=True,
    )
    values = dict(line.split(" ", 1) for line in ran.stdout.splitlines() if " " in line)
    interval, count = (int(values[name.lower()]) for name in OPTIONS)
    return interval * count


def test_ssh_gives_a_frozen_host_up_wherever_our_users_take_its_options_from() -> None:
    page = (ROOT / "docs" / "using.md").read_text()
    (told,) = re.findall(r"^ansible_ssh_common_args: (.*)$", page, re.MULTILINE)
    example = yaml.safe_load(GROUP.read_text())["ansible_ssh_common_args"]
    assert {seconds(each) for each in (ssh_args(), example, told)} == {30}
    assert seconds("") == 0


def test_ssh_args_keep_what_ansible_gives_by_itself() -> None:
    """Ours replace Ansible's own, which let tasks share a connection."""
    assert ssh_args().startswith("-o ControlMaster=auto -o ControlPersist=60s ")


def test_a_look_that_hangs_on_the_host_ends() -> None:
    """A process that looks at a file on a dead server is blocked, and only this ends it."""
    tasks = yaml.safe_load((ROOT / "roles/docker_plan/tasks/main.yml").read_text())
    (look,) = (task for task in tasks if "dockwright.host.docker_plan" in task)
    assert look["timeout"] == 1800


def test_a_frozen_host_is_unreachable_and_the_others_go_on(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    frozen, *others = lab.hosts
    # The same options, but the test waits 3 s instead of 30.
    hurried = re.sub(r"ServerAliveInterval=\d+", "ServerAliveInterval=1", ssh_args())
    began = time.monotonic()
    try:
        ran = lab.playbook(
            PLAY,
            *("-e", f"frozen_host={frozen} frozen_seconds={FROZEN_SECONDS}"),
            ANSIBLE_SSH_ARGS=hurried,
            # A connection that another test has kept has that test's options.
            ANSIBLE_SSH_CONTROL_PATH_DIR=str(tmp_path_factory.mktemp("ssh")),
        )
    finally:
        time.sleep(max(0.0, began + FROZEN_SECONDS + 2 - time.monotonic()))
        # It is thawed again, for whoever comes next.
        lab.on(frozen, "true")
    told = ran.stdout + ran.stderr
    # Had the run waited for it, it would have thawed, and all would have gone well.
    assert ran.returncode == 4, told
    recap = dict(re.findall(r"^(\S+) +: (ok=.*)$", told, re.MULTILINE))
    assert "unreachable=1" in recap[frozen], told
    for host in others:
        assert "ok=2 " in recap[host] and "unreachable=0" in recap[host], told
