"""What docker_group refuses, reports and says of sessions, on a real host without Docker."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.contract.storage import LOOK
from tests.lab import Json, Lab

PLAYBOOK = "tests/contract/group.yml"
SOCKET = "/run/docker.sock"
HELD = "/run/held"
# A lasting login from the host to itself; it is recognised by the shell that it runs.
LOG_IN = (
    "ssh -tt -f -n -o BatchMode=yes -o StrictHostKeyChecking=accept-new {user}@127.0.0.1 "
    "'sleep 600 & wait' > /dev/null 2>&1; "
    "for _ in $(seq 50); do pgrep -u {user} sleep > /dev/null && break; sleep 0.1; done; "
    "ps -o sess= -p $(pgrep -u {user} sleep)"
)
_RESULT = re.compile(r"^(fatal|changed|ok): \[\w+\].*? => (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class Ended:
    """How a run of the role ended: the module's answer, and all that was printed."""

    failed: bool
    changed: bool
    result: Json
    printed: str
    """Wrapped lines are one line."""

    @property
    def found(self) -> list[tuple[str, str]]:
        return [(each["path"], each["sentence"]) for each in self.result["differences"]]


def run(lab: Lab, *arguments: str, **variables: object) -> Ended:
    """Run the role on the only host."""
    declared = {f"docker_group_{name}": value for name, value in variables.items()}
    ran = lab.playbook("-v", PLAYBOOK, "-e", json.dumps(declared), *arguments)
    # The first answer is that of the argument spec.
    answers = [match for match in _RESULT.findall(ran.stdout) if '"verdict"' in match[1]]
    assert len(answers) == 1, ran.stdout + ran.stderr
    how, text = answers[0]
    printed = " ".join((ran.stdout + ran.stderr).split())
    return Ended(how == "fatal", how == "changed", json.loads(text), printed)


def entry(lab: Lab) -> str:
    """Give the group's line; empty where there is none."""
    return lab.on(lab.hosts[0], "getent group docker || true").strip()


@pytest.fixture(scope="module")
def with_users(lab: Lab) -> Lab:
    """A host with users who log in to it from itself."""
    one = lab.one()
    one.reset()
    one.on(
        one.hosts[0],
        "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; "
        "for user in alice bob mallory; do "
        "useradd --create-home --shell /bin/bash --password '*' $user; "
        "install -d -m 700 -o $user /home/$user/.ssh; "
        "install -m 600 -o $user /root/.ssh/id_ed25519.pub /home/$user/.ssh/authorized_keys; done",
    )
    return one


@pytest.fixture
def host(with_users: Lab) -> Iterator[Lab]:
    """The host without a group, a record and sessions."""
    yield with_users
    with_users.on(
        with_users.hosts[0],
        f"pkill -KILL -u alice,bob,mallory || true; test ! -e {HELD} || kill $(cat {HELD}); "
        f"rm -rf /var/lib/dockwright {SOCKET} {HELD}; usermod --gid mallory mallory; "
        "getent group docker > /dev/null && groupdel docker || true",
    )


def make_group(lab: Lab, *members: str, gid: int = 4242) -> None:
    """Make the group as somebody would by hand."""
    added = "".join(f"gpasswd --add {name} docker > /dev/null; " for name in members)
    lab.on(lab.hosts[0], f"groupadd --system --gid {gid} docker; {added}")


def log_in(lab: Lab, user: str) -> int:
    """Have a user log in and stay; give the session's leader."""
    return int(lab.on(lab.hosts[0], LOG_IN.format(user=user)))


def test_check_mode_writes_nothing(host: Lab) -> None:
    before = host.on(host.hosts[0], LOOK)
    ended = run(host, "--check", members=["alice"], gid=4242)
    assert [path for path, _sentence in ended.found] == ["docker", "alice"]
    assert host.on(host.hosts[0], LOOK) == before


def test_a_member_who_is_not_declared_is_reported_and_stays(host: Lab) -> None:
    make_group(host, "mallory")
    for changed in (True, False):
        ended = run(host, members=["alice"])
        assert (ended.failed, ended.changed) == (False, changed)
        told = "mallory is in the group docker, which is root, and docker_group_members does not"
        assert told in ended.printed
        assert ended.result["verdict"] == "drifted"
        assert entry(host) == "docker:x:4242:mallory,alice"


def test_who_was_declared_and_is_no_longer_goes_and_others_stay(host: Lab) -> None:
    run(host, members=["alice", "bob"])
    host.on(host.hosts[0], "gpasswd --add mallory docker")
    assert run(host, members=["bob"]).changed
    assert entry(host).split(":")[3] == "bob,mallory"
    # A membership that we gave up is not ours any more: if somebody adds it again, it stays.
    host.on(host.hosts[0], "gpasswd --add alice docker")
    assert run(host, members=[]).changed
    assert entry(host).split(":")[3] == "mallory,alice"


def test_exclusive_leaves_a_primary_group_alone_and_says_so(host: Lab) -> None:
    make_group(host)
    host.on(host.hosts[0], "usermod --gid docker mallory; gpasswd --add bob docker")
    ended = run(host, members=["alice"], exclusive=True)
    assert ended.changed
    assert entry(host).split(":")[3] == "alice"
    assert "mallory is in the group docker, which is root, by primary group" in ended.printed
    assert host.on(host.hosts[0], "id -gn mallory").strip() == "docker"


def test_all_that_is_refused_is_said_at_once_and_nothing_changes(host: Lab) -> None:
    before = host.on(host.hosts[0], LOOK)
    mail = int(host.on(host.hosts[0], "getent group mail | cut -d: -f3"))
    ended = run(host, members=["dora", "alice", "emil"], gid=mail)
    assert ended.failed
    assert "users that this host does not know: dora, emil." in ended.result["msg"]
    assert "docker_group_ignore_missing_users" in ended.result["msg"]
    assert "the group mail has that GID" in ended.result["msg"]
    assert host.on(host.hosts[0], LOOK) == before


def test_a_new_gid_takes_the_socket_along_and_a_tampered_one_is_mended(host: Lab) -> None:
    make_group(host)
    script = (
        "import os,socket,time;s=socket.socket(socket.AF_UNIX);s.bind('%s');"
        "os.chown('%s',0,4242);os.chmod('%s',0o660);time.sleep(600)" % ((SOCKET,) * 3)
    )
    shown = f"stat -c '%a %u %g' {SOCKET}"
    host.on(
        host.hosts[0],
        f'setsid python3 -c "{script}" < /dev/null > /dev/null 2>&1 & echo $! > {HELD}; '
        f"for _ in $(seq 50); do test \"$({shown} 2> /dev/null)\" = '660 0 4242' && break; "
        "sleep 0.1; done",
    )
    assert run(host, gid=34567).changed
    assert host.on(host.hosts[0], shown).split() == ["660", "0", "34567"]
    host.on(host.hosts[0], f"chmod 666 {SOCKET}; chown bob:users {SOCKET}")
    assert run(host, gid=34567).found[0][0] == SOCKET
    assert host.on(host.hosts[0], shown).split() == ["660", "0", "34567"]


def test_sessions_that_are_without_the_group_are_told(host: Lab) -> None:
    leader = log_in(host, "alice")
    ended = run(host, members=["alice", "bob"])
    told = "alice is in the group docker from the next login on: these running sessions are without"
    assert told in ended.printed
    assert re.search(rf"it: [^.]*{leader} \(bash, pts/\d+\)", ended.printed), ended.printed
    assert "In the group docker from the next login on: bob." in ended.printed
    # While they run, every plan says so and finds nothing to do.
    again = run(host, "--check", members=["alice", "bob"])
    assert not again.changed
    (note,) = again.result["notes"]
    assert f" {leader} (bash, pts/" in note
    assert "bob" not in note


def test_sessions_that_still_have_the_group_are_told(host: Lab) -> None:
    make_group(host, "mallory")
    leader = log_in(host, "mallory")
    ended = run(host, exclusive=True)
    assert "mallory is not in the group docker, and these running sessions have it" in ended.printed
    assert f" {leader} (bash, pts/" in ended.printed
