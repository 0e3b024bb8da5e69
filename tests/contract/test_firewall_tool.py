"""Docker's nftables backend needs the program nft, which the role installs.

Only engine 29 has that backend, and the lab has no such engine. So it is tried only that the
program is there before daemon.json names the backend, not that dockerd starts with it.
"""

from pathlib import Path

from tests.lab import Lab

PLAYBOOK = str(Path(__file__).with_name("firewall_tool.yml"))
TOOL = "install nftables: without its program nft dockerd does not start"


def test_the_program_is_installed_before_anything_is_staged(lab: Lab) -> None:
    one = lab.one()
    one.reset()
    planned = one.playbook(PLAYBOOK, "--check", "--diff")
    assert planned.returncode == 0, planned.stdout
    assert TOOL in planned.stdout
    one.each("! command -v nft; ! test -e /var/lib/dockwright")
    ran = one.playbook(PLAYBOOK, "--diff")
    assert ran.returncode == 0, ran.stdout
    one.each("command -v nft; grep -q nftables /var/lib/dockwright/staged.json")
    again = one.playbook(PLAYBOOK, "--check", "--diff")
    assert TOOL not in again.stdout, again.stdout
