"""What a process listens on, in an invented /proc."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.daemon import (
    DaemonSilent,
    parse_published,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.listening.listeners import (
    daemon_process,
    observe_listeners,
    observe_relays,
    parse_address,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.access import (
    ListenerObserved,
)

TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout
   0: 0100007F:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 x
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 x
   2: 0100007F:0947 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 13 1 x
"""
UNIX = """Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01    21 /run/docker.sock
0000000000000000: 00000003 00000000 00000000 0001 03    22 /run/docker.sock
0000000000000000: 00000002 00000000 00010000 0001 01    23 @a name with blanks
0000000000000000: 00000002 00000000 00010000 0001 01    24
"""


def process(proc: Path, pid: int, arguments: str, children: str = "") -> None:
    folder = proc / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "net").mkdir()
    (folder / "task" / str(pid)).mkdir(parents=True)
    (folder / "task" / str(pid) / "children").write_text(children)
    (folder / "cmdline").write_text(arguments.replace(" ", "\0") + "\0")


def test_a_process_listens_on_what_it_holds_and_that_listens(tmp_path: Path) -> None:
    process(tmp_path, 7, "/usr/bin/dockerd")
    (tmp_path / "7" / "net" / "tcp").write_text(TCP)
    (tmp_path / "7" / "net" / "unix").write_text(UNIX)
    for number, inode in enumerate((11, 13, 22, 23, 24)):
        (tmp_path / "7" / "fd" / str(number)).symlink_to(f"socket:[{inode}]")
    (tmp_path / "7" / "fd" / "9").symlink_to("/dev/null")
    assert observe_listeners(7, str(tmp_path)) == (
        ListenerObserved(kind="tcp", address="127.0.0.1", port=2375),
        ListenerObserved(kind="unix", address="@a name with blanks"),
    )


def test_a_process_that_has_ended_listens_on_nothing(tmp_path: Path) -> None:
    assert observe_listeners(7, str(tmp_path)) == ()


@pytest.mark.parametrize(
    ("text", "order", "address"),
    [
        ("0100007F", "little", "127.0.0.1"),
        ("7F000001", "big", "127.0.0.1"),
        ("00000000000000000000000001000000", "little", "::1"),
        ("B80D0120000000000000000001000000", "little", "2001:db8::1"),
    ],
)
def test_an_address_is_words_in_the_machines_order(text: str, order: str, address: str) -> None:
    assert parse_address(text, order) == address


def test_the_daemon_may_be_a_child_of_what_its_unit_starts(tmp_path: Path) -> None:
    process(tmp_path, 7, "/bin/sh -c start", "8 9")
    process(tmp_path, 8, "logger")
    process(tmp_path, 9, "/usr/bin/dockerd -H fd://")
    assert daemon_process(7, "dockerd", str(tmp_path)) == 9
    assert daemon_process(8, "dockerd", str(tmp_path)) == 8


def test_published_ports_are_those_of_the_host() -> None:
    body = '[{"Ports": [{"PrivatePort": 80, "PublicPort": 8080}, {"PrivatePort": 81}]}, {}]'
    assert parse_published(body) == (8080,)
    with pytest.raises(DaemonSilent):
        parse_published("{}{")


def test_a_relay_was_given_the_socket_and_listens_beside_it(tmp_path: Path) -> None:
    (tmp_path / "self" / "ns").mkdir(parents=True)
    (tmp_path / "self" / "ns" / "pid").symlink_to("pid:[1]")
    relay = "/usr/bin/socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock"
    for pid, arguments, namespace in (
        (7, relay, "pid:[1]"),
        (8, relay, "pid:[2]"),
        (9, "/usr/bin/dockerd -H unix:///run/docker.sock", "pid:[1]"),
        (10, "/usr/bin/nginx", "pid:[1]"),
    ):
        process(tmp_path, pid, arguments)
        (tmp_path / str(pid) / "ns").mkdir()
        (tmp_path / str(pid) / "ns" / "pid").symlink_to(namespace)
        (tmp_path / str(pid) / "net" / "tcp").write_text(TCP)
        (tmp_path / str(pid) / "fd" / "0").symlink_to("socket:[11]")
    found = observe_relays(str(tmp_path))
    assert [(each.pid, each.program, each.listener.port) for each in found] == [(7, "socat", 2375)]
