"""A member uses Docker after a fresh login, and a user with nearly the same name does not."""

import pytest
from testinfra.backend.base import CommandResult
from testinfra.host import Host

LOG_IN = "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new %s@127.0.0.1 %s"


def after_login(host: Host, user: str, command: str) -> CommandResult:
    """Run a command after a fresh login of a user."""
    ran: CommandResult = host.run(LOG_IN, user, command)
    return ran


@pytest.mark.parametrize("user", ["alice", "bob"])
def test_a_member_uses_docker(host: Host, user: str) -> None:
    ran = after_login(host, user, "docker ps --quiet")
    assert (ran.rc, ran.stdout) == (0, ""), ran.stderr


def test_who_is_no_member_does_not(host: Host) -> None:
    ran = after_login(host, "alice-ci", "docker ps --quiet")
    assert ran.rc != 0
    assert "permission denied" in ran.stderr.lower()


def test_the_members_are_those_declared(host: Host) -> None:
    entry = host.check_output("getent group docker")
    assert entry.split(":")[3] == "alice,bob"


def test_the_socket_opens_for_the_group_alone(host: Host) -> None:
    socket = host.file("/run/docker.sock")
    assert socket.is_socket
    assert (socket.user, socket.group, socket.mode) == ("root", "docker", 0o660)


def test_the_packages_have_left_the_group_its_gid(host: Host) -> None:
    gid = host.group("docker").gid
    # The GID is in the system's range; groupadd(8) chose it before any package was installed.
    assert 0 < gid < 1000
    assert host.file("/run/docker.sock").gid == gid
