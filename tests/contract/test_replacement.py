"""Replacing the engine under a running daemon: scripts restart nothing, activation does, once."""

import json
import shlex
from pathlib import Path

import pytest

from tests.lab import Lab

DAEMON = "systemctl show --property=InvocationID --property=MainPID docker.service"
STARTS = "journalctl -u docker.service -o cat --no-pager | grep -c '^Started docker.service'"
CONTAINER = "docker inspect --format '{{.State.Pid}} {{.State.StartedAt}}' keeper"


@pytest.fixture(scope="module")
def oldest(lab: Lab) -> Lab:
    """Hosts with the oldest engine, from bare ones."""
    lab.reset()
    site(lab, version(lab, 0))
    return lab


def version(lab: Lab, index: int) -> str:
    engines = lab.variables(lab.hosts[0])["lab_engines"]
    return str(engines[index]["version"])


def site(lab: Lab, pinned: str, *arguments: str, playbook: str = "site.yml") -> str:
    ran = lab.playbook(playbook, "-e", json.dumps({"docker_engine_version": pinned}), *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def daemon_says(lab: Lab, host: str) -> str:
    return lab.on(host, "docker version --format '{{.Server.Version}}'")


def test_package_scripts_leave_the_running_daemon_alone(oldest: Lab, tmp_path: Path) -> None:
    before = {host: oldest.on(host, DAEMON) for host in oldest.hosts}
    site(oldest, version(oldest, 1), playbook="tests/contract/deferred.yml")
    assert {host: oldest.on(host, DAEMON) for host in oldest.hosts} == before
    plans = oldest.plan(tmp_path, {"docker_engine_version": version(oldest, 1)})
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 0))
        named = [(each["resource"], each["path"]) for each in plans[host]["differences"]]
        assert ("service.binary", "docker.service") in named
        assert {resource for resource, _path in named} == {"service.binary"}


def test_activation_starts_the_new_program_once(oldest: Lab) -> None:
    site(oldest, version(oldest, 1))
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 1))
        assert oldest.on(host, STARTS).strip() == "2"


def test_the_daemon_can_be_restarted_by_hand_afterwards(oldest: Lab) -> None:
    oldest.everywhere(dict.fromkeys(oldest.hosts, "systemctl restart docker.service"))
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 1))


def test_an_upgrade_under_a_running_container_is_refused_and_nothing_stops(oldest: Lab) -> None:
    registry = oldest.variables(oldest.hosts[0])["lab_registry"]
    for host in oldest.hosts:
        certificate = Path(oldest.variables(host)["lab_registry_ca"]).read_text()
        folder = f"/etc/docker/certs.d/{registry}"
        oldest.on(
            host,
            f"mkdir -p {folder}; echo {shlex.quote(certificate)} > {folder}/ca.crt; "
            f"docker run -d --name keeper {registry}/library/busybox sleep 3600",
        )
    before = {host: oldest.on(host, CONTAINER) for host in oldest.hosts}
    packages = {host: oldest.on(host, "docker --version") for host in oldest.hosts}
    variables = json.dumps({"docker_engine_version": version(oldest, 2)})
    for mode in ([], ["--check"]):
        ran = oldest.playbook("site.yml", "-e", variables, *mode)
        assert ran.returncode == 2, ran.stdout + ran.stderr
        assert "would stop 1 running container." in ran.stdout
        assert "Set docker_activation_allow_container_stop" in ran.stdout
    assert {host: oldest.on(host, CONTAINER) for host in oldest.hosts} == before
    assert {host: oldest.on(host, "docker --version") for host in oldest.hosts} == packages


def test_with_consent_the_upgrade_is_done(oldest: Lab) -> None:
    consent = json.dumps({"docker_activation_allow_container_stop": True})
    site(oldest, version(oldest, 2), "-e", consent)
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 2))


def test_an_older_major_is_refused_without_consent(oldest: Lab) -> None:
    variables = json.dumps({"docker_engine_version": version(oldest, 0)})
    ran = oldest.playbook("site.yml", "-e", variables)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "docker_engine_allow_downgrade" in ran.stdout


def test_with_consent_the_older_major_is_installed_as_one_set(oldest: Lab) -> None:
    consent = {
        "docker_engine_allow_downgrade": True,
        "docker_activation_allow_container_stop": True,
    }
    site(oldest, version(oldest, 1), "-e", json.dumps(consent))
    for host in oldest.hosts:
        assert daemon_says(oldest, host).startswith(version(oldest, 1))
        client = oldest.on(host, "docker version --format '{{.Client.Version}}'")
        assert client.startswith(version(oldest, 1))


def test_a_version_the_site_has_not_is_answered_with_those_it_has(oldest: Lab) -> None:
    variables = json.dumps({"docker_engine_version": "99.0.0"})
    ran = oldest.playbook("site.yml", "-e", variables)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    for index in range(3):
        assert version(oldest, index) in ran.stdout
    assert "No package was changed" in ran.stdout
