"""Which hosts site.yml reaches, and in which turns: read from the playbook, without a host."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lab import ROOT, ansible_environment

INVENTORY = """\
[web]
web1
web2
web3
[db]
db1
db2
[dockwright_differs]
web2
db1
"""
# dockwright_hosts, the hosts that play 1 looks at, and those of them that play 2 applies roles to.
PATTERNS: list[tuple[Any, set[str], set[str]]] = [
    (None, {"web1", "web2", "web3", "db1", "db2"}, {"web2", "db1"}),
    ("web1,web2", {"web1", "web2"}, {"web2"}),
    ("web2,web1", {"web1", "web2"}, {"web2"}),
    ("web1, web3", {"web1", "web3"}, set()),
    (["web1", "web2"], {"web1", "web2"}, {"web2"}),
    (["web", "db"], {"web1", "web2", "web3", "db1", "db2"}, {"web2", "db1"}),
    ("db,web,!web2", {"db1", "db2", "web1", "web3"}, {"db1"}),
    ("all:!db", {"web1", "web2", "web3"}, {"web2"}),
    (["web", "!web2"], {"web1", "web3"}, set()),
    (["web", "&db"], set(), set()),
    ('["web1", "web2"]', {"web1", "web2"}, {"web2"}),
    ("web[1:2]", {"web2", "web3"}, {"web2"}),
    ("~web[12]", {"web1", "web2"}, {"web2"}),
]


@pytest.mark.parametrize(("said", "looked_at", "applied_to"), PATTERNS)
def test_both_plays_reach_the_hosts_that_were_named(
    said: Any, looked_at: set[str], applied_to: set[str], tmp_path: Path
) -> None:
    inventory = tmp_path / "hosts"
    inventory.write_text(INVENTORY)
    extra = [] if said is None else ["-e", json.dumps({"dockwright_hosts": said})]
    ran = subprocess.run(
        ["ansible-playbook", "-i", inventory, "site.yml", "--list-hosts", *extra],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=ansible_environment(),
    )
    first, second = ran.stdout.split("play #2")
    assert set(re.findall(r"^ +(\w+\d)$", first, re.MULTILINE)) == looked_at, ran.stdout
    assert set(re.findall(r"^ +(\w+\d)$", second, re.MULTILINE)) == applied_to, ran.stdout


BESIDE_OTHERS = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: Mine
      ansible.builtin.debug:
      tags: [mine]
- import_playbook: {site}
  tags: [docker]
"""
# Nobody answers: every host that is looked at is unreachable.
NOBODY = "web1 ansible_host=127.0.0.1 ansible_port=1\n"


@pytest.mark.parametrize(
    ("options", "ended", "said"),
    [
        # Misspelt names there are not told either, since the host is not part of this run.
        (("--tags", "mine", "-e", "dockwright_serial=foo", "-e", "docker_group_gdi=1"), 0, ""),
        (("--tags", "mine", "--skip-tags", "always"), 0, ""),
        (("--tags", "docker", "--skip-tags", "docker_kernel"), 4, "UNREACHABLE"),
        (("--tags", "docker", "--skip-tags", "always"), 2, "leaves out the look at the hosts"),
    ],
)
def test_beside_plays_of_others_it_does_what_a_tag_of_its_import_asks_for(
    options: tuple[str, ...], ended: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "hosts").write_text(NOBODY)
    playbook = tmp_path / "all.yml"
    playbook.write_text(BESIDE_OTHERS.format(site=ROOT / "playbooks" / "site.yml"))
    ran = subprocess.run(
        ["ansible-playbook", "-i", tmp_path / "hosts", playbook, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=ansible_environment(),
    )
    told = ran.stdout + ran.stderr
    assert ran.returncode == ended, told
    assert said in told
    if not said:
        assert "UNREACHABLE" not in told
        assert not re.search(r"WARNING|ERROR", told), told
