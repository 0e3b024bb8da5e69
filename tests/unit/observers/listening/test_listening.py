"""Who listens on a Unix socket, read from a real one and from systems' output."""

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.containers import shims
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import processes
from ansible_collections.dockwright.host.plugins.module_utils.observers.listening import (
    listening,
    socket_diagnosis,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.listening.socket_diagnosis import (
    Place,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.listening import (
    ListeningObserved,
    UnixSocketObserved,
)

from tests.unit.observers.fake_proc import FakeProc


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A socket on which this process listens: its path and its number."""
    path = tmp_path / "served.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield path, str(os.fstat(server.fileno()).st_ino)


def seen(place: Path, places: dict[str, Place] | None) -> ListeningObserved:
    path, own = str(place), processes.socket_inodes(os.getpid())
    found = listening.see((path,), list(processes.listeners(os.getpid())), own, own, places)
    mine = tuple(each for each in found.listeners if each.path == path)
    return found._replace(listeners=mine)


def place_of(path: Path) -> Place:
    status = path.stat()
    return Place((os.major(status.st_dev), os.minor(status.st_dev)), status.st_ino)


def kept(path: Path) -> Path:
    return path.with_suffix(".kept")


def test_a_socket_is_where_it_was_made(served: tuple[Path, str]) -> None:
    path, number = served
    found = seen(path, {number: place_of(path)})
    assert found.listeners == (
        UnixSocketObserved(path=str(path), is_there=True, by_systemd=True, by_daemon=True),
    )
    assert found.kinds[str(path)] == "socket"


def test_the_kernel_says_where_it_is(served: tuple[Path, str]) -> None:
    path, number = served
    places = socket_diagnosis.places_of_listeners()
    if places is None:
        # A kernel without unix_diag tells nothing, so nothing is claimed.
        assert seen(path, places).listeners[0].is_there is None
        return
    assert places[number].inode == path.stat().st_ino & 0xFFFFFFFF
    # Some filesystems show a process another device than the kernel uses.
    assert seen(path, places).listeners[0].is_there in (True, None)
    path.unlink()
    assert seen(path, places).listeners[0].is_there is False


def test_a_removed_path_leads_nowhere(served: tuple[Path, str]) -> None:
    path, number = served
    place = place_of(path)
    path.unlink()
    for places in ({number: place}, None):
        found = seen(path, places)
        assert found.listeners == (
            UnixSocketObserved(path=str(path), is_there=False, by_systemd=True, by_daemon=True),
        )
        assert found.kinds[str(path)] == "absent"


def test_another_socket_at_its_path_is_another(served: tuple[Path, str]) -> None:
    path, number = served
    place = place_of(path)
    path.rename(kept(path))
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
    assert seen(path, {number: place}).listeners[0].is_there is False
    assert seen(path, None).listeners[0].is_there is None


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_no_socket_is_named(kind: str, served: tuple[Path, str]) -> None:
    path, number = served
    place = place_of(path)
    path.rename(kept(path))
    if kind == "file":
        path.touch()
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to("/nowhere")
    found = seen(path, {number: place})
    assert (found.kinds[str(path)], found.listeners[0].is_there) == (kind, False)
    if kind == "link":
        path.unlink()
        path.symlink_to(kept(path))
        found = seen(path, {number: place})
        assert (found.kinds[str(path)], found.listeners[0].is_there) == ("socket", True)


def test_addresses_are_read_as_any_systemd_writes_them() -> None:
    new = "Listen=/run/docker.sock (Stream)\nListen=127.0.0.1:2375 (Stream)\nListen=/run/x (FIFO)\n"
    assert listening.parse_addresses(new) == ("/run/docker.sock",)
    old = "ListenStream=/run/docker.sock\nListenStream=/run/second.sock\nListenFIFO=/run/x\n"
    assert listening.parse_addresses(old) == ("/run/docker.sock", "/run/second.sock")
    assert listening.parse_addresses("Id=docker.socket\n") == ()


def test_messages_of_the_kernel_are_read() -> None:
    vfs = struct.pack("=HHII", 12, 1, 174, (254 << 20) | 3)
    name = struct.pack("=HH5s3x", 9, 0, b"/run\0")
    body = struct.pack("=BBBBIII", 1, 1, 10, 0, 4711, 0, 0) + name + vfs
    header = struct.pack("=IHHII", 16 + len(body), 20, 2, 1, 0)
    done = struct.pack("=IHHIIi", 20, 3, 2, 1, 0, 0)
    messages = list(socket_diagnosis.parse_messages(header + body + done))
    assert [kind for kind, _body in messages] == [20, 3]
    assert socket_diagnosis.parse_place(messages[0][1]) == ("4711", Place((254, 3), 174))
    # A socket without a path has no place.
    bare = struct.pack("=BBBBIII", 1, 1, 10, 0, 4712, 0, 0)
    assert socket_diagnosis.parse_place(bare) == ("4712", None)


def test_containers_are_known_by_their_shims(tmp_path: Path) -> None:
    proc, root = FakeProc(tmp_path), tmp_path / "root"
    shim = "/usr/bin/containerd-shim-runc-v2"
    named, nameless, other, first = "a" * 64, "b" * 64, "c" * 64, "d" * 64
    proc.add(7, shim, [shim, "-namespace", "moby", "-id", named, "-address", "/run/x"])
    proc.add(8, shim, [shim, "--namespace", "moby", "--id", nameless])
    proc.add(9, shim, ["containerd-shim", "-namespace", "k8s.io", "-id", "pod"])
    inside = {"pid": "4026532900"}
    proc.add(10, shim, [shim, "-namespace", "moby", "-id", other], namespaces=inside)
    proc.add(11, "/bin/sh", ["sh", "-c", shim, "-namespace", "moby", "-id", other])
    # The first kind of shim has no ID but a folder; another runtime's shim has any name.
    proc.add(
        12,
        "/usr/bin/containerd-shim",
        ["containerd-shim", "-namespace", "moby", "-workdir", f"/m/{first}"],
    )
    called = ["-namespace", "theirs", "-address", "/run/x", "-id", "odd"]
    proc.add(13, "/opt/theirs", ["/opt/theirs", *called])
    (root / "containers" / named).mkdir(parents=True)
    (root / "containers" / named / "config.v2.json").write_text('{"Name": "/keeper"}')
    found = shims.observe_shims(str(root), str(proc))
    assert found == {
        "moby": ("b" * 12, "d" * 12, "keeper"),
        "k8s.io": ("pod",),
        "theirs": ("odd",),
    }


def test_no_container_is_left_out_where_namespaces_are_not_told(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path)
    shim = "/usr/bin/containerd-shim-runc-v2"
    proc.add(7, shim, [shim, "-namespace", "moby", "-id", "a" * 64])
    (proc.folder / "1" / "ns" / "pid").unlink()
    assert shims.observe_shims("/nowhere", str(proc)) == {"moby": ("a" * 12,)}
