"""The group has its GID and only the declared members, whichever name service knows them."""

from testinfra.host import Host

LOG_IN = "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new %s@127.0.0.1 id -nG"


def test_it_has_its_gid_and_lost_the_others(host: Host) -> None:
    assert host.check_output("getent group docker") == "docker:x:34567:alice"
    # With this program, groups with passwords are checked (gshadow(5)).
    assert host.check_output("grep ^docker: /etc/gshadow").split(":")[3] == "alice"


def test_a_member_of_a_second_name_service_is_in_after_a_login(host: Host) -> None:
    known = host.run("grep ^alice: /etc/passwd").rc == 0
    # A stand-in for CentOS that is alone in the lab has no second name service.
    assert known is not host.file("/usr/lib/libnss_extrausers.so.2").exists
    assert "docker" in host.check_output(LOG_IN, "alice").split()


def test_the_member_by_primary_group_has_stayed_one(host: Host) -> None:
    assert host.user("carol").gid == 34567
    assert host.check_output(LOG_IN, "carol").split() == ["docker"]


def test_who_has_nearly_the_name_of_a_member_is_out(host: Host) -> None:
    assert "docker" not in host.check_output(LOG_IN, "alice-ci").split()
