"""The lab as tests see it: real hosts over ssh, and real runs of Ansible against them."""

import atexit
import fcntl
import functools
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from tests import begun_ansible

ROOT = Path(__file__).parents[1]
LAB = ROOT / "molecule" / "lab"
LANE_VARIABLE = "DOCKWRIGHT_LAB_LANE"
# Each of the processes that share the tests has a lab of its own.
LANE = f"-{os.environ['PYTEST_XDIST_WORKER']}" if "PYTEST_XDIST_WORKER" in os.environ else ""
os.environ[LANE_VARIABLE] = LANE
STATE = Path(f"{os.environ.get('DOCKWRIGHT_LAB_STATE') or ROOT / 'molecule' / '.lab'}{LANE}")
INVENTORY = ROOT / "molecule" / f"inventory{LANE}"
# For tests of packages: the other roles have no part in them, and take as long.
ENGINE_ALONE = ("--tags", "docker_engine")
INSTALL = "molecule/shared/engine.yml"
UNITS = "docker.service docker.socket containerd.service"
DISABLE = (
    f"for unit in {UNITS}; do systemctl --quiet is-enabled $unit && echo $unit; done > /root/units "
    "|| true; systemctl --quiet disable $(cat /root/units)"
)
ENABLE = "systemctl --quiet enable $(cat /root/units); rm /root/units"
EVERY_HOST = ("debian13", "ubuntu2404", "centos9")
# Where these are stand-ins (molecule/lab/stand_ins), the second is the first under another name.
SAME = ("debian13", "ubuntu2404")
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
    """Give the environment of a user who runs Ansible in the checkout."""
    binaries = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "kept_payloads,told_plans",
        "DOCKWRIGHT_COMPILER": f"{STATE / 'ssh_config'} {chosen_hosts()[0]}",
        "ANSIBLE_HOST_KEY_CHECKING": "true",
        "ANSIBLE_NOCOLOR": "1",
        # The output is parsed; ansible.cfg chooses YAML, for people.
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "PATH": f"{binaries}:{os.environ['PATH']}",
    }


def sources_digest(variables: Json) -> str:
    """Give a digest of all that an installed engine depends on: our sources, and the site."""
    site = ("docker_engine_repo_urls", "docker_engine_repo_key_fingerprint", "lab_engines")
    digest = hashlib.sha256(json.dumps([variables[name] for name in site]).encode())
    shared = (path for path in ROOT.glob("molecule/shared/*") if path.is_file())
    parts = (path for part in ("plugins", "roles") for path in (ROOT / part).rglob("*.*"))
    for path in sorted(path for path in (*parts, *shared) if path.suffix in (".py", ".yml")):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def sockets() -> Path:
    """Give a folder for shared ssh connections, since a new connection takes 0.2 s."""
    folder = tempfile.mkdtemp(prefix="dockwright-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


class Lab:
    """Hosts that are up."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self.hosts = tuple(hosts)

    def one(self, index: int = 0) -> "Lab":
        """Give the lab as if it had only one host.

        This is for tests to which the distribution makes no difference. They take different hosts,
        so that each distribution has its share.
        """
        return SomeHosts((self.hosts[index % len(self.hosts)],))

    def distinct(self, turn: int = 0) -> "Lab":
        """The lab without the hosts that differ from another one in name alone.

        The stand-in for Ubuntu is the one for Debian under another name: what does not go by the
        name is proved on one of the two. Tests take turns with them.
        """
        known = {host: self.variables(host) for host in self.hosts}
        twins = [host for host in SAME if known.get(host, {}).get("lab_image_kind") == "stand-in"]
        spare = {host for host in twins if host != twins[turn % len(twins)]}
        return SomeHosts(tuple(host for host in self.hosts if host not in spare))

    def command(self, *arguments: str) -> None:
        """Run a command of the lab, its progress shown."""
        subprocess.run([sys.executable, str(LAB), *arguments], check=True, cwd=ROOT)
        # A host that was made anew or rebooted does not know old connections.
        for socket in sockets().iterdir():
            socket.unlink(missing_ok=True)

    def reset(self) -> None:
        """Make every host bare again."""
        self.command("reset", *self.hosts)

    def reset_with_engine(self) -> None:
        """Give every host the newest engine, as docker_engine leaves it before its first start.

        For tests of what comes after. It is installed once, then the hosts are kept for all lanes.
        """
        kept_as = f"engine-{sources_digest(self.variables(self.hosts[0]))}"
        lock = ROOT / ".cache" / "kept_hosts.lock"
        lock.parent.mkdir(exist_ok=True)
        with lock.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            asked = [sys.executable, str(LAB), "not-kept", kept_as, *self.hosts]
            told = subprocess.run(asked, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            if told.stdout.split():
                SomeHosts(told.stdout.split()).keep_engine(kept_as)
        self.command("reset", "--to", kept_as, *self.hosts)
        self.each(ENABLE)

    def keep_engine(self, kept_as: str) -> None:
        """Install the engine on bare hosts, and keep them."""
        self.reset()
        ran = self.playbook(INSTALL, "-e", json.dumps({"docker_activation_deferred": True}))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        # A host begins with a boot, and that must not be the engine's first start.
        self.each(DISABLE)
        self.command("keep", kept_as, *self.hosts)

    def on(self, host: str, script: str) -> str:
        """Run a few lines of shell on a host as root; give what they print."""
        shared = ("ControlMaster=auto", "ControlPersist=60", f"ControlPath={sockets()}/%n")
        options = [word for option in shared for word in ("-o", option)]
        command = f"sh -euc {shlex.quote(script)}"
        ran = subprocess.run(
            ["ssh", "-F", str(STATE / "ssh_config"), *options, host, command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{host}: {script}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def everywhere(self, scripts: Mapping[str, str]) -> dict[str, str]:
        """Run each host's script, all at once; give what they print."""
        with ThreadPoolExecutor() as pool:
            return dict(zip(scripts, pool.map(self.on, scripts, scripts.values()), strict=True))

    def each(self, script: str) -> dict[str, str]:
        """Run one script on every host, all at once; give what they print, stripped."""
        printed = self.everywhere(dict.fromkeys(self.hosts, script))
        return {host: text.strip() for host, text in printed.items()}

    def variables(self, host: str) -> Json:
        """Give the inventory's variables of a host."""
        group = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["lab"]
        return {**group["vars"], **group["hosts"][host]}

    def playbook(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook as a user does, against the lab alone."""
        return begun_ansible.run(
            ["--inventory", str(INVENTORY), *self._limit(), *arguments],
            {**ansible_environment(), **environment},
        )

    def plan(self, folder: Path, variables: Mapping[str, Any] | None = None) -> dict[str, Json]:
        """Run play 1 of site.yml in check mode; give each host's plan as the module returned it.

        What was printed meanwhile is left in the folder.
        """
        folder.mkdir(parents=True, exist_ok=True)
        told = folder / "plans.json"
        extra = ["--extra-vars", json.dumps(variables)] if variables else []
        ran = self.playbook("site.yml", "--check", *extra, DOCKWRIGHT_PLANS=str(told))
        (folder / "stdout").write_text(ran.stdout + ran.stderr)
        plans: dict[str, Json] = json.loads(told.read_text()) if told.exists() else {}
        assert sorted(plans) == sorted(self.hosts), ran.stdout + ran.stderr
        return plans

    def _limit(self) -> Sequence[str]:
        return ()


class SomeHosts(Lab):
    """Some of the hosts that are up; Ansible is limited to them."""

    def _limit(self) -> Sequence[str]:
        return ("--limit", ":".join(self.hosts))
