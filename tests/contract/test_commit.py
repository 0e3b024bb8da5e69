"""The commit as a transaction on real daemons: success, way back, and being cut off.

A commit writes files, asks systemd and the daemon, and depends on no distribution. That it works on
each is proved by a reload, a restart, an edit taken back, a secret and a first start. The other
tests take one host each, not always the same.
"""

import json
import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab

STATE = "/var/lib/dockwright"
PID = "systemctl show --property=MainPID --value docker.service"
RUN = "systemctl show --property=InvocationID --value docker.service"
KEEPER = "docker inspect --format '{{.State.Pid}} {{.State.StartedAt}}' keeper"
MIRRORS = "docker info --format '{{json .RegistryConfig.Mirrors}}'"
LEFT = f"ls {STATE} /etc/systemd/system /run/dockwright"
# Somebody's client does this all the time: it wakes docker.socket in the middle of a commit.
HAMMER = "timeout 60 sh -c 'while true; do docker ps; sleep 0.2; done' > /dev/null 2>&1 &"
WHOLE = ("--tags", "all")
THEIRS = "/etc/systemd/system/docker.service.d/theirs.conf"
LINE = "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"
Json = dict[str, Any]

# A set that dockerd validates but cannot start with, and what its journal says of it.
CANNOT_START = {
    "a log driver's plugin that is not there": (
        {"log-driver": "no-such-driver", "log-opts": {"a": "b"}},
        "error looking up logging plugin no-such-driver",
    ),
    "a port in use": ({"metrics-addr": "127.0.0.1:22"}, "address already in use"),
}


@pytest.fixture(scope="module")
def serving(lab: Lab) -> Iterator[Lab]:
    """Hosts that site.yml made, each with a running container from the lab's registry."""
    lab = lab.distinct()
    lab.reset_with_engine()
    site(lab, *WHOLE)
    run_keepers(lab)
    yield lab


def run_keepers(lab: Lab) -> None:
    """Have each host trust the registry and run a container.

    It has one second to stop: a sleep ignores SIGTERM, and each stop would take ten.
    """
    registry = lab.variables(lab.hosts[0])["lab_registry"]
    certificate = Path(lab.variables(lab.hosts[0])["lab_registry_ca"]).read_text()
    folder = f"/etc/docker/certs.d/{registry}"
    lab.everywhere(
        dict.fromkeys(
            lab.hosts,
            f"mkdir -p {folder}; echo {shlex.quote(certificate)} > {folder}/ca.crt; "
            f"docker run -d --stop-timeout 1 --name keeper {registry}/library/busybox sleep 36000",
        )
    )


def site(lab: Lab, *arguments: str, fails: bool = False, **variables: Any) -> str:
    """Run site.yml with these variables, and require that it ends as expected."""
    # If a test is not about staying up, a daemon that is well once is well.
    extra = json.dumps({"docker_activation_stable_seconds": 0, **variables})
    # Most tests do not change the engine, so they need not look at it.
    tags = () if "--tags" in arguments else ("--tags", "docker_daemon")
    ran = lab.playbook("site.yml", "-e", extra, *tags, *arguments)
    assert ran.returncode == (2 if fails else 0), ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def named(plan: Json) -> list[tuple[str, str]]:
    return [(each["resource"], each["path"]) for each in plan["differences"]]


def mirror(lab: Lab) -> str:
    return f"https://{lab.variables(lab.hosts[0])['lab_registry']}"


def test_a_changed_mirror_is_reloaded_and_pulled_through(serving: Lab) -> None:
    before = serving.each(PID), serving.each(KEEPER)
    told = site(serving, docker_daemon_registry_mirrors=[mirror(serving)])
    assert (serving.each(PID), serving.each(KEEPER)) == before
    assert "WARNING" not in told
    for host, mirrors in serving.each(MIRRORS).items():
        assert mirrors == json.dumps([mirror(serving) + "/"]), host
    pulled = serving.each("docker pull -q hello-world && docker run --rm hello-world")
    assert all("Hello from Docker" in output for output in pulled.values())


def test_a_removed_mirror_takes_a_restart_that_containers_live_through(serving: Lab) -> None:
    before, keepers = serving.each(PID), serving.each(KEEPER)
    site(serving)
    for host in serving.hosts:
        assert serving.on(host, PID).strip() != before[host]
    assert serving.each(KEEPER) == keepers
    assert set(serving.each(MIRRORS).values()) <= {"[]", "null"}
    names = serving.each("docker ps --format '{{.Names}}'")
    assert names == dict.fromkeys(serving.hosts, "keeper")


def test_a_daemon_with_a_socket_of_its_own_goes_back_to_that_of_systemd(serving: Lab) -> None:
    one = serving.one(2)
    keepers = one.each(KEEPER)
    own: Json = {
        "docker_daemon_config": {"hosts": ["unix:///run/docker.sock"]},
        "docker_daemon_hosts_drop_in": True,
    }
    site(one, **own)
    one.each(HAMMER)
    site(one)
    assert one.each(KEEPER) == keepers
    told = site(one, "--check")
    assert "no hosts matched" in told or told.count("changed=0") == len(one.hosts)


def test_a_look_makes_no_user_and_starts_nobodys_program(serving: Lab, tmp_path: Path) -> None:
    lab, host = serving.one(1), serving.one(1).hosts[0]
    remapped: Json = {
        "docker_daemon_config": {"userns-remap": "default"},
        "docker_daemon_allow_data_left_behind": True,
    }
    before = lab.on(host, "ls -la --time-style=full-iso /etc; cat /etc/passwd /etc/subuid")
    told = lab.plan(tmp_path / "user", remapped)[host]
    assert ("daemon_json", "/userns-remap") in named(told)
    assert not [note for note in told["notes"] if "not validated" in note]
    after = lab.on(host, "ls -la --time-style=full-iso /etc; cat /etc/passwd /etc/subuid")
    assert after == before
    # A wrapper that somebody has accepted reaches the host itself through /proc.
    touches = "#!/bin/sh\\ntouch /proc/1/root/root/started\\n"
    lab.on(
        host,
        f"printf '{touches}' > /root/wrapper; chmod 755 /root/wrapper; "
        f"mkdir -p $(dirname {THEIRS}); "
        f"printf '[Service]\\nExecStart=\\nExecStart=/root/wrapper {LINE}\\n' > {THEIRS}",
    )
    try:
        accepted = {"docker_activation_accepted_drop_ins": [THEIRS]}
        told = lab.plan(tmp_path / "wrapper", {**accepted, "docker_daemon_config": {"mtu": 1400}})[
            host
        ]
        note = f"dockerd has not validated /etc/docker/daemon.json: {THEIRS} has docker.service "
        assert note + "started by /root/wrapper, not by /usr/bin/dockerd." in told["notes"]
        assert "started" not in lab.on(host, "ls /root").split()
    finally:
        lab.on(host, f"rm {THEIRS} /root/wrapper")


@pytest.mark.parametrize("name", CANNOT_START)
def test_a_set_that_cannot_start_is_taken_back(name: str, serving: Lab) -> None:
    one = serving.one(list(CANNOT_START).index(name))
    config, words = CANNOT_START[name]
    before = one.each("cat /etc/docker/daemon.json"), one.each(KEEPER)
    one.each(HAMMER)
    told = site(one, docker_daemon_config=config, fails=True)
    assert told.count("The configuration before it was put back") >= len(one.hosts)
    assert "the daemon serves with it again" in told
    assert words in told
    assert (one.each("cat /etc/docker/daemon.json"), one.each(KEEPER)) == before
    assert set(one.each("systemctl is-active docker.service").values()) == {"active"}
    assert not any(
        word in output
        for output in one.each(LEFT).values()
        for word in ("staged", "saved", "dockwright-restore", "commit\n")
    )


def test_a_runtime_is_there_before_it_is_the_default(serving: Lab, tmp_path: Path) -> None:
    one = serving.one(2)
    image = f"{serving.variables(serving.hosts[0])['lab_registry']}/library/busybox"
    starts = f"docker run --rm {image} true && echo well || true"
    theirs: Json = {
        "docker_daemon_config": {
            "default-runtime": "theirs",
            "runtimes": {"theirs": {"path": "/opt/theirs"}},
        }
    }
    before = one.each("cat /etc/docker/daemon.json"), one.each(RUN)
    told = site(one, fails=True, **theirs)
    assert "runtimes/theirs/path is /opt/theirs: there is no such file on this host" in told
    assert (one.each("cat /etc/docker/daemon.json"), one.each(RUN)) == before
    one.each("cp /usr/bin/runc /opt/theirs")
    site(one, **theirs)
    assert set(one.each(starts).values()) == {"well"}
    # A program that disappears later is told, and with the variables of before it is used no more.
    one.each("rm /opt/theirs")
    assert set(one.each(starts).values()) == {""}
    for plan in one.plan(tmp_path, theirs).values():
        assert plan["verdict"] == "failed"
        assert ("daemon_json", "/runtimes/theirs/path") in named(plan)
    site(one)
    assert set(one.each(starts).values()) == {"well"}


def test_a_set_that_failed_is_not_tried_again(serving: Lab) -> None:
    one = serving.one(0)
    config, words = CANNOT_START["a log driver's plugin that is not there"]
    site(one, docker_daemon_config=config, fails=True)
    runs = one.each(RUN)
    for mode in ([], ["--check"]):
        told = site(one, *mode, docker_daemon_config=config, fails=True)
        assert "this configuration was tried at" in told
        assert words in told
    assert one.each(RUN) == runs
    told = site(one, docker_daemon_config=config, docker_activation_retry=True, fails=True)
    assert "The configuration before it was put back" in told
    assert one.each(RUN) != runs
    # The present declaration was never taken back, and it serves: nothing is left to do.
    assert "no hosts matched" in site(one)


def test_an_edit_that_nobody_has_tried_does_not_take_the_host_down(serving: Lab) -> None:
    before, keepers = serving.each("cat /etc/docker/daemon.json"), serving.each(KEEPER)
    edit = 's/"log-driver"/"metrics-addr": "127.0.0.1:22", "log-driver"/'
    serving.each(f"sed -i {shlex.quote(edit)} /etc/docker/daemon.json")
    told = site(serving, fails=True)
    assert "the daemon serves with it again" in told
    assert f"The edited file was kept as {STATE}/daemon.json.edited" in told
    assert (serving.each("cat /etc/docker/daemon.json"), serving.each(KEEPER)) == (
        before,
        keepers,
    )
    kept = serving.each(f"grep -c metrics-addr {STATE}/daemon.json.edited")
    assert set(kept.values()) == {"1"}


def test_live_restore_is_switched_on_before_the_restart_that_needs_it(serving: Lab) -> None:
    one = serving.one(1)
    site(
        one,
        docker_daemon_config={"live-restore": False},
        docker_activation_allow_container_stop=True,
    )
    one.each("docker start keeper")
    keepers, pids = one.each(KEEPER), one.each(PID)
    refused = site(
        one,
        docker_daemon_config={"live-restore": False, "log-level": "warn"},
        fails=True,
    )
    assert "would stop 1 running container (keeper)" in refused
    assert one.each(PID) == pids
    site(one, docker_daemon_config={"live-restore": True, "log-level": "warn"})
    for host in one.hosts:
        assert one.on(host, PID).strip() != pids[host]
    assert one.each(KEEPER) == keepers
    site(one)
    assert one.each(KEEPER) == keepers


def test_with_consent_containers_stop_and_those_with_a_policy_come_back(serving: Lab) -> None:
    one = serving.one(2)
    image = f"{mirror(one).removeprefix('https://')}/library/busybox"
    back = f"docker run -d --stop-timeout 1 --name back --restart always {image} sleep 9999"
    one.each(back)
    wanted: Json = {"docker_daemon_config": {"bip": "192.168.231.1/24"}}
    told = site(one, fails=True, **wanted)
    assert "with a change of bip, which no container outlives" in told
    told = site(one, docker_activation_allow_container_stop=True, **wanted)
    assert "have no restart policy that starts them again: keeper" in told
    running = one.each("docker ps --format '{{.Names}}'")
    assert running == dict.fromkeys(one.hosts, "back")
    addresses = one.each("ip -4 -o addr show docker0")
    assert all("192.168.231.1/24" in address for address in addresses.values())
    consent = {"docker_activation_allow_container_stop": True}
    site(one, **consent)
    one.each("docker rm -f back; docker start keeper")


def test_no_secret_is_told_or_left_where_others_read(serving: Lab) -> None:
    token = "5ec2e7-70ke11"  # noqa: S105 - looked for, not used
    config = {
        "log-driver": "splunk",
        "log-opts": {"splunk-token": token, "splunk-url": "https://splunk.invalid:8088"},
    }
    told = site(serving, *WHOLE, "-vvv", "--diff", docker_daemon_config=config)
    assert token not in told
    found = (
        f"grep -rl {token} /etc /var/lib/dockwright /var/log /run /tmp /root 2>/dev/null | sort; "
        f"journalctl --no-pager -o cat | grep -v dockerd | grep -c {token} || true; "
        "stat -c %a /etc/docker/daemon.json"
    )
    for host, output in serving.each(found).items():
        *files, journal, mode = output.splitlines()
        assert mode == "600", host
        assert journal == "0", host
        readable = f"stat -c '%a %n' {' '.join(files)}"
        for line in serving.on(host, readable).splitlines():
            assert line.startswith("600 "), f"{host}: {line}"
    told = site(serving, *WHOLE, "-vvv", "--diff")
    assert token not in told
    assert set(serving.each(f"grep -rl {token} /etc {STATE} || true").values()) == {""}


def test_a_bad_change_stops_at_the_first_host(serving: Lab, tmp_path: Path) -> None:
    if len(serving.hosts) < 2:
        pytest.skip("the lab runs with one host, and there is no second one to be spared")
    config, _words = CANNOT_START["a log driver's plugin that is not there"]
    rollout = {"dockwright_serial": [1, "100%"], "dockwright_max_fail_percentage": 0}
    # As a person has it, in the inventory.
    inventory = tmp_path / "rollout.yml"
    inventory.write_text(json.dumps({"lab": {"vars": rollout}}))
    runs = serving.each(RUN)
    retry: Json = {"docker_daemon_config": config, "docker_activation_retry": True}
    told = site(serving, "--inventory", str(inventory), fails=True, **retry)
    assert told.count("The configuration before it was put back") >= 1
    after = serving.each(RUN)
    tried = [host for host in serving.hosts if after[host] != runs[host]]
    assert len(tried) == 1, told
    assert set(serving.each(f"ls {STATE}/staged.json 2>&1 | grep -c cannot").values()) == {"1"}


def test_containerd_restarting_in_the_middle_does_no_harm(serving: Lab) -> None:
    one = serving.one(1)
    keepers = one.each(KEEPER)
    later = "nohup sh -c 'sleep 4; systemctl restart containerd.service' > /dev/null 2>&1 &"
    one.each(later)
    declared = {"debug": True, "log-level": "info"}
    site(one, docker_daemon_config=declared, docker_activation_stable_seconds=6)
    assert one.each(KEEPER) == keepers
    site(one)


def test_a_second_run_waits_for_the_first_and_says_whose_it_is(
    serving: Lab, tmp_path: Path
) -> None:
    one = serving.one(2)
    host = one.hosts[0]
    ended: dict[str, subprocess.CompletedProcess[str]] = {}

    def run(name: str, debug: bool) -> threading.Thread:
        extra = json.dumps({"docker_daemon_config": {"debug": debug}})

        def site_of_it() -> None:
            ended[name] = one.playbook("site.yml", "-e", extra, "--tags", "docker_daemon")

        thread = threading.Thread(target=site_of_it)
        thread.start()
        return thread

    first = run("first", True)
    # The holder is stopped until the others have met it, however slow this machine is.
    holder = "$(sed -n 's/.*docker_activation, process \\([0-9]*\\).*/\\1/p' /run/dockwright/lock)"
    holds = f'until kill -STOP "{holder}" 2> /dev/null; do sleep 0.1; done'
    other: Json = {"docker_daemon_config": {"debug": False}}
    try:
        one.on(host, f"timeout 60 sh -c {shlex.quote(holds)}")
        whose = "Another Dockwright run is at work on this host: docker_activation, process"
        # A look waits for nobody, and does not call drift what the first run has not finished.
        plan = one.plan(tmp_path, other)[host]
        assert whose in " ".join(plan["notes"])
        assert "drift" not in {each["cause"] for each in plan["differences"]}
        told = site(one, docker_activation_run_timeout=1, fails=True, **other)
        assert whose in told
        assert ", since 20" in told
        second = run("second", False)
        waits = "journalctl -o cat | grep -q 'Waiting up to 300 s for another Dockwright run'"
        met = f"until {waits}; do sleep 0.2; done"
        one.on(host, f"timeout 60 sh -c {shlex.quote(met)}")
    finally:
        one.on(host, f'kill -CONT "{holder}" || true')
        first.join()
    second.join()
    assert ended["first"].returncode == 0, ended["first"].stdout
    told = ended["second"].stdout + ended["second"].stderr
    assert ended["second"].returncode == 0, told
    assert "for another Dockwright run on this host to end: docker_activation, process" in told
    assert one.plan(tmp_path / "after", other)[host]["verdict"] == "clean"
    site(one)


def test_a_dead_holder_does_not_block(serving: Lab) -> None:
    one = serving.one(0)
    hold = (
        "import fcntl,os,time; f=open('/run/dockwright/lock','a'); fcntl.flock(f,fcntl.LOCK_EX); "
        "f.write('somebody, process %d' % os.getpid()); f.flush(); time.sleep(600)"
    )
    one.each(f"nohup python3 -c {shlex.quote(hold)} > /dev/null 2>&1 & echo $! > /root/holder")
    time.sleep(1)
    wanted: Json = {"docker_daemon_config": {"debug": True}}
    told = site(one, docker_activation_run_timeout=0, fails=True, **wanted)
    assert "somebody, process " in told
    one.each("kill -9 $(cat /root/holder); sleep 0.2")
    # The holder's words are still in the file, but nobody waits for it.
    assert "at work" not in site(one, **wanted)
    site(one)


def test_a_cloned_host_owns_what_its_ancestor_did(serving: Lab, tmp_path: Path) -> None:
    one = serving.one(1)
    mirrors: Json = {"docker_daemon_registry_mirrors": [mirror(one)]}
    site(one, **mirrors)
    # A clone has booted: its daemon was started after the file was written.
    one.each(
        "cp -a /etc/machine-id /root/; tr 0-9a-f 1-9a-f0 < /root/machine-id > /etc/machine-id; "
        "systemctl reset-failed docker.service; systemctl restart docker.service"
    )
    try:
        assert {plan["verdict"] for plan in one.plan(tmp_path / "same", mirrors).values()} == {
            "clean"
        }
        plans = one.plan(tmp_path / "less")
        for host in one.hosts:
            named = {entry["path"]: entry["cause"] for entry in plans[host]["differences"]}
            assert named == {"/registry-mirrors": "unknown"}, host
        site(one)
        assert set(one.each(MIRRORS).values()) <= {"[]", "null"}
    finally:
        one.each("cp -a /root/machine-id /etc/machine-id")
    site(one)


@pytest.mark.parametrize("loss", ["lost", "corrupt"])
def test_without_a_record_nothing_foreign_goes(serving: Lab, loss: str, tmp_path: Path) -> None:
    one = serving.one(int(loss == "corrupt"))
    mirrors: Json = {"docker_daemon_registry_mirrors": [mirror(one)]}
    site(one, **mirrors)
    # Only the record tells what a reload has read; the clock tells what a start has read.
    one.each("systemctl reset-failed docker.service; systemctl restart docker.service")
    runs = one.each(RUN)
    ruin = {
        "lost": f"rm -r {STATE}",
        "corrupt": f"cd {STATE}; for name in applied staged committed; do "
        "head -c 200 /dev/urandom > $name.json; done; mkdir saved; echo '{' > saved/manifest.json",
    }[loss]
    one.each(ruin)
    for plan in one.plan(tmp_path / "ruined", mirrors).values():
        assert {entry["cause"] for entry in plan["differences"]} <= {"unknown"}
        named = [entry["resource"] for entry in plan["differences"]]
        assert "record.applied" in named
        assert "daemon_json" not in named
    # Nobody knows any more that the mirror was ours, so it stays and is told.
    for plan in one.plan(tmp_path / "less").values():
        assert "registry-mirrors" in " ".join(plan["notes"])
        assert not [entry for entry in plan["differences"] if entry["resource"] == "daemon_json"]
    site(one, *WHOLE, **mirrors)
    assert one.each(RUN) == runs
    plans = one.plan(tmp_path / "after", mirrors)
    assert {plan["verdict"] for plan in plans.values()} == {"clean"}
    # What is declared and is so is on record as ours again, and so is what the daemon has read.
    plans = one.plan(tmp_path / "again")
    named = [
        (entry["path"], entry["cause"]) for each in plans.values() for entry in each["differences"]
    ]
    assert named == [("/registry-mirrors", "pending")] * len(one.hosts)
    kept = one.each(f"ls {STATE}/applied.json.damaged 2> /dev/null || echo none")
    assert ("none" in kept.values()) == (loss == "lost")
    site(one, docker_daemon_config={"registry-mirrors": None})


def test_a_first_start_that_fails_leaves_the_daemon_stopped(lab: Lab) -> None:
    lab = lab.distinct()
    lab.reset_with_engine()
    config, words = CANNOT_START["a log driver's plugin that is not there"]
    told = site(lab, *WHOLE, docker_daemon_config=config, fails=True)
    assert "There is nothing to go back to on a first start" in told
    assert "It and docker.socket were stopped" in told
    assert words in told
    for unit in ("docker.service", "docker.socket"):
        assert set(lab.each(f"systemctl is-active {unit} || true").values()) == {"inactive"}
    there = lab.each("test -e /etc/docker/daemon.json && echo there || echo gone")
    assert set(there.values()) == {"gone"}
    assert "this configuration was tried at" in site(lab, docker_daemon_config=config, fails=True)
    site(lab, *WHOLE)
    assert "no hosts matched" in site(lab, *WHOLE)
