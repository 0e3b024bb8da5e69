"""A stopped and disabled engine runs again, and starts with the host."""

import json

import pytest
from testinfra.host import Host


def test_the_daemon_starts_with_the_host(host: Host) -> None:
    assert host.check_output("systemctl is-enabled docker.service") == "enabled"


@pytest.mark.parametrize("unit", ["docker.service", "docker.socket", "containerd.service"])
def test_the_units_run(host: Host, unit: str) -> None:
    assert host.check_output("systemctl is-active %s", unit) == "active"


def test_the_daemon_answers(host: Host) -> None:
    assert host.check_output("docker info --format '{{.ServerVersion}}'")


def test_the_run_on_record_is_the_one_that_runs(host: Host) -> None:
    record = json.loads(host.file("/var/lib/dockwright/applied.json").content_string)
    shown = host.check_output("systemctl show --property=InvocationID --value docker.service")
    assert record["activation"]["invocation"] == shown


def test_the_daemon_was_started_once_since(host: Host) -> None:
    """It was started once with its packages and once by the role; no later run has restarted it."""
    journal = host.check_output("journalctl -u docker.service -o cat --no-pager")
    assert journal.count("Started docker.service") == 2
    assert journal.count("Stopped docker.service") == 1
