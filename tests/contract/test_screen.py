"""What a person sees: a refusal once, no long lists of differences unasked, always one verdict."""

import json
import re

import pytest

from tests.lab import Lab

SITE = ("site.yml", "--tags", "docker_group,docker_daemon")
WRONG = {"docker_daemon_config": {"mtu": "1400"}, "docker_group_members": ["nobody-here"]}


@pytest.fixture(scope="module")
def one(lab: Lab) -> Lab:
    """A bare host with an undeclared member in its docker group."""
    one = lab.one()
    one.reset()
    one.each("groupadd docker; useradd mallory; gpasswd --add mallory docker > /dev/null")
    return one


def seen(lab: Lab, *arguments: str) -> tuple[int, str, str]:
    """Run site.yml as the checkout's ansible.cfg shows it; give its changes, and all lines."""
    ran = lab.playbook(*arguments, ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")
    (changed,) = re.findall(r" changed=(\d+) ", ran.stdout)
    return ran.returncode, changed, ran.stdout + ran.stderr


def test_a_refusal_is_told_once_in_a_line_of_its_own(one: Lab) -> None:
    for mode in ([], ["--check"]):
        status, changed, shown = seen(one, *SITE, "-e", json.dumps(WRONG), *mode)
        assert (status, changed) == (2, "0"), shown
        assert len(re.findall(r"^ +Refused: .*mtu is text", shown, re.MULTILINE)) == 1, shown
        assert shown.count("mtu is text") == shown.count("this host does not know") == 1, shown
        assert shown.index("Refused: ") < shown.index("To change: ") < shown.index("By hand: ")
        assert "---" not in shown and "differences" not in shown, shown


def test_what_no_run_mends_is_told_alike_by_check_and_apply(one: Lab) -> None:
    for mode in ([], ["--check"], ["--check", "--diff"]):
        status, changed, shown = seen(one, "site.yml", "--tags", "docker_group", *mode)
        assert (status, changed) == (0, "0"), shown
        assert "By hand: mallory is in the group docker, which is root" in shown, shown
        assert "[WARNING]" in shown, shown


def test_differences_are_shown_line_by_line_where_they_are_asked_for(one: Lab) -> None:
    declared = ("-e", json.dumps({"docker_group_exclusive": True}), "--tags", "docker_group")
    _, changed, shown = seen(one, "site.yml", "--check", *declared)
    assert (changed, "+++" in shown) == ("1", False), shown
    assert "To change: take mallory out of the group docker, which is root" in shown, shown
    _, changed, shown = seen(one, "site.yml", "--check", "--diff", *declared)
    assert (changed, "+++ after: mallory" in shown) == ("1", True), shown
