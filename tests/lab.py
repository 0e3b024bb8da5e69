"""The lab as tests see it: real hosts over ssh, and real runs of Ansible against them."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

ROOT = Path(__file__).parents[1]
LAB = ROOT / "molecule" / "lab"
INVENTORY = ROOT / "molecule" / "inventory"
EVERY_HOST = ("debian13", "ubuntu2404", "centos9")
Json = dict[str, Any]


def chosen_hosts() -> tuple[str, ...]:
    """The hosts to test on: DOCKWRIGHT_HOSTS (`make molecule HOST=…`), or all."""
    names = tuple(os.environ.get("DOCKWRIGHT_HOSTS", "").replace(",", " ").split())
    unknown = set(names) - set(EVERY_HOST)
    if unknown:
        raise ValueError(f"HOST={' '.join(names)}: the lab has {', '.join(EVERY_HOST)}")
    return names or EVERY_HOST


def keep() -> bool:
    """Whether the lab stays as it is after the tests (`KEEP=1`)."""
    return os.environ.get("DOCKWRIGHT_KEEP", "") not in ("", "0")


def ansible_environment() -> dict[str, str]:
    """The environment of a user who runs Ansible in the checkout."""
    binaries = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_HOST_KEY_CHECKING": "true",
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{binaries}:{os.environ['PATH']}",
    }


class Lab:
    """Hosts that are up."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self.hosts = tuple(hosts)

    def command(self, *arguments: str) -> None:
        """Run a command of the lab, its progress shown."""
        subprocess.run([sys.executable, str(LAB), *arguments], check=True, cwd=ROOT)

    def reset(self) -> None:
        """Make every host bare again."""
        self.command("reset", *self.hosts)

    def on(self, host: str, script: str) -> str:
        """Run a few lines of shell on a host as root and give what they print."""
        ran = subprocess.run(
            [sys.executable, str(LAB), "ssh", host, f"sh -euc {shlex.quote(script)}"],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert ran.returncode == 0, f"{host}: {script}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def everywhere(self, scripts: Mapping[str, str]) -> None:
        """Run each host's script, all at once."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.on, scripts.keys(), scripts.values()))

    def variables(self, host: str) -> Json:
        """The inventory's variables of a host."""
        group = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["lab"]
        return {**group["vars"], **group["hosts"][host]}

    def playbook(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook as a user does, against the lab alone."""
        return subprocess.run(
            ["ansible-playbook", "--inventory", str(INVENTORY), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=ansible_environment(),
        )

    def plan(self, folder: Path, variables: Mapping[str, Any] | None = None) -> dict[str, Json]:
        """Run play 1 of site.yml in check mode; give each host's plan as the module returned it."""
        folder.mkdir(parents=True, exist_ok=True)
        extra = ["--extra-vars", json.dumps(variables)] if variables else []
        ran = ansible_runner.run(
            private_data_dir=str(folder),
            project_dir=str(ROOT),
            playbook="site.yml",
            inventory=str(INVENTORY),
            cmdline=shlex.join(["--check", *extra]),
            envvars=ansible_environment(),
            quiet=True,
        )
        plans = {
            event["event_data"]["host"]: event["event_data"]["res"]
            for event in ran.events
            if event["event"] in ("runner_on_ok", "runner_on_failed")
            and event["event_data"]["resolved_action"] == "dockwright.host.docker_plan"
        }
        assert sorted(plans) == sorted(self.hosts), ran.stdout.read()
        return plans
