"""Find other daemons from processes, as /proc shows them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.daemons import (
    UnitState,
    observe_running,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.installed_docker import (
    observe_installed,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.settings import (
    containerd_settings,
    defaults_of,
    dockerd_settings,
    held_by,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import processes
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.daemons import (
    OtherDaemonObserved,
)

from tests.unit.observers.fake_proc import FakeProc

ID = "23a27509d889de0340186b07188ca441fd261a066542f43761029fcf729a2389"
OWN = ["/usr/bin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock"]
STATES = {
    "ssh.service": UnitState(50, True),
    "snap.docker.dockerd.service": UnitState(640, True),
    "wrapped.service": UnitState(700, False),
}


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    """A provisioned host: docker.service and containerd.service, a shim, sshd."""
    fake = FakeProc(tmp_path)
    fake.add(2, "", [], name="kthreadd", parent=0)
    fake.add(50, "/usr/sbin/sshd", ["sshd: /usr/sbin/sshd -D"])
    fake.add(400, "/usr/bin/containerd", ["/usr/bin/containerd"], cgroup=service("containerd"))
    fake.add(500, "/usr/bin/dockerd", OWN, cgroup=service("docker"), listens=("/run/x.sock",))
    fake.add(501, "/usr/bin/docker-proxy", ["docker-proxy"], parent=500, cgroup=service("docker"))
    shim = ["/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id", ID]
    shim += ["-address", "/run/containerd/containerd.sock"]
    fake.add(600, shim[0], shim, name="containerd-shim", cgroup=service("containerd"))
    return fake


def service(name: str) -> str:
    return f"/system.slice/{name}.service"


def look(proc: FakeProc, own_root: str = "/nowhere") -> tuple[OtherDaemonObserved, ...]:
    def show(names: Sequence[str]) -> dict[str, UnitState]:
        return {name: STATES.get(name, UnitState()) for name in names}

    return observe_running(own_root, show, str(proc))


def test_a_provisioned_host_has_no_others(proc: FakeProc) -> None:
    assert look(proc) == ()


def test_one_by_hand(proc: FakeProc) -> None:
    root = proc.files / "x"
    folder = root / "containers" / ID
    folder.mkdir(parents=True)
    (folder / "config.v2.json").write_text('{"Name": "/keeper"}')
    (root / "image/overlay2/imagedb/content/sha256/1").mkdir(parents=True)
    (proc.files / "docker.pid").write_text("812\n")
    arguments = ["dockerd", "--data-root", str(root), "-p", str(proc.files / "docker.pid")]
    proc.add(812, "/usr/bin/dockerd (deleted)", arguments, listens=("/run/docker.sock",))
    (found,) = look(proc)
    assert (found.pid, found.kind, found.program) == (812, "dockerd", "/usr/bin/dockerd")
    assert (found.unit, found.started_in, found.place) == ("", "ssh.service", "")
    assert found.sockets == ("/run/docker.sock",)
    assert (found.data_root, found.has_pid_file) == (str(root), True)
    assert found.held == (1, 1, ("keeper",))
    assert found.began == "5812"


def test_a_units_own_process_and_the_child_of_its_wrapper(proc: FakeProc) -> None:
    snap = "/snap/docker/2932/bin/dockerd"
    proc.add(640, snap, [snap], cgroup=service("snap.docker.dockerd"), namespaces={"mnt": "1"})
    proc.add(700, "/usr/bin/dash", ["/bin/sh", "-c", "x"], cgroup=service("wrapped"))
    proc.add(701, "/opt/dockerd", ["/opt/dockerd"], parent=700, cgroup=service("wrapped"))
    first, second = look(proc)
    # snapd gives the snap a mount namespace, but it is at home on the host.
    assert (first.unit, first.is_enabled, first.place) == (
        "snap.docker.dockerd.service",
        True,
        "",
    )
    assert (second.pid, second.unit, second.is_enabled) == (701, "wrapped.service", False)


def test_a_login_of_a_service_is_no_unit_of_the_daemon(proc: FakeProc) -> None:
    proc.add(812, "/usr/bin/dockerd", ["dockerd"], parent=50)
    assert [(each.unit, each.started_in) for each in look(proc)] == [("", "ssh.service")]


@pytest.mark.parametrize(
    ("namespaces", "uid", "place"),
    [
        ({"pid": "9", "mnt": "9"}, 0, "PID namespace"),
        ({"pid": "9", "mnt": "9", "user": "9"}, 100000, "PID namespace"),
        ({"mnt": "9", "user": "9"}, 1000, "user namespace"),
        ({}, 1000, "user namespace"),
        ({"mnt": "9"}, 0, "mount namespace"),
    ],
)
def test_where_one_is_at_home(
    proc: FakeProc, namespaces: dict[str, str], uid: int, place: str
) -> None:
    proc.add(812, "/usr/bin/dockerd", ["dockerd"], uid=uid, namespaces=namespaces)
    (found,) = look(proc)
    assert found.place == place
    if uid == 1000:
        assert found.sockets == ("/run/user/1000/docker.sock",)


@pytest.mark.parametrize(
    "cgroup",
    [
        # A container's systemd has its own docker.service.
        f"/system.slice/docker-{ID}.scope/system.slice/docker.service",
        f"/docker/{ID}/system.slice/docker.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service",
    ],
)
def test_another_systemds_docker_service_is_not_ours(proc: FakeProc, cgroup: str) -> None:
    proc.add(812, "/usr/bin/dockerd", ["dockerd"], cgroup=cgroup)
    assert [each.pid for each in look(proc)] == [812]


@pytest.mark.parametrize(
    ("program", "arguments", "name"),
    [
        ("/usr/bin/dash", ["/bin/sh", "/usr/local/bin/dockerd"], "dockerd"),
        ("/usr/bin/dlv", ["dlv", "exec", "/usr/bin/dockerd"], "dlv"),
        ("/usr/bin/gdb", ["gdb", "--data-root", "x", "/usr/bin/dockerd"], "gdb"),
        ("/usr/bin/dockerd", ["dockerd", "--version"], ""),
        ("/usr/bin/dockerd", ["dockerd", "--validate", "--config-file", "/x"], ""),
        ("/usr/bin/dockerd", ["docker-untar", "/"], ""),
        ("/usr/bin/cri-dockerd", ["cri-dockerd", "--pod-infra-container-image", "x"], ""),
        ("/usr/bin/sudo", ["sudo", "dockerd", "--data-root", "/x"], ""),
        ("/usr/bin/docker", ["docker", "run", "dind", "dockerd", "--data-root", "/x"], ""),
        ("/usr/bin/containerd", ["containerd", "-c", "/x", "publish"], ""),
        ("", [], "dockerd"),
    ],
)
def test_what_is_no_daemon(proc: FakeProc, program: str, arguments: list[str], name: str) -> None:
    proc.add(812, program, arguments, name=name)
    assert look(proc) == ()


def test_a_zombie_and_a_process_that_ended_are_none(proc: FakeProc) -> None:
    proc.add(812, "/usr/bin/dockerd", ["dockerd"], state="Z")
    proc.add(813, "/usr/bin/dockerd", ["dockerd"])
    (proc.folder / "813" / "stat").unlink()
    assert look(proc) == ()


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("/root/mydocker", ["./mydocker", "-H", "unix:///x", "--data-root=/y"]),
        ("/usr/bin/dockerd-29.7", ["dockerd-29.7"]),
        ("", ["dockerd"]),
        ("/opt/d\udcff/dockerd", ["dockerd", "--data-root", "/x\udcff"]),
    ],
)
def test_a_daemon_by_another_name(proc: FakeProc, program: str, arguments: list[str]) -> None:
    proc.add(812, "" if "\udcff" in program else program, arguments, name="dockerd")
    (found,) = look(proc)
    assert (found.pid, found.kind) == (812, "dockerd")
    json.dumps(found).encode("ascii")
    assert "\udcff" not in found.data_root


def test_who_holds_the_socket_is_found_by_any_name(proc: FakeProc) -> None:
    proc.add(56, "/usr/bin/socat", ["socat"], listens=("/var/run/docker.sock",))
    (found,) = look(proc)
    assert (found.pid, found.kind, found.program) == (56, "other", "/usr/bin/socat")
    assert found.sockets == ("/run/docker.sock",)


def test_systemds_own_socket_is_nobody_elses(proc: FakeProc) -> None:
    (proc.folder / "1" / "fd" / "9").symlink_to("socket:[999]")
    with (proc.folder / "1" / "net" / "unix").open("a") as unix:
        unix.write("0: 00000002 00000000 00010000 0001 01 999 /run/docker.sock\n")
    assert look(proc) == ()


def test_who_keeps_the_data_root_locked_is_a_dockerd(proc: FakeProc) -> None:
    locked = proc.files / "volumes" / "metadata.db"
    locked.parent.mkdir()
    locked.write_text("")
    proc.add(57, "/root/renamed", ["/root/renamed"], listens=("/root/o.sock",))
    (proc.folder / "57" / "fd" / "8").symlink_to(locked)
    (proc.folder / "locks").write_text(
        "1: POSIX  ADVISORY  WRITE 31 00:1b:77 0 EOF\n"
        f"2: FLOCK  ADVISORY  WRITE 57 00:33:{locked.stat().st_ino} 0 EOF\n"
    )
    assert [(each.pid, each.kind) for each in look(proc, str(proc.files))] == [(57, "dockerd")]


def test_a_containerd_by_hand_and_a_daemons_own_one(proc: FakeProc) -> None:
    proc.add(77, "/usr/bin/containerd", ["containerd"])
    proc.add(812, "/usr/bin/dockerd", ["dockerd", "--exec-root=/x"])
    proc.add(813, "/usr/bin/containerd", ["containerd", "--config", "/x"], parent=812)
    found = {each.pid: each for each in look(proc)}
    assert sorted(found) == [77, 812]
    assert found[77].sockets == ("/run/containerd/containerd.sock",)
    assert found[77].held.running == (ID[:12],)


@pytest.mark.parametrize(
    ("arguments", "document", "sockets", "data_root", "pid_file"),
    [
        ([], "", ("/run/docker.sock",), "/var/lib/docker", "/run/docker.pid"),
        (["-g", "/g", "--pidfile=/p"], "", ("/run/docker.sock",), "/g", "/p"),
        (["-H", "unix:///var/run/a.sock", "--data-root=r"], "", ("/run/a.sock",), "/w/r", ""),
        (["-H", "tcp://0.0.0.0:2375"], "", (), "/var/lib/docker", ""),
        (["-H", "unix://"], "", ("/run/docker.sock",), "/var/lib/docker", ""),
        (
            ["--rootless", "--data-root", "/r"],
            {"pidfile": "/q", "hosts": ["unix:///h"]},
            ("/h",),
            "/r",
            "/q",
        ),
        ([], {"graph": "/old/", "hosts": 7}, ("/run/docker.sock",), "/old", ""),
        ([], "[]", ("/run/docker.sock",), "/var/lib/docker", ""),
        ([], "{", ("/run/docker.sock",), "/var/lib/docker", ""),
    ],
)
def test_what_a_dockerd_goes_by(
    tmp_path: Path,
    arguments: list[str],
    document: Any,
    sockets: tuple[str, ...],
    data_root: str,
    pid_file: str,
) -> None:
    file = tmp_path / "daemon.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    given = [*arguments, f"--config-file={file}"]
    settings = dockerd_settings(given, defaults_of(0, "/root"), folder="/w")
    assert (settings.sockets, settings.data_root) == (sockets, data_root)
    assert settings.pid_file == (pid_file or "/run/docker.pid")


def test_what_a_containerd_goes_by(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'root = "/data/c"\n[debug]\n  address = "/d"\n[grpc]\n  address = "/run/c.sock"\n'
    )
    assert containerd_settings(["--config", str(file)])[:2] == (("/run/c.sock",), "/data/c")
    assert containerd_settings(["-a", "/a", f"-c={file}"])[:2] == (("/a",), "/data/c")


def test_a_chroot_has_paths_of_its_own(proc: FakeProc) -> None:
    proc.add(812, "/usr/bin/dockerd", ["dockerd"])
    (proc.folder / "812" / "root").unlink()
    (proc.folder / "812" / "root").symlink_to("/mnt/image")
    (found,) = look(proc)
    assert (found.place, found.sockets) == ("", ("/mnt/image/run/docker.sock",))
    assert found.data_root == "/mnt/image/var/lib/docker"


def test_our_data_root_by_another_path(proc: FakeProc) -> None:
    own, link = proc.files / "own", proc.files / "link"
    own.mkdir()
    link.symlink_to(own)
    proc.add(812, "/usr/bin/dockerd", ["dockerd", "--data-root", str(link)])
    proc.add(813, "/usr/bin/dockerd", ["dockerd", "--data-root", str(proc.files)])
    assert [each.has_own_root for each in look(proc, str(own))] == [True, False]


def test_one_whose_namespaces_nobody_tells_is_at_home(proc: FakeProc) -> None:
    proc.add(812, "/usr/bin/dockerd", ["dockerd"])
    for kind in ("pid", "mnt", "user"):
        (proc.folder / "812" / "ns" / kind).unlink()
    assert [each.place for each in look(proc)] == [""]


def test_a_remapped_data_root_is_counted(tmp_path: Path) -> None:
    (tmp_path / "231072.231072" / "containers" / ID).mkdir(parents=True)
    assert held_by("", str(tmp_path), {ID: ()}) == (1, 0, (ID[:12],))
    assert held_by("", "/nowhere\0", {ID: ()}) == (0, 0, ())
    assert held_by("", "/\ud800", {ID: ()}) == (0, 0, ())


def test_paths_of_var_run_are_those_of_run() -> None:
    assert processes.same_path("/var/run/docker.sock") == "/run/docker.sock"
    assert processes.same_path("/run//docker.sock") == "/run/docker.sock"
    assert processes.same_path("") == ""


def test_what_is_installed_beside_the_packages(tmp_path: Path) -> None:
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    (tmp_path / "snap/docker").mkdir(parents=True)
    (units / "snap.docker.dockerd.service").write_text(
        "[Service]\nExecStart=/usr/bin/snap run docker.dockerd\n"
    )
    (units / "my.service").write_text(
        '[Service]\nExecStart=-/opt/dockerd \\\n  --data-root "/srv/d" -H unix:///run/my.sock\n'
    )
    (units / "docker.service").write_text("[Service]\nExecStart=/usr/local/bin/dockerd\n")
    (units / "linked.service").symlink_to(units / "my.service")
    (units / "tool.service").write_text("[Service]\nExecStart=/usr/bin/tool dockerd\n")
    binaries = tmp_path / "usr/local/bin"
    binaries.mkdir(parents=True)
    (binaries / "dockerd").write_bytes(b"\x7fELF\x02")
    (tmp_path / "opt/docker-desktop").mkdir(parents=True)

    def show(names: Sequence[str]) -> dict[str, UnitState]:
        return {name: UnitState(0, name == "my.service") for name in names}

    found = list(observe_installed("deb", True, show, str(tmp_path)))
    assert [(each.kind, each.path, each.unit, each.is_enabled) for each in found] == [
        ("unit", "/etc/systemd/system/my.service", "my.service", True),
        ("snap", "/snap/docker", "snap.docker.dockerd.service", False),
        ("binary", "/usr/local/bin/dockerd", "", False),
        ("desktop", "/opt/docker-desktop", "", False),
    ]
    assert (found[0].data_root, found[0].sockets) == ("/srv/d", ("/run/my.sock",))
    assert found[1].data_root == "/var/snap/docker/common/var-lib-docker"


def test_a_script_called_dockerd_is_no_program(tmp_path: Path) -> None:
    folder = tmp_path / "usr/local/bin"
    folder.mkdir(parents=True)
    (folder / "dockerd").write_text("#!/bin/sh\n")
    assert not list(observe_installed("deb", True, lambda _names: {}, str(tmp_path)))
