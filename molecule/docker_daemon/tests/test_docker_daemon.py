"""What the daemon does, and what is on the host, after the role has run with its defaults."""

import json
from typing import Any

import pytest
from testinfra.host import Host

LOG_OPTIONS = {"max-size": "50m", "max-file": "5"}


@pytest.fixture
def info(host: Host) -> dict[str, Any]:
    """Give what the daemon says of itself."""
    told: dict[str, Any] = json.loads(host.check_output("docker info --format '{{json .}}'"))
    return told


def test_the_file_holds_the_defaults_and_nothing_else(host: Host) -> None:
    assert json.loads(host.file("/etc/docker/daemon.json").content_string) == {
        "log-driver": "json-file",
        "log-opts": LOG_OPTIONS,
        "live-restore": True,
    }


def test_the_file_is_roots_and_readable(host: Host) -> None:
    file = host.file("/etc/docker/daemon.json")
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)
    assert host.file("/etc/docker").mode == 0o755


def test_the_daemon_goes_by_it(info: dict[str, Any]) -> None:
    assert info["LoggingDriver"] == "json-file"
    assert info["LiveRestoreEnabled"] is True


def test_a_container_gets_the_log_options(host: Host) -> None:
    registry = host.ansible.get_variables()["lab_registry"]
    host.check_output("docker run --name logged %s/library/busybox true", registry)
    try:
        shown = host.check_output("docker inspect --format '{{json .HostConfig.LogConfig}}' logged")
    finally:
        host.check_output("docker rm --force logged")
    assert json.loads(shown) == {"Type": "json-file", "Config": LOG_OPTIONS}


def test_the_container_that_ran_before_is_the_same_process(host: Host) -> None:
    """live-restore was new: it was switched on before the restart that the log options need."""
    shown = host.check_output("docker inspect --format '{{.State.Running}} {{.State.Pid}}' kept")
    assert shown == f"true {host.file('/root/kept.pid').content_string.strip()}"


def test_the_daemon_was_started_twice(host: Host) -> None:
    """It was started once with its packages and once to read the file, and not since."""
    journal = host.check_output("journalctl -u docker.service -o cat --no-pager")
    assert journal.count("Started docker.service") == 2


@pytest.mark.parametrize(
    "path",
    [
        "/var/lib/dockwright/staged.json",
        "/var/lib/dockwright/saved",
        "/etc/systemd/system/dockwright-restore.service",
        "/etc/systemd/system/docker.service.wants/dockwright-restore.service",
        "/etc/systemd/system/docker.service.d/zz-dockwright-hosts.conf",
        "/run/dockwright/commit",
    ],
)
def test_nothing_of_the_commit_is_left(host: Host, path: str) -> None:
    file = host.file(path)
    assert not file.exists
    assert not file.is_symlink


def test_the_record_is_roots_alone(host: Host) -> None:
    assert host.file("/var/lib/dockwright").mode == 0o700
    there = host.check_output("ls -A /var/lib/dockwright").split()
    assert there == ["applied.json", "committed.json", "programs.json"]
    for name in there:
        file = host.file("/var/lib/dockwright/" + name)
        assert (file.user, file.group, file.mode) == ("root", "root", 0o600)
