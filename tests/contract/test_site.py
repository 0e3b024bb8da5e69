"""Whom site.yml reaches, and in which turns: read from the playbook, without a host."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

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


TURNS: list[tuple[Any, Any]] = [
    (1, 1),
    ("2", 2),
    ("25%", "25%"),
    ([1, "25%"], [1, "25%"]),
    ('[1, "100%"]', [1, "100%"]),
    ("[1,100%]", [1, "100%"]),
    ("foo", None),
    ("1,2", None),
    ("[1,", None),
    ("[]", None),
    (0, None),
    (-1, None),
    (1.5, None),
    ("0%", None),
    ("250%", None),
    ({"first": 1}, None),
    (None, "100%"),
    ([None], None),
]


@pytest.mark.parametrize(("said", "taken"), TURNS)
def test_turns_are_taken_as_they_are_spelt_or_refused_by_name(said: Any, taken: Any) -> None:
    loader = DataLoader()
    look, apply = loader.load_from_file(
        str(ROOT / "playbooks" / "site.yml"), trusted_as_template=True
    )
    refusal = look["tasks"][0]["ansible.builtin.assert"]
    known = {
        **look["vars"],
        "dockwright_serial": said,
        "dockwright_rollout": {"dockwright_serial": said},
    }
    templar = Templar(loader=loader, variables=known)
    if templar.evaluate_conditional(look["tasks"][0]["when"]):
        assert templar.evaluate_conditional(refusal["that"]) == (taken is not None)
    if taken is None:
        told = templar.template(refusal["fail_msg"])
        assert told.startswith(f"dockwright_serial is {said}. It wants a number of hosts"), told
    else:
        assert templar.template(apply["serial"]) == taken
