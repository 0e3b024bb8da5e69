"""Whom site.yml reaches, and in which turns: read from the playbook, without a host."""

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
# What dockwright_hosts says, whom play 1 looks at, and whom of those that differ play 2 applies to.
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
