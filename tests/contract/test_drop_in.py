"""A user's own drop-in on a real daemon: its process gets the secret, nobody sees it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.containers import trust_registry
from tests.lab import Lab

FOLDER = "/etc/systemd/system/docker.service.d"
STATE = "/var/lib/dockwright"
# The record, daemon.json as it serves, and the programs verified as their packages' own.
KEPT = "applied.json\ncommitted.json\nprograms.json"
PLAY = str(Path(__file__).with_name("drop_in.yml"))
PID = "systemctl show --property=MainPID --value docker.service"
KEEPER = "docker inspect --format '{{.State.Pid}} {{.State.StartedAt}}' keeper"
PLAIN = "x \"y\" 'z' %h \\ $HOME größe"
HIDDEN = 's3cr%"$`\\et'
WANTED: dict[str, Any] = {
    "sections": {"Service": {"LimitNOFILE": 4321}, "Unit": {"Documentation": "man:dockerd(8)"}},
    "environment_given": {"PLAIN_OF_MINE": PLAIN},
    "credentials": {"TOKEN_OF_MINE": HIDDEN},
}


@pytest.fixture(scope="module")
def serving(lab: Lab) -> Lab:
    """A host that site.yml has made."""
    host = lab.one(1)
    host.reset_with_engine()
    ran = host.playbook("site.yml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return host


def play(lab: Lab, *arguments: str, fails: bool = False, **variables: Any) -> str:
    """Run the play; give its output."""
    ran = lab.playbook(PLAY, "-e", json.dumps(variables), *arguments)
    assert ran.returncode == (2 if fails else 0), ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def words_of(ran: subprocess.CompletedProcess[str]) -> str:
    """Give all that a run has said, with the lines of warnings joined."""
    return " ".join((ran.stdout + ran.stderr).split())


def test_a_process_gets_what_was_declared_and_nobody_sees_what_is_secret(serving: Lab) -> None:
    told = play(serving, "-vvv", "--diff", **WANTED)
    environment = serving.each(f"tr '\\0' '\\n' < /proc/$({PID})/environ")
    for host, text in environment.items():
        assert f"PLAIN_OF_MINE={PLAIN}" in text.splitlines(), host
        assert f"TOKEN_OF_MINE={HIDDEN}" in text.splitlines(), host
    limits = serving.each(f"grep 'open files' /proc/$({PID})/limits")
    assert all("4321" in text for text in limits.values())
    found = serving.each(f"grep -rlF 's3cr%' /etc /run/systemd {STATE} /var/log || true")
    assert set(found.values()) == {f"{FOLDER}/limits-1.env"}
    assert set(serving.each(f"stat -c '%a %U' {FOLDER}/limits-1.env").values()) == {"600 root"}
    assert "s3cr%" not in told
    again = play(serving, **WANTED)
    assert again.count("changed=0") == len(serving.hosts), again


def test_another_secret_restarts_the_daemon_and_the_old_one_goes(serving: Lab) -> None:
    before = serving.each(PID)
    play(serving, **{**WANTED, "credentials": {"TOKEN_OF_MINE": "another"}})
    for host in serving.hosts:
        assert serving.on(host, PID).strip() != before[host]
    assert set(serving.each(f"ls {FOLDER}").values()) == {"limits-2.env\nlimits.conf"}


def test_one_that_keeps_the_daemon_from_starting_is_taken_back(serving: Lab) -> None:
    before = serving.each(f"cat {FOLDER}/limits.conf {FOLDER}/limits-2.env")
    wrong = {
        "sections": {"Service": {"ExecStartPre": "/bin/false"}},
        "credentials": {"TOKEN_OF_MINE": "third"},
    }
    told = play(serving, fails=True, **wrong)
    assert "was put back, and the daemon serves with it again" in told
    assert serving.each(f"cat {FOLDER}/limits.conf {FOLDER}/limits-2.env") == before
    assert set(serving.each("systemctl is-active docker.service").values()) == {"active"}
    again = play(serving, fails=True, **wrong)
    assert "was tried at" in again
    assert "docker_activation_retry" in again


def test_one_under_which_the_daemon_loses_its_containers_is_taken_back(
    serving: Lab, tmp_path: Path
) -> None:
    """The daemon starts as declared, but does not have its containers any more."""
    image = f"{trust_registry(serving)}/library/busybox"
    serving.each(f"docker run -d --stop-timeout 1 --name keeper {image} sleep 36000")
    before = serving.each(KEEPER)
    hidden = {"TemporaryFileSystem": "/var/lib/docker/containers"}
    told = " ".join(play(serving, fails=True, sections={"Service": hidden}).split())
    assert "containers run on, and the daemon does not know that they run: keeper." in told
    assert "was put back, and the daemon serves with it again" in told
    assert serving.each(KEEPER) == before
    # A set that somebody put in by hand is not taken back, and every look tells it.
    theirs = f"{FOLDER}/theirs.conf"
    restart = "systemctl daemon-reload; systemctl restart docker.service"
    lines = "[Service]\\nTemporaryFileSystem=/var/lib/docker/containers\\n"
    serving.each(f"printf '{lines}' > {theirs}; {restart}")
    for host, plan in serving.plan(tmp_path).items():
        # What a failed set before the last one has left is told as well (service.leftover).
        left = [each for each in plan["differences"] if each["resource"] != "service.leftover"]
        pid, identity = before[host].split()[0], left[0]["path"]
        assert [each["resource"] for each in left] == ["service.orphan"], plan
        assert left[0]["sentence"].startswith(
            f"container keeper ({identity[:12]}) runs on as PID {pid}, and the daemon does not "
        )
    serving.each(f"rm {theirs}; {restart}")
    assert serving.each(KEEPER) == before
    serving.each("docker rm -f keeper")


def test_nothing_declared_takes_it_away_with_all_its_files(serving: Lab) -> None:
    play(serving)
    assert set(serving.each(f"ls -A {FOLDER}").values()) == {""}
    assert set(serving.each(f"ls {STATE}").values()) == {KEPT}
    again = play(serving)
    assert again.count("changed=0") == len(serving.hosts), again


def test_a_check_writes_nothing(serving: Lab) -> None:
    told = play(serving, "--check", "--diff", commit=False, **WANTED)
    assert "LimitNOFILE=4321" in told
    assert "s3cr%" not in told
    assert set(serving.each(f"ls -A {FOLDER}").values()) == {""}
    assert set(serving.each(f"ls {STATE}").values()) == {KEPT}


@pytest.mark.parametrize("hidden", [["Gehe1mniss"], {"a": "Gehe1mniss"}])
def test_a_secret_of_another_kind_is_refused_and_not_shown(serving: Lab, hidden: Any) -> None:
    told = play(serving, "-vvv", fails=True, credentials={"TOKEN_OF_MINE": hidden})
    assert "credentials.TOKEN_OF_MINE is no text" in told
    assert "Gehe1mniss" not in told


def test_a_short_secret_garbles_nothing(serving: Lab) -> None:
    told = play(serving, "-vvv", "--check", commit=False, credentials={"A": "", "B": "e"})
    assert "give docker.service A, B" in told


@pytest.mark.parametrize("config", [{"proxies": None}, {}], ids=["taken_out", "not_declared_now"])
def test_proxies_make_way_for_the_drop_in_in_one_run(serving: Lab, config: Any) -> None:
    """What is refused while daemon.json overrides the drop-in is done once that is ended."""
    beating = {"docker_daemon_config": {"proxies": {"http-proxy": "http://192.0.2.1:3128"}}}
    ran = serving.playbook("site.yml", "-e", json.dumps(beating))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    declared = {"docker_proxy_http": "http://192.0.2.2:3128"}
    told = serving.playbook("site.yml", "-e", json.dumps({**beating, **declared}))
    assert "it says proxies (http-proxy)" in told.stdout
    entries = {"docker_proxy_no_proxy": ["*.example.com", "http://example.com"]}
    given = json.dumps({**declared, **entries, "docker_daemon_config": config})
    ran = serving.playbook("site.yml", "-e", given)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "it leaves out example.com itself" in words_of(ran)
    assert "it has a scheme, and stands for nothing" in words_of(ran)
    proxies = serving.each("docker info --format '{{.HTTPProxy}}'")
    assert set(proxies.values()) == {"http://192.0.2.2:3128"}
    again = serving.playbook("site.yml", "-e", given)
    assert again.stdout.count("changed=0") == len(serving.hosts), again.stdout
    assert "it leaves out example.com itself" not in words_of(again)
    assert "it has a scheme, and stands for nothing" in words_of(again)
