"""What /etc/group says of docker, and which sessions have the group, in a fake /proc."""

import grp
import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.group import group
from ansible_collections.dockwright.host.plugins.module_utils.observers.group.group import (
    members_in,
    names_in,
    observe_sessions,
    parse_stat,
    shadows_in,
    terminal_of,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.group import (
    GroupLook,
    GroupObserved,
    SessionObserved,
    ShadowObserved,
)

PTS_0 = 136 << 8


class FakeProc:
    """A /proc of invented processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs(1, "systemd", 0)
        (folder / "self").symlink_to("1")
        (folder / "meminfo").touch()

    def runs(
        self,
        pid: int,
        program: str,
        uid: int,
        *groups: int,
        session: int = 0,
        terminal: int = 0,
        state: str = "S",
        namespace: str = "pid:[1]",
    ) -> None:
        """Add a process; it leads its own session if no other is named."""
        process = self.folder / str(pid)
        (process / "ns").mkdir(parents=True)
        (process / "ns" / "pid").symlink_to(namespace)
        stat = f"{pid} ({program}) {state} 1 {pid} {session or pid} {terminal} -1 4194304 0\n"
        (process / "stat").write_text(stat)
        primary, more = (groups or (uid,))[0], " ".join(map(str, groups[1:]))
        (process / "status").write_text(
            f"Name:\t{program}\nUid:\t{uid}\t0\t0\t0\n"
            f"Gid:\t{primary}\t{primary}\t{primary}\t{primary}\nGroups:\t{more} \nNSpid:\t{pid}\n"
        )

    def sessions(self, gid: int | None = 990) -> tuple[SessionObserved, ...]:
        """Give the sessions that are seen while alice is watched."""
        return observe_sessions({1001: "alice"}, gid, str(self.folder))


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path)


def test_members_are_those_of_docker_and_no_other_group() -> None:
    text = "docker-ci:x:991:eve\nxdocker:x:1:eve\ndocker:x:990:alice-ci, bob,,bob\n"
    assert members_in(text) == ("alice-ci", "bob")
    assert members_in("docker:x:990:\n") == ()
    assert members_in("docker-ci:x:991:eve\n") is None
    # A line for NIS, which names no GID (nsswitch.conf(5), compat).
    assert members_in("docker\n+docker\n") is None


def test_names_are_those_of_local_users() -> None:
    assert names_in("root:x:0:0::/root:/bin/sh\nalice:x:1:1::/:/bin/sh\n\n") == ("root", "alice")


def test_a_session_without_the_group_is_told_by_its_leader(proc: FakeProc) -> None:
    proc.runs(40, "bash", 1001, 1001, 27, terminal=PTS_0)
    proc.runs(41, "vim", 1001, 1001, 27, session=40, terminal=PTS_0)
    proc.runs(50, "systemd", 1001, 1001)
    assert proc.sessions() == (
        SessionObserved(user="alice", leader=40, program="bash", terminal="pts/0"),
        SessionObserved(user="alice", leader=50, program="systemd"),
    )


def test_a_group_counts_whether_primary_or_not(proc: FakeProc) -> None:
    proc.runs(40, "bash", 1001, 1001, 99, 990)
    proc.runs(50, "bash", 1001, 990)
    proc.runs(60, "bash", 1001, 1001, 99)
    with_group = {each.leader: each.has_group for each in proc.sessions()}
    assert with_group == {40: True, 50: True, 60: False}


def test_a_group_that_is_not_there_yet_no_session_has(proc: FakeProc) -> None:
    proc.runs(40, "bash", 1001, 1001)
    assert [each.leader for each in proc.sessions(None)] == [40]


def test_a_leader_that_has_ended_or_is_out_of_sight_is_no_leader(proc: FakeProc) -> None:
    proc.runs(41, "tmux: server", 1001, 1001, session=40)
    assert proc.sessions() == (SessionObserved(user="alice", leader=41, program="tmux: server"),)


def test_a_session_that_somebody_else_leads_is_told_by_its_users_first_process(
    proc: FakeProc,
) -> None:
    proc.runs(40, "bash", 0, 0, terminal=PTS_0)
    proc.runs(44, "su", 0, 0, session=40, terminal=PTS_0)
    proc.runs(45, "zsh", 1001, 1001, session=40, terminal=PTS_0)
    proc.runs(46, "vim", 1001, 1001, session=40, terminal=PTS_0)
    assert proc.sessions() == (
        SessionObserved(user="alice", leader=45, program="zsh", terminal="pts/0"),
    )


def test_anybody_with_the_group_is_told_and_root_never(proc: FakeProc) -> None:
    proc.runs(40, "dockerd", 0, 0, 990)
    proc.runs(50, "bash", 54321, 54321, 990)
    proc.runs(60, "bash", 54321, 54321)
    assert proc.sessions() == (
        SessionObserved(user="54321", leader=50, program="bash", terminal="", has_group=True),
    )


def test_what_runs_in_a_container_is_nobodys_session(proc: FakeProc) -> None:
    proc.runs(40, "node", 1001, 1001, namespace="pid:[2]")
    assert proc.sessions() == ()


def test_what_has_ended_is_no_session(proc: FakeProc) -> None:
    proc.runs(40, "bash", 1001, 1001, state="Z")
    (proc.folder / "41").mkdir()
    assert proc.sessions() == ()


def test_a_program_may_have_any_name() -> None:
    process = parse_stat("7 (a) S 1 (b) R 1 7 3 1025 7 0\n")
    assert process is not None
    assert (process.program, process.state, process.session) == ("a) S 1 (b", "R", 3)
    assert process.terminal == "tty1"
    assert parse_stat("") is None


@pytest.mark.parametrize(
    ("major", "minor", "name"),
    [
        (136, 0, "pts/0"),
        (136, 300, "pts/300"),
        (137, 1, "pts/257"),
        (4, 1, "tty1"),
        (4, 64, "ttyS0"),
        (0, 0, ""),
        (204, 64, ""),
    ],
)
def test_a_terminal_is_named_by_its_number(major: int, minor: int, name: str) -> None:
    # The kernel packs a device's number as C does (makedev(3)).
    assert terminal_of(os.makedev(major, minor)) == name


class NameServices:
    """/etc/group and /etc/passwd, and behind them a service that does not enumerate."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.local = ""
        self.behind: list[str] = []
        self.users = {"alice": (1001, 1001), "bob": (1002, 1002), "eve": (1003, 1003)}
        monkeypatch.setattr(group, "read_text", lambda path: self.file(path))
        monkeypatch.setattr(group, "observe_sessions", lambda *_: ())
        monkeypatch.setattr(grp, "getgrall", self.entries)
        monkeypatch.setattr(grp, "getgrnam", self.entry)
        monkeypatch.setattr(pwd, "getpwall", lambda: [self.user(name) for name in self.users])
        monkeypatch.setattr(pwd, "getpwnam", self.user)
        monkeypatch.setattr(os, "getgrouplist", self.groups)

    def file(self, path: str) -> str:
        return self.local if path == "/etc/group" else ""

    def entries(self) -> list[grp.struct_group]:
        lines = [line.split(":") for line in self.local.split() + self.behind]
        return [
            grp.struct_group((name, "x", int(gid), [each for each in names.split(",") if each]))
            for name, _, gid, names in lines
        ]

    def entry(self, name: str) -> grp.struct_group:
        return next(each for each in self.entries() if each.gr_name == name)

    def user(self, name: str) -> pwd.struct_passwd:
        return pwd.struct_passwd((name, "x", *self.users[name], "", "/", "/bin/sh"))

    def groups(self, name: str, gid: int) -> list[int]:
        return [gid, *(each.gr_gid for each in self.entries() if name in each.gr_mem)]

    def look(self, *members: str) -> GroupObserved:
        return group.observe_group(GroupLook(members))


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> NameServices:
    return NameServices(monkeypatch)


def test_a_member_by_a_second_service_is_found_without_being_declared(
    services: NameServices,
) -> None:
    services.local = "docker:x:990:alice\n"
    services.behind = ["docker:x:990:alice,eve", "docker:x:77:bob"]
    found = services.look()
    assert (found.members, found.members_elsewhere) == (("alice",), ("eve",))
    assert found.same_gid == {}


def test_a_member_by_a_group_that_shares_the_gid_is_found_with_its_name(
    services: NameServices,
) -> None:
    services.local = "moby:x:990:alice,eve,bob\ndocker:x:990:alice\n"
    services.users["bob"] = (1002, 990)
    found = services.look("eve")
    assert (found.members, found.members_elsewhere) == (("alice",), ("eve",))
    assert found.primary_members == ("bob",)
    assert found.same_gid == {"eve": "moby"}


def test_gshadow_adds_administrators_members_and_a_password() -> None:
    text = "docker:x:990:alice\nsame:$6$hash:990:\nother:x:991:\nnone:x:990:\n"
    shadow = "docker:!:bob,root:alice,carol\nother:$6$hash:bob:bob\nnone:*::\nbroken\n"
    assert shadows_in(text, shadow, 990) == (
        ShadowObserved(group="docker", administrators=("bob", "root"), members=("carol",)),
        ShadowObserved("same", has_password=True),
    )
    assert shadows_in(text, "docker:$y$hash::\n", 990)[0].has_password
    # Without the file or without a group there is nothing to add.
    assert shadows_in("docker:x:990:alice\n", "", 990) == ()
    assert shadows_in(text, shadow, None) == ()
