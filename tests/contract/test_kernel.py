"""docker_kernel on a real host: its refusals, what other files say after ours, and a boot.

One host is enough: where distributions differ, the scenarios show it on each.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Json, Lab

PLAY = str(Path(__file__).with_name("kernel.yml"))
HOOK = Path(__file__).with_name("kernel_cut_off.py").read_text()
MODULES = "/etc/modules-load.d/dockwright.conf"
SYSCTLS = "/etc/sysctl.d/90-dockwright.conf"
THEIRS = "/etc/sysctl.d/99-theirs.conf"
FORWARD, BACKLOG = "net.ipv4.ip_forward", "net.core.somaxconn"
LIVE = "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/core/somaxconn"
# Forwarding is left to dockerd, unless it is declared by name.
DECLARED: Json = {"docker_kernel_sysctl": {FORWARD: 1, BACKLOG: 1234}}
ALONE: Json = {**DECLARED, "docker_plan_roles": ["docker_kernel"]}
# Names, times and contents of what the role writes, and the live values.
STATE = f"""
find /etc/sysctl.d /etc/modules-load.d /var/lib/dockwright -printf '%p %m %T@ %C@\\n' 2>&1 | sort
find /etc/sysctl.d /etc/modules-load.d -type f -exec sha256sum {{}} + | sort
{LIVE} /proc/sys/kernel/sem
"""


@pytest.fixture(scope="module")
def host(lab: Lab) -> Lab:
    """A bare host that forwards nothing."""
    one = lab.one()
    one.reset()
    one.each("echo 0 > /proc/sys/net/ipv4/ip_forward")
    return one


def apply(host: Lab, variables: Json, *arguments: str, fails: bool = False) -> str:
    """Run the role; give what was printed, with single blanks between words."""
    ran = host.playbook(PLAY, "-e", json.dumps(variables), *arguments)
    told = ran.stdout + ran.stderr
    assert ran.returncode == (2 if fails else 0), told
    return " ".join(told.split())


def live(host: Lab) -> str:
    (told,) = host.each(LIVE).values()
    return " ".join(told.split())


def look(host: Lab, folder: Path, variables: Json) -> tuple[str, list[Any]]:
    """Plan the role alone; give the verdict, and each difference as resource and path."""
    (plan,) = host.plan(folder, variables).values()
    return plan["verdict"], [(each["resource"], each["path"]) for each in plan["differences"]]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"docker_kernel_sysctl": {BACKLOG: 1234, "net.core.somaxcon": 1}},
            "has no sysctl net.core.somaxcon",
        ),
        ({"docker_kernel_modules": ["nf_conntrak"]}, "has no module nf_conntrak"),
    ],
    ids=["sysctl", "module"],
)
@pytest.mark.parametrize("arguments", [["--check"], []], ids=["check", "run"])
def test_what_the_kernel_has_not_got_is_refused_before_anything_is_written(
    host: Lab, variables: Json, words: str, arguments: list[str]
) -> None:
    before = host.each(STATE)
    assert words in apply(host, variables, *arguments, fails=True)
    assert host.each(STATE) == before


def test_a_check_tells_all_of_it_and_writes_nothing(host: Lab) -> None:
    before = host.each(STATE)
    told = apply(host, DECLARED, "--check", "--diff")
    for words in (
        f"+{FORWARD} = 1 +{BACKLOG} = 1234",
        f"set {FORWARD} to 1",
        f"set {BACKLOG} to 1234",
        MODULES,
    ):
        assert words in told
    assert host.each(STATE) == before


def test_a_run_that_was_cut_off_is_finished_by_the_next(host: Lab, tmp_path: Path) -> None:
    host.each(f"mkdir /root/cut; cat > /root/cut/sitecustomize.py <<'END'\n{HOOK}\nEND")
    cut = {**DECLARED, "kernel_environment": {"PYTHONPATH": "/root/cut"}}
    apply(host, cut, fails=True)
    # The values are live, and no file sets them at a boot yet.
    assert live(host) == "1 1234"
    (file,) = host.each(f"ls {SYSCTLS} 2>&1 || true").values()
    assert file.startswith("ls: ")
    assert "changed=1" in apply(host, DECLARED)
    (file,) = host.each(f"cat {SYSCTLS}").values()
    assert file.endswith(f"{FORWARD} = 1\n{BACKLOG} = 1234")
    assert look(host, tmp_path, ALONE) == ("clean", [])
    assert "changed=0" in apply(host, DECLARED)


def test_a_later_file_is_named_and_left(host: Lab, tmp_path: Path) -> None:
    host.each(f"printf '# Theirs.\\n{FORWARD}=0\\n' > {THEIRS}")
    (before,) = host.each(f"stat -c '%i %Y' {THEIRS}").values()
    (plan,) = host.plan(tmp_path, ALONE).values()
    assert plan["verdict"] == "drifted"
    (named,) = plan["differences"]
    assert (named["resource"], named["path"]) == ("kernel.sysctl_override", THEIRS)
    assert (named["cause"], named["only_reported"]) == ("drift", True)
    said = f"line 2 of {THEIRS} sets {FORWARD} to 0"
    assert said in named["sentence"]
    told = apply(host, DECLARED)
    assert "changed=0" in told
    assert said in told.partition("[WARNING]")[2]
    assert host.each(f"stat -c '%i %Y' {THEIRS}") == {host.hosts[0]: before}
    assert live(host) == "1 1234"


def test_a_boot_goes_by_our_file_and_by_a_later_one_as_was_told(host: Lab, tmp_path: Path) -> None:
    host.command("restart", *host.hosts)
    assert live(host) == "0 1234"
    units = "systemd-modules-load.service systemd-sysctl.service"
    results = host.each(f"systemctl show --property=Result,ActiveState {units}")
    for told in results.values():
        assert told.split() == ["Result=success", "ActiveState=active"] * 2
    verdict, named = look(host, tmp_path, ALONE)
    assert verdict == "drifted"
    assert named == [("kernel.sysctl", FORWARD), ("kernel.sysctl_override", THEIRS)]
    host.each(f"rm {THEIRS}")
    apply(host, DECLARED)
    assert live(host) == "1 1234"


def test_what_is_no_longer_declared_goes_from_the_file_and_is_told(
    host: Lab, tmp_path: Path
) -> None:
    less: Json = {"docker_kernel_sysctl": {FORWARD: 1}}
    (plan,) = host.plan(tmp_path, {**less, "docker_plan_roles": ["docker_kernel"]}).values()
    assert any(BACKLOG in note for note in plan["notes"])
    apply(host, less)
    assert host.each(f"tail -n +2 {SYSCTLS}") == {host.hosts[0]: f"{FORWARD} = 1"}
    assert live(host) == "1 1234"
    apply(host, {})
    assert host.each(f"ls {SYSCTLS} 2>&1 || true")[host.hosts[0]].startswith("ls: ")
    assert "changed=0" in apply(host, {"docker_kernel_ip_forward": False, "docker_kernel_sem": ""})
    assert live(host) == "1 1234"
