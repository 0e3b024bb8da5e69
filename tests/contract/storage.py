"""Run docker_storage alone on the lab's hosts, and look at all that such a run could change."""

import json
import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab import Json, Lab

PLAYBOOK = "tests/contract/storage.yml"
SNAPSHOT = Path(__file__).with_name("snapshot.py").read_text()
_ENDED = re.compile(r"^(fatal|changed|ok): \[(\w+)\].*? => (\{.*\})$", re.MULTILINE)
# Packages of the programs that tests use to set a scene; the role installs its own.
_TOOLS = {
    "debian13": "apt-get -qq update; apt-get -qq install e2fsprogs btrfs-progs xfsprogs",
    "ubuntu2404": "apt-get -qq update; apt-get -qq install e2fsprogs btrfs-progs xfsprogs",
    "centos9": "dnf -y -q install e2fsprogs xfsprogs",
}
# Each host's default filesystem, and the smallest size that is quick to make.
AUTO = {"debian13": "btrfs", "ubuntu2404": "btrfs", "centos9": "xfs"}
SIZE = {"debian13": "128M", "ubuntu2404": "128M", "centos9": "320M"}


@dataclass(frozen=True)
class Ended:
    """How a run ended on a host: with a failure and its words, or with what it found."""

    failed: bool
    changed: bool
    result: Json
    output: str
    """All that the run printed, of other hosts as well."""

    @property
    def words(self) -> str:
        return str(self.result.get("msg", ""))

    @property
    def steps(self) -> list[str]:
        """Give the resources that differed."""
        return [each["resource"] for each in self.result.get("differences", [])]

    @property
    def sentences(self) -> list[str]:
        return [each["sentence"] for each in self.result.get("differences", [])]


def install_tools(lab: Lab) -> None:
    """Have every host able to make a filesystem of each kind that it supports."""
    lab.everywhere({host: f"({_TOOLS[host]}) > /dev/null 2>&1" for host in lab.hosts})


def declare(name: str, host: str, **more: Any) -> Json:
    """Declare a scene's filesystem: each has a folder of its own, and is small."""
    variables = {
        "file": f"/data0/{name}/volume",
        "mount_point": f"/data0/{name}/docker",
        "size": SIZE[host],
        "host_reserve": "0",
        **more,
    }
    return {f"docker_storage_{key}": value for key, value in variables.items()}


def apply(lab: Lab, variables: Mapping[str, Json], *arguments: str) -> dict[str, Ended]:
    """Run the role on these hosts, each with its own variables, as in an inventory."""
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder) / "storage.json"
        inventory.write_text(json.dumps({"lab": {"hosts": variables}}))
        limit = ["--limit", ",".join(variables)]
        ran = lab.playbook("-v", "--inventory", str(inventory), *limit, PLAYBOOK, *arguments)
    ended: dict[str, Ended] = {}
    for how, host, text in _ENDED.findall(ran.stdout):
        result = json.loads(text)
        if how == "fatal" or "verdict" in result:
            ended[host] = Ended(how == "fatal", how == "changed", result, ran.stdout)
    assert sorted(ended) == sorted(variables), ran.stdout + ran.stderr
    assert (ran.returncode != 0) == any(each.failed for each in ended.values()), ran.stdout
    return ended


def converge(lab: Lab, variables: Mapping[str, Json]) -> dict[str, Ended]:
    """Run the role, and require that it ends well everywhere."""
    ended = apply(lab, variables)
    for host, each in ended.items():
        assert not each.failed, f"{host}: {each.words}"
    return ended


def require_settled(lab: Lab, variables: Mapping[str, Json]) -> None:
    """Require that nothing is left to do; only the guard waits for the deferred activation."""
    for host, each in converge(lab, variables).items():
        assert set(each.steps) <= {"storage.guard"}, (host, each.sentences)


# It prints all that a run could change; the text is equal if not one byte was changed.
LOOK = f"python3 -c {shlex.quote(SNAPSHOT)}"


def look(lab: Lab, hosts: Iterable[str]) -> dict[str, str]:
    """Give all that a run could change on these hosts."""
    return each(lab, dict.fromkeys(hosts, LOOK))


def each(lab: Lab, scripts: Mapping[str, str]) -> dict[str, str]:
    """Run each host's script, all at once; give what each printed."""
    with ThreadPoolExecutor() as pool:
        printed = pool.map(lab.on, scripts.keys(), scripts.values())
    return dict(zip(scripts, printed, strict=True))
