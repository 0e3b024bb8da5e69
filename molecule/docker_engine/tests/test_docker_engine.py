"""What the hosts themselves say after the role has run."""

import json
from typing import Any

import pytest
from testinfra.host import Host

ENGINE = ("docker-ce", "docker-ce-cli")
SET = (*ENGINE, "containerd.io", "docker-buildx-plugin", "docker-compose-plugin")


@pytest.fixture
def variables(host: Host) -> dict[str, Any]:
    """Give the lab's variables of this host, from the inventory."""
    read: dict[str, Any] = host.ansible.get_variables()
    return read


def is_deb(host: Host) -> bool:
    return bool(host.exists("dpkg-query"))


def installed(host: Host, package: str) -> str:
    """Give the version of a package as the package database writes it."""
    if is_deb(host):
        return str(host.check_output("dpkg-query -W -f='${Version}' %s", package))
    argv = "rpm -q --qf '%%{EPOCHNUM}:%%{VERSION}-%%{RELEASE}' %s"
    return str(host.check_output(argv, package))


def newest(variables: dict[str, Any]) -> str:
    return str(variables["lab_engines"][-1]["version"])


def test_the_daemon_answers_with_the_newest_version(host: Host, variables: dict[str, Any]) -> None:
    with host.sudo():
        said = json.loads(host.check_output("docker version --format '{{json .}}'"))
    assert said["Server"]["Version"].startswith(newest(variables))
    assert said["Client"]["Version"].startswith(newest(variables))


@pytest.mark.parametrize("package", ENGINE)
def test_the_engines_packages_have_one_version(
    host: Host, variables: dict[str, Any], package: str
) -> None:
    assert f":{newest(variables)}-" in installed(host, package)


@pytest.mark.parametrize("package", SET)
def test_the_package_set_is_complete(host: Host, package: str) -> None:
    assert installed(host, package)


def test_the_packages_come_from_the_declared_site(host: Host, variables: dict[str, Any]) -> None:
    site = variables["docker_engine_repo_urls"][0]
    if is_deb(host):
        policy = host.check_output("apt-cache policy docker-ce")
        assert f" {site}/linux/" in policy
    else:
        repository = host.check_output("dnf -q repoinfo docker-ce-stable")
        assert f"{site}/linux/centos/9/" in repository
        assert "Key ID" in host.check_output("rpm -q --info docker-ce")


def test_the_package_manager_is_content_with_the_repository(host: Host) -> None:
    if is_deb(host):
        ran = host.run("apt-get update --error-on=any")
    else:
        ran = host.run("dnf -q --refresh --repo=docker-ce-stable makecache")
    assert ran.rc == 0, ran.stderr


@pytest.mark.parametrize("unit", ["docker.service", "containerd.service", "docker.socket"])
def test_the_units_run_and_are_not_masked(host: Host, unit: str) -> None:
    assert host.check_output("systemctl is-active %s", unit) == "active"
    shown = host.check_output("systemctl show --property=LoadState --value %s", unit)
    assert shown == "loaded"


def test_the_daemon_starts_with_the_host(host: Host) -> None:
    assert host.check_output("systemctl is-enabled docker.service") == "enabled"


def test_the_daemon_was_started_once(host: Host) -> None:
    """Package scripts were held back, so the journal has a single start."""
    journal = host.check_output("journalctl -u docker.service -o cat --no-pager")
    assert journal.count("Started docker.service") == 1


@pytest.mark.parametrize(
    ("deb", "rpm"),
    [
        ("/etc/apt/sources.list.d/docker.sources", "/etc/yum.repos.d/docker-ce.repo"),
        ("/etc/apt/keyrings/docker.asc", "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce"),
    ],
)
def test_the_files_are_roots_and_readable(host: Host, deb: str, rpm: str) -> None:
    file = host.file(deb if is_deb(host) else rpm)
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)


def test_the_record_is_roots_alone(host: Host) -> None:
    record = host.file("/var/lib/dockwright/applied.json")
    assert (record.user, record.mode) == ("root", 0o600)
    assert host.file("/var/lib/dockwright").mode == 0o700
