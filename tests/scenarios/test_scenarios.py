"""Every Molecule scenario on the lab's hosts, each starting from bare hosts.

Where a scenario prepares with shared/engine.yml, the engine's packages are there already.
"""

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.lab import INVENTORY, LANE, LANE_VARIABLE, ROOT, Lab, ansible_environment

SCENARIOS = sorted(
    path.parent.name
    for path in ROOT.glob("molecule/*/molecule.yml")
    if path.parent.name != "default"
)
# What they install goes by the distribution's name: on every host, whatever it is made of.
ON_EVERY_HOST = ("docker_engine", "docker_engine_existing", "site")
# Of a lane whose inventory has some of the hosts.
PART = "-part"
BEGINS_WITH_ENGINE = "import_playbook: ../shared/engine.yml"


def prepare_of(scenario: str) -> str:
    prepare = ROOT / "molecule" / scenario / "prepare.yml"
    return prepare.read_text() if prepare.exists() else ""


def hosts_of(scenario: str, lab: Lab) -> Lab:
    """The hosts that a scenario runs on."""
    return lab if scenario in ON_EVERY_HOST else lab.distinct(SCENARIOS.index(scenario))


@contextmanager
def inventory_of(lab: Lab) -> Iterator[str]:
    """Have an inventory of these hosts alone, where molecule looks for that of a lane; name it."""
    known = yaml.safe_load((INVENTORY / "hosts.yml").read_text())
    known["lab"]["hosts"] = {host: known["lab"]["hosts"][host] for host in lab.hosts}
    folder = INVENTORY.with_name(f"{INVENTORY.name}{PART}")
    folder.mkdir(exist_ok=True)
    try:
        (folder / "hosts.yml").write_text(yaml.safe_dump(known))
        yield f"{LANE}{PART}"
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(
    scenario: str,
    lab: Lab,
    tmp_path: Path,
    subtests: pytest.Subtests,
) -> None:
    lab = hosts_of(scenario, lab)
    for host in lab.hosts:
        variables = lab.variables(host)
        print(f"{host}: {variables['lab_image_kind']}. {variables['lab_image_note']}")
    if BEGINS_WITH_ENGINE in prepare_of(scenario):
        lab.reset_with_engine()
    else:
        lab.reset()
    results = ROOT / ".cache" / "junit" / f"{scenario}.xml"
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    environment = {
        **ansible_environment(),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path),
        "MOLECULE_GLOB": "molecule/*/molecule.yml",
        "MOLECULE_COMMAND_BORDERS": "0",
    }
    del environment["ANSIBLE_CONFIG"]
    # The lab is up, and stays up.
    command = ["molecule", "-c", ".config/molecule/config.yml", "test", "-s", scenario]
    command += ["--no-shared-state", "--destroy=never"]
    with inventory_of(lab) as lane:
        environment[LANE_VARIABLE] = lane
        ran = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    verified = replay(results, subtests)
    assert ran.returncode == 0, f"molecule test -s {scenario} ended with {ran.returncode}"
    assert verified >= len(lab.hosts), "verify looked at no host"


def replay(results: Path, subtests: pytest.Subtests) -> int:
    """Report each verification as a test of its own; give how many there were."""
    if not results.exists():
        return 0
    cases = ElementTree.parse(results).getroot().iter("testcase")  # noqa: S314 - our own file
    count = 0
    for case in cases:
        count += 1
        with subtests.test(msg=case.get("name", "")):
            problem = (
                case.find("failure") if case.find("failure") is not None else case.find("error")
            )
            assert problem is None, problem.text if problem is not None else ""
    return count


def test_every_role_that_applies_has_a_scenario() -> None:
    roles = {path.name for path in ROOT.glob("roles/*") if path.is_dir()}
    # docker_plan applies nothing; the scenario of site.yml runs it.
    assert roles - {"docker_plan"} | {"site"} <= set(SCENARIOS)
