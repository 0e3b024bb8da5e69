"""What `--check` says of a host is what the apply then does: scenes on one host, under containers.

A refused run leaves the host as it was, whichever of its roles would have come first. Any other run
does what was promised and nothing else, and leaves nothing to do.
"""

import json
import shlex
from pathlib import Path

import ansible_runner
import pytest

from tests.contract.containers import trust_registry
from tests.contract.storage import SNAPSHOT
from tests.lab import INVENTORY, ROOT, Json, Lab, ansible_environment

# Resources that the applying roles name besides what play 1 promised: the sets to be committed.
ON_THE_WAY = {"activation.staged"}
PLACES = "/etc /data0 /var/lib/dockwright /usr/lib/systemd /root"
UNITS = (
    "systemctl show --property=Id,ActiveState,InvocationID,UnitFileState docker.service"
    " docker.socket containerd.service; dpkg-query --show; cat /proc/sys/kernel/sem"
)
STARTED = "docker inspect --format '{{.Id}} {{.State.StartedAt}}' runs"
QUICK = {"docker_activation_stable_seconds": 1}
PENDING = {"docker_kernel_sem": "270 34560 110 1152", "docker_group_members": ["daemon"]}


@pytest.fixture(scope="module")
def host(lab: Lab) -> Lab:
    """The host of the notes: the engine is installed and started, and a container runs."""
    one = lab.one()
    one.reset_with_engine()
    image = f"{trust_registry(one)}/library/busybox"
    start = f"docker run --detach --init --restart always --name runs {image} sleep 100000"
    one.each(f"systemctl start docker; {start}; mkdir -p /data0")
    return one


class Ran:
    """A run of site.yml: how it ended, its refusals, and what each module found."""

    def __init__(self, host: Lab, folder: Path, variables: Json, *options: str) -> None:
        folder.mkdir(parents=True)
        extra = ["--extra-vars", json.dumps({**QUICK, **variables}), "--limit", host.hosts[0]]
        ran = ansible_runner.run(
            private_data_dir=str(folder),
            project_dir=str(ROOT),
            playbook="site.yml",
            inventory=str(INVENTORY),
            cmdline=shlex.join([*options, *extra]),
            envvars=ansible_environment(),
            quiet=True,
            cancel_callback=lambda: False,
        )
        self.rc, self.output = ran.rc, ran.stdout.read()
        self.found: dict[str, set[tuple[str, str]]] = {}
        self.refused = ""
        for event in ran.events:
            if event["event"] not in ("runner_on_ok", "runner_on_failed"):
                continue
            data = event["event_data"]
            if data["resolved_action"].endswith("docker_plan"):
                self.refused = data["res"].get("msg", "")
            named = data["res"].get("differences", [])
            differing = {(each["resource"], each["path"]) for each in named}
            self.found.setdefault(data["resolved_action"].rpartition(".")[2], set()).update(
                differing
            )

    @property
    def promised(self) -> set[tuple[str, str]]:
        return self.found["docker_plan"]

    @property
    def done(self) -> set[tuple[str, str]]:
        """Give what the roles found to do, one after the other."""
        found = (each for module, each in self.found.items() if module != "docker_plan")
        return {each for part in found for each in part if each[0] not in ON_THE_WAY}


class Scene:
    """One declaration for the host, and the folder of its runs."""

    def __init__(self, host: Lab, folder: Path, variables: Json, *options: str) -> None:
        self.host, self.folder, self.variables, self.options = host, folder, variables, options

    def runs(self, name: str, *options: str) -> Ran:
        return Ran(self.host, self.folder / name, self.variables, *options, *self.options)

    def look(self) -> str:
        (name,) = self.host.hosts
        return self.host.on(name, f"python3 - {PLACES} <<'END'\n{SNAPSHOT}\nEND\n{UNITS}")

    def require_refused(self, *words: str) -> None:
        """Require that both refuse in the same sentence, and that the host is as it was."""
        before = self.look()
        check, apply = self.runs("check", "--check"), self.runs("apply")
        assert (check.rc, apply.rc) == (2, 2), check.output + apply.output
        assert check.refused == apply.refused
        assert all(word in check.refused for word in words), check.refused
        assert apply.done == set()
        assert self.look() == before

    def require_done(self) -> Ran:
        """Require that only what was promised is done, and that a second check is clean."""
        before = self.look()
        check = self.runs("check", "--check")
        assert check.rc == 0, check.output
        assert self.look() == before
        apply = self.runs("apply")
        assert apply.rc == 0, apply.output
        assert apply.promised == check.promised
        assert apply.done == check.promised, apply.output
        again = self.runs("again", "--check")
        assert (again.rc, again.promised) == (0, set()), again.output
        return check


def test_one_role_after_the_other_stops_no_container_that_all_together_keep(
    host: Lab, tmp_path: Path
) -> None:
    (name,) = host.hosts
    before = host.on(name, STARTED)
    # Without live-restore: the proxy's restart alone would stop the container.
    declared = {"docker_proxy_http": "http://proxy.lab.test:3128", **PENDING}
    check = Scene(host, tmp_path, declared).require_done()
    assert ("daemon_json", "/live-restore") in check.promised
    assert host.on(name, STARTED) == before


def test_without_consent_no_role_begins(host: Lab, tmp_path: Path) -> None:
    declared = {
        "docker_kernel_sem": "280 35840 120 1280",
        "docker_proxy_https": "http://me:secret@proxy.lab.test:3128",
        "docker_daemon_config": {"live-restore": False, "icc": False},
    }
    Scene(host, tmp_path, declared).require_refused("docker_activation_allow_container_stop")


def test_an_engine_that_is_to_come_is_judged_by_what_it_will_read(
    host: Lab, tmp_path: Path
) -> None:
    (name,) = host.hosts
    oldest = str(host.variables(name)["lab_engines"][0]["version"])
    declared = {
        "docker_kernel_sem": "280 35840 120 1280",
        "docker_engine_version": oldest,
        "docker_engine_allow_downgrade": True,
        # A key since 23.
        "docker_daemon_config": {"proxies": {"no-proxy": "localhost"}},
    }
    Scene(host, tmp_path, declared).require_refused("proxies", oldest)


def test_a_filesystem_and_the_data_root_on_it_come_together(host: Lab, tmp_path: Path) -> None:
    volume = {
        "docker_storage_file": "/data0/volume",
        "docker_storage_size": "400M",
        "docker_storage_mount_point": "/data0/docker",
        "docker_storage_allocation": "sparse",
    }
    refused = Scene(host, tmp_path / "refused", volume)
    refused.require_refused("docker_daemon_allow_data_left_behind")
    consents = {
        "docker_daemon_allow_data_left_behind": True,
        "docker_activation_allow_container_stop": True,
    }
    Scene(host, tmp_path / "done", {**volume, **consents}).require_done()


def test_tags_promise_what_they_do(host: Lab, tmp_path: Path) -> None:
    declared = {
        "docker_kernel_sem": "290 37120 130 1408",
        "docker_group_members": ["bin"],
        "docker_proxy_https": "http://proxy.lab.test:3129",
    }
    check = Scene(host, tmp_path, declared, "--tags", "docker_group,docker_proxy").require_done()
    assert {resource for resource, _path in check.promised} >= {"proxy.drop_in"}
    assert not any(resource.startswith("kernel") for resource, _path in check.promised)
