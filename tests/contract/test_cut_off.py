"""A commit is killed at each of its steps: the next run finishes it, and a boot finds Docker up.

Every deed of the real module is a step, found by Python's own audit events on the host. The hosts
share the steps. Ansible runs each set's modules once, and leaves them on the hosts with their
arguments. From there they are run again for every step, without Ansible, which would take most of
the time and has no part in what is proved.
"""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.contract import slow_scenes
from tests.lab import Lab

PLAYBOOK = "tests/contract/cut_off.yml"
FILES = [Path(__file__).with_name(name) for name in ("cut_off.py", "cut_off_runs.py")]
LEFT = "ls -A /var/lib/dockwright /etc/systemd/system /etc/docker"
FLAGS = "tr '\\0' ' ' < /proc/$(pidof dockerd)/cmdline"
# Two files that only in one order can start the daemon at every point in between, in both
# directions; and a set that dockerd validates but cannot start with.
SETS: Mapping[str, Mapping[str, Any]] = {
    "with_hosts": {
        "docker_daemon_config": {"hosts": ["fd://"], "log-level": "warn"},
        "docker_daemon_hosts_drop_in": True,
    },
    "without_hosts": {"docker_daemon_config": {"log-level": "info"}},
    "bad": {"docker_daemon_config": {"log-driver": "no-such-driver", "log-opts": {"a": "b"}}},
}
# How a commit ends: as the module does, or by SIGKILL.
DONE, FAILED, KILLED = 0, 1, 137
# Sets for the scenes of slow_scenes.py: another set's modules with other arguments.
ALTERED: Mapping[str, tuple[str, str]] = {
    "another": ("without_hosts", 's/"log-level": "info"/"log-level": "warn"/'),
    "hasty": (
        "without_hosts",
        's/"log-level": "info"/"log-level": "warn"/; s/"start_timeout": 600/"start_timeout": 1/',
    ),
}
RUN = "systemctl show --property=InvocationID --value docker.service"
REMEMBERED = "sed -n 's/^  \"failed\": //p' /var/lib/dockwright/applied.json"
PLACE = "/root/cut_off"
KEEP = f"""\
for module in docker_daemon_config docker_activation; do
    mv /root/.ansible/tmp/*/AnsiballZ_$module.py {PLACE}/{{name}}.$module
done
rm -r /root/.ansible/tmp
"""
RUN_MODULES = f"/usr/bin/python3 {PLACE}/cut_off_runs.py"


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> Iterator[Lab]:
    """Hosts with the engine, the hook that kills, and the modules of each set."""
    lab = lab.distinct(1)
    lab.reset_with_engine()
    ran = lab.playbook("site.yml", "-e", json.dumps(SETS["without_hosts"]))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # The folder stays once it is made, and only the first commit makes it.
    folders = f"mkdir -p /etc/systemd/system/docker.service.d {PLACE}; rm -rf /root/.ansible/tmp"
    written = (f"cat > {PLACE}/{file.name} <<'END'\n{file.read_text()}\nEND" for file in FILES)
    lab.each("\n".join((folders, *written)))
    for name, ends in (("with_hosts", 0), ("without_hosts", 0), ("bad", 2)):
        arguments = (PLAYBOOK, "-e", json.dumps(SETS[name]))
        ran = lab.playbook(*arguments, ANSIBLE_KEEP_REMOTE_FILES="1")
        assert ran.returncode == ends, ran.stdout + ran.stderr
        lab.each(KEEP.format(name=name))
    for name, (other, change) in ALTERED.items():
        for module in ("docker_daemon_config", "docker_activation"):
            alter = f"sed {shlex.quote(change)} {other}.{module} > {name}.{module}"
            lab.each(f"cd {PLACE}; {alter}")
    yield lab


def commits(lab: Lab, asked: Mapping[str, Sequence[tuple[str, int]]]) -> dict[str, list[int]]:
    """Stage and commit each host's sets in turn, killed at their steps; give how each ended."""
    scripts = {
        host: " ".join((RUN_MODULES, *(f"{name}:{step}" for name, step in own)))
        for host, own in asked.items()
    }
    printed = lab.everywhere(scripts)
    return {host: [int(status) for status in text.split()] for host, text in printed.items()}


def commit(lab: Lab, name: str, at: Mapping[str, int]) -> dict[str, int]:
    """Stage and commit a set, killed at a step of its own on each host; give how each ended."""
    ended = commits(lab, {host: [(name, step)] for host, step in at.items()})
    return {host: statuses[0] for host, statuses in ended.items()}


def complete(lab: Lab, name: str) -> None:
    """Stage and commit a set on every host, without a kill."""
    ends = dict.fromkeys(lab.hosts, FAILED if name == "bad" else DONE)
    ended = commit(lab, name, dict.fromkeys(lab.hosts, 0))
    if ended != ends:
        # Printed in full, which an assertion's message would not be.
        print(*lab.each(f"cat {PLACE}/said").items(), sep="\n")
    assert ended == ends


def deeds_of(lab: Lab, name: str) -> dict[str, list[str]]:
    """Give each deed of a commit that is not killed, coming from another state; each is a step."""
    complete(lab, "with_hosts" if name == "without_hosts" else "without_hosts")
    lab.each("rm -f /root/deeds")
    complete(lab, name)
    deeds = {host: text.splitlines() for host, text in lab.each("cat /root/deeds").items()}
    assert all(len(own) >= 12 for own in deeds.values()), deeds
    return deeds


def place_of(deeds: Sequence[str], *words: str) -> int:
    """The step that is the first deed with these words."""
    return next(step for step, deed in enumerate(deeds, 1) if all(word in deed for word in words))


def shared(lab: Lab, steps: Mapping[str, Sequence[int]]) -> Iterator[dict[str, int]]:
    """Divide the steps among the hosts; each host has its own, from the first to the last."""
    many = len(lab.hosts)
    for first in range(0, max(map(len, steps.values())), many):
        places = {
            host: first + (index + first // many) % many for index, host in enumerate(lab.hosts)
        }
        at = {
            host: steps[host][place] for host, place in places.items() if place < len(steps[host])
        }
        if at:
            yield at


def require_tidy(lab: Lab, at: Mapping[str, int]) -> None:
    for host, left in lab.everywhere(dict.fromkeys(at, LEFT)).items():
        for word in ("saved", "staged", "dockwright-restore", ".dockwright-"):
            assert word not in left, f"{host}, step {at[host]}: {left}"


def require_nothing_to_do(lab: Lab) -> None:
    variables = json.dumps(SETS["without_hosts"])
    ran = lab.playbook("site.yml", "--tags", "docker_daemon", "-e", variables)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "no hosts matched" in ran.stdout


def all_steps(deeds: Sequence[str]) -> range:
    return range(1, len(deeds) + 1)


def steps_with_two_files(deeds: Sequence[str]) -> range:
    """The steps at which the order of the files counts: from the first one's end to the start."""
    return range(place_of(deeds, "daemon.json"), place_of(deeds, "restart") + 2)


def steps_with_a_new_file(deeds: Sequence[str]) -> range:
    """The steps from that on which has the file in place; before it, any set is as any other."""
    return range(place_of(deeds, "daemon.json") + 1, len(deeds) + 1)


def test_a_commit_cut_off_at_any_step_is_finished_by_the_next_run(hosts: Lab) -> None:
    there = {host: all_steps(own) for host, own in deeds_of(hosts, "with_hosts").items()}
    # Back again, what is done before and after the files has been cut off already.
    back = {
        host: steps_with_two_files(own) for host, own in deeds_of(hosts, "without_hosts").items()
    }
    ways = {"with_hosts": shared(hosts, there), "without_hosts": shared(hosts, back)}
    for at in ways["with_hosts"]:
        for name, cuts in (("with_hosts", at), ("without_hosts", next(ways["without_hosts"], {}))):
            cut = {host: [(name, step)] for host, step in cuts.items()}
            turns = {host: [*cut.get(host, []), (name, 0)] for host in hosts.hosts}
            for host, ended in commits(hosts, turns).items():
                assert ended == ([KILLED, DONE] if host in cuts else [DONE]), (name, cuts)
            for host, flags in hosts.each(FLAGS).items():
                assert ("-H" in flags) == (name == "without_hosts"), (host, cuts)
                assert "--containerd=" in flags, (host, cuts)
            require_tidy(hosts, cuts)
    assert next(ways["without_hosts"], None) is None
    require_nothing_to_do(hosts)


@pytest.mark.parametrize(
    ("name", "steps_of"),
    [("with_hosts", all_steps), ("bad", steps_with_a_new_file)],
    ids=["a_good_set", "a_bad_set"],
)
def test_a_host_that_boots_after_any_step_has_docker_up(
    hosts: Lab, name: str, steps_of: Callable[[Sequence[str]], range]
) -> None:
    steps = {host: steps_of(deeds) for host, deeds in deeds_of(hosts, name).items()}
    complete(hosts, "without_hosts")
    for at in shared(hosts, steps):
        assert commit(hosts, name, at) == dict.fromkeys(at, KILLED), at
        hosts.command("restart", *at)
        # Nobody helps it: it comes up with the host, or with the first client.
        asked = dict.fromkeys(at, "docker version --format '{{.Server.Version}}'")
        for host, version in hosts.everywhere(asked).items():
            assert version.strip(), (host, at)
        complete(hosts, "without_hosts")
        require_tidy(hosts, at)
    require_nothing_to_do(hosts)


def test_a_slow_start_is_left_to_it_and_the_next_run_goes_on(hosts: Lab) -> None:
    complete(hosts, "without_hosts")
    one = hosts.one(0)
    host = one.hosts[0]
    remembered = one.each(REMEMBERED)
    one.each(slow_scenes.drop_in("ExecStartPost=/bin/sleep 6"))
    assert commit(one, "hasty", {host: 0}) == {host: FAILED}
    told, state, runs = said(one), one.each(LEFT)[host], one.each(RUN)
    assert one.each(REMEMBERED) == remembered
    assert "docker.service is still starting after 1 s" in told
    assert "docker_activation_start_timeout says how long a run waits for it" in told
    assert "the next run goes on from there" in told
    # Nothing was taken back, but a boot would.
    for word in ("saved", "staged", "dockwright-restore"):
        assert word in state
    assert commit(one, "another", {host: 0}) == {host: DONE}
    assert one.each(RUN) == runs
    one.each(slow_scenes.NO_DROP_IN)
    require_live(one, "warn")


def test_what_is_no_fault_of_a_set_is_not_remembered(hosts: Lab) -> None:
    # Two commits that hold make the host forget what earlier tests have had remembered.
    complete(hosts, "with_hosts")
    complete(hosts, "without_hosts")
    scenes = list(slow_scenes.OBSTACLES.values())
    many = len(hosts.hosts)
    for first in range(0, len(scenes), many):
        at = dict(zip(hosts.hosts, scenes[first : first + many], strict=False))
        runs = hosts.each(RUN)
        hosts.everywhere({host: scene.deed for host, scene in at.items()})
        try:
            ended = commit(hosts, "another", dict.fromkeys(at, 0))
            told = hosts.each(f"cat {PLACE}/said; {REMEMBERED}")
        finally:
            hosts.everywhere({host: scene.undo for host, scene in at.items()})
        assert ended == dict.fromkeys(at, FAILED)
        after = hosts.each(RUN)
        for host, scene in at.items():
            assert scene.words in json.dumps(told[host]).replace("\\", ""), told[host]
            assert "Nothing is remembered against this set" in told[host]
            assert told[host].endswith("null,"), told[host]
            assert (after[host] == runs[host]) == scene.same_run, scene.words
        require_live(hosts, "info")
    # Without the obstacles the same declaration is carried out.
    complete(hosts, "another")
    require_live(hosts, "warn")


def test_a_look_that_fails_now_and_then_is_no_news(hosts: Lab) -> None:
    complete(hosts, "another")
    one = hosts.one(1)
    host = one.hosts[0]
    one.each(slow_scenes.FAILS_NOW_AND_THEN)
    try:
        assert commit(one, "without_hosts", {host: 0}) == {host: DONE}
        one.each("rm -f /run/blind")
        assert commit(one, "bad", {host: 0}) == {host: FAILED}
        told = said(one)
    finally:
        one.each(slow_scenes.SEES_AGAIN)
    assert "the daemon serves with it again" in told
    assert "is not tried again until the declaration changes" in told
    require_live(one, "info")


def said(lab: Lab) -> str:
    """Give what the last module said."""
    return lab.each(f"cat {PLACE}/said")[lab.hosts[0]]


def require_live(lab: Lab, level: str) -> None:
    """Require that a set is live and served, and that nothing is left but what waits."""
    for host, text in lab.each(f"cat {slow_scenes.DAEMON_JSON}").items():
        assert json.loads(text)["log-level"] == level, host
    assert set(lab.each("docker version --format '{{.Server.Os}}'").values()) == {"linux"}
    for left in lab.each(f"{LEFT} /run/dockwright").values():
        for word in ("saved", "dockwright-restore", ".dockwright", "commit\n"):
            assert word not in left, left
