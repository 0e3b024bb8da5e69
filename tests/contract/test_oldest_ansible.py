"""The oldest ansible-core that is promised, the last one for hosts with Python 3.6, does it all."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import variables

from tests.contract.variables import judge_a_vault, judge_every_variable
from tests.lab import INVENTORY, ROOT, Lab, ansible_environment

# Of the lab's own package site: by default they are Docker's.
INVENTORY_SAYS = ("docker_engine_repo_urls", "docker_engine_repo_key_fingerprint")


@pytest.fixture(scope="module")
def oldest_ansible(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ansible-playbook of the release that meta/runtime.yml names, installed apart."""
    promised = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["requires_ansible"]
    match = re.fullmatch(r">=(\d+\.\d+)\.\d+", promised)
    assert match, promised
    folder = tmp_path_factory.mktemp("oldest")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, f"ansible-core=={match[1]}.*"], check=True)
    return folder / "bin" / "ansible-playbook"


def test_what_a_person_types_is_judged_as_by_the_newest(
    oldest_ansible: Path, tmp_path: Path
) -> None:
    judge_every_variable(tmp_path, [str(oldest_ansible)])
    judge_a_vault(tmp_path, [str(oldest_ansible)])


def test_it_checks_installs_and_finds_nothing_more_to_do(lab: Lab, oldest_ansible: Path) -> None:
    lab.reset()
    changed = []
    nulls = {name: None for name in variables() if name not in INVENTORY_SAYS}
    for arguments in (["--check"], [], ["-e", json.dumps(nulls)]):
        ran = subprocess.run(
            [oldest_ansible, "--inventory", INVENTORY, "site.yml", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=ansible_environment(),
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        changed.append(re.findall(r" changed=(\d+) ", ran.stdout))
    hosts = len(lab.hosts)
    assert changed == [["1"] * hosts, ["5"] * hosts, ["0"] * hosts]
    for host in lab.hosts:
        assert lab.on(host, "docker version --format '{{.Server.Version}}'").strip()
