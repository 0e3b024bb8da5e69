"""The wheel works under each ansible-core that its users have, without anything of the checkout.

Newer cores need a newer Python than this machine may have. They run in a container from a lab
host's image, in the machine's own network.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
import yaml
from ansible_collections.dockwright.host.plugins.plugin_utils.variables import variables

from tests.contract.variables import judge_a_vault, judge_every_variable
from tests.environments import PIP, PYTHON, packages
from tests.lab import INVENTORY, ROOT, STATE, Lab

# The Pythons that each core supports (ansible-core's support matrix).
CORES = {
    "2.16": range(10, 13),
    "2.19": range(11, 14),
    "2.20": range(12, 15),
    "2.21": range(12, 15),
}
SITE = "dockwright.host.site"
LAB_LABEL = "dockwright.lab"
# From the lab's own package site; the default is Docker's.
INVENTORY_SAYS = ("docker_engine_repo_urls", "docker_engine_repo_key_fingerprint")


@dataclass(frozen=True)
class Controller:
    """An ansible-core with the wheel beside it, and the command that starts its Python."""

    core: str
    installed: Path
    python: Sequence[str]
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> list[str]:
        """Have it run the wheel's site.yml; give how much it changed on each host."""
        playbook = str(self.installed / "bin" / "ansible-playbook")
        ran = subprocess.run(
            [*self.python, playbook, "--inventory", str(INVENTORY), SITE, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=dict(self.environment),
        )
        assert ran.returncode == 0, f"ansible-core {self.core}: {ran.stdout}{ran.stderr}"
        return re.findall(r" changed=(\d+) ", ran.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the wheel installs."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    subprocess.run([*PIP, *build], check=True)
    unpacked = folder / "installed"
    install = ("install", "--no-deps", "--target", str(unpacked), str(next(folder.glob("*.whl"))))
    subprocess.run([*PIP, *install], check=True)
    return unpacked


@pytest.fixture(scope="module")
def controllers(lab: Lab, wheel: Path) -> dict[str, Controller]:
    """Give a controller for each ansible-core that a Python here can run."""
    of_hosts = lab.each("python3 -c 'import sys; print(sys.version_info[1])'")

    def made(core: str) -> Controller | None:
        pythons = CORES[core]
        if sys.version_info[1] in pythons:
            return on_this_machine(core, wheel)
        for host, minor in of_hosts.items():
            if int(minor) in pythons:
                return in_a_container(core, wheel, lab, host, minor)
        return None

    with ThreadPoolExecutor() as pool:
        return {each.core: each for each in pool.map(made, CORES) if each}


def on_this_machine(core: str, wheel: Path) -> Controller:
    installed = packages(f"3.{sys.version_info[1]}", f"ansible-core=={core}.*")
    kept = {name: value for name, value in os.environ.items() if "ANSIBLE" not in name}
    return Controller(core, installed, [PYTHON], {**kept, **settings(wheel, installed)})


def in_a_container(core: str, wheel: Path, lab: Lab, host: str, minor: str) -> Controller:
    """Give a Python in a host's image that sees only the network, the lab's keys and the wheel."""
    installed = packages(f"3.{minor}", f"ansible-core=={core}.*")
    told = lab.variables(host)
    docker = (told["lab_docker_binary"], "--host", told["lab_docker_host"])
    shape = f'{{{{.Config.Image}}}} {{{{index .Config.Labels "{LAB_LABEL}"}}}}'
    image, key = subprocess.check_output(
        [*docker, "inspect", "--format", shape, told["lab_container"]], text=True
    ).split()
    python = [*docker, "run", "--rm", "--init", "--network", "host"]
    # With its label the lab's `down` finds a container that was left.
    python += ["--label", f"{LAB_LABEL}={key}"]
    for folder in (wheel, installed, STATE, INVENTORY):
        python += ["--volume", f"{folder}:{folder}"]
    for name, value in settings(wheel, installed).items():
        python += ["--env", f"{name}={value}"]
    return Controller(core, installed, [*python, image, "python3"], os.environ)


def settings(wheel: Path, installed: Path) -> dict[str, str]:
    """Give an environment in which only the wheel has the collection."""
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(wheel / "none"),
        "ANSIBLE_HOST_KEY_CHECKING": "true",
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": f"{wheel}:{installed}",
    }


def test_the_oldest_core_is_the_one_that_is_promised() -> None:
    promised = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["requires_ansible"]
    assert promised == f">={next(iter(CORES))}.0"


@pytest.mark.parametrize("core", CORES)
def test_a_python_for_it_is_here(core: str, controllers: dict[str, Controller]) -> None:
    if core not in controllers:
        wanted = f"Python 3.{CORES[core][0]} to 3.{CORES[core][-1]}"
        pytest.skip(f"ansible-core {core} was not run: neither machine nor hosts have {wanted}")


def test_what_a_person_types_is_judged_by_the_oldest_as_by_the_newest(
    controllers: dict[str, Controller], tmp_path: Path
) -> None:
    oldest = next(iter(controllers.values()))
    if oldest.python != [PYTHON]:
        pytest.skip(f"ansible-core {oldest.core} was not run on the checkout: it runs apart")
    playbook = str(oldest.installed / "bin" / "ansible-playbook")
    ansible = ["env", f"PYTHONPATH={oldest.installed}", *oldest.python, playbook]
    judge_every_variable(tmp_path, ansible)
    judge_a_vault(tmp_path, ansible)


def test_each_checks_installs_and_finds_nothing_more_to_do(
    lab: Lab, controllers: dict[str, Controller]
) -> None:
    lab.reset()
    oldest, *others = controllers.values()
    # The oldest core takes the last host, an Enterprise Linux, since those need it.
    turns = list(zip(cycle(reversed(lab.hosts)), (oldest, *reversed(others))))
    with ThreadPoolExecutor() as pool:
        checked = pool.map(lambda turn: turn[1].run("--check", "--limit", turn[0]), turns)
        assert list(checked) == [["1"]] * len(turns)
        applied = pool.map(lambda turn: turn[1].run("--limit", turn[0]), turns[: len(lab.hosts)])
        assert list(applied) == [["5"]] * len(lab.hosts)
        nulls = json.dumps({name: None for name in variables() if name not in INVENTORY_SAYS})
        again = pool.map(lambda turn: turn[1].run("--limit", turn[0], "-e", nulls), turns)
        assert list(again) == [["0"]] * len(turns)
    for host in lab.hosts:
        assert lab.on(host, "docker version --format '{{.Server.Version}}'").strip()
