"""A dpkg that was cut off half-way: said, with the command that mends it, and nothing is tried."""

import pytest

from tests.lab import ENGINE_ALONE, Lab

HALF = (
    "cd /root; apt-get download -q docker-compose-plugin; "
    "dpkg --unpack docker-compose-plugin_*.deb; dpkg-query -W -f='${db:Status-Status}' "
    "docker-compose-plugin"
)


def test_the_plan_says_so_and_offers_the_command(lab: Lab) -> None:
    hosts = [host for host in lab.hosts if host != "centos9"]
    if not hosts:
        pytest.skip("rpm has no such state, and the lab runs without a host that has dpkg")
    lab.reset_with_engine()
    pattern = ":".join(hosts)
    assert lab.playbook("site.yml", *ENGINE_ALONE, "--limit", pattern).returncode == 0
    for host in hosts:
        assert lab.on(host, HALF).endswith("unpacked")
    ran = lab.playbook("site.yml", *ENGINE_ALONE, "--limit", pattern)
    assert ran.returncode == 2, ran.stdout
    assert ran.stdout.count("dpkg has docker-compose-plugin as unpacked.") >= len(hosts)
    assert "run `dpkg --configure -a` on the host first" in ran.stdout
    for host in hosts:
        lab.on(host, "dpkg --configure -a")
    # What was unpacked by hand is no longer held: the next run sees to that, and to nothing else.
    mended = lab.playbook("site.yml", *ENGINE_ALONE, "--limit", pattern)
    assert mended.returncode == 0, mended.stdout
    for host in hosts:
        assert "docker-compose-plugin" in lab.on(host, "apt-mark showhold")
