"""The units of the filesystem under data-root: their names and their contents."""

import shutil
import subprocess

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.plan import (
    look_at_storage,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.units import (
    DAEMON_GUARD,
    RUNTIME_GUARD,
    guarded_mount_point,
    guards,
    is_under,
    is_written_by_us,
    mount_unit,
    mount_unit_path,
    render_direct_io,
    render_guard,
    render_mount_unit,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    StorageDeclaration,
    plain_path,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    FileObserved,
    StagedFile,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

ESCAPE = shutil.which("systemd-escape")
# As from `systemd-escape -p --suffix=mount` of systemd 252.
KNOWN = {
    "/var/lib/docker": "var-lib-docker.mount",
    "/data0/store/soft/docker": "data0-store-soft-docker.mount",
    "/data/docker-btrfs": "data-docker\\x2dbtrfs.mount",
    "/srv/docker.d/x": "srv-docker.d-x.mount",
    "/.docker": "\\x2edocker.mount",
    "/srv/.docker": "srv-.docker.mount",
    "/données": "donn\\xc3\\xa9es.mount",
    "/数据/docker": "\\xe6\\x95\\xb0\\xe6\\x8d\\xae-docker.mount",
    "/a_b:c": "a_b:c.mount",
    "/a%b@c~d+e,f": "a\\x25b\\x40c\\x7ed\\x2be\\x2cf.mount",
    "/-": "\\x2d.mount",
}
# What a declared path may contain: no blank, quote, backslash or $.
LETTERS = st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="\"'\\$/")
PATHS = st.lists(st.text(st.sampled_from("abZ09.-_:%@~[") | LETTERS, min_size=1), min_size=1).map(
    lambda names: "/" + "/".join(names)
)


@pytest.mark.parametrize("path", KNOWN)
def test_a_mount_unit_is_named_as_systemd_names_it(path: str) -> None:
    assert mount_unit(path) == KNOWN[path]
    assert mount_unit_path(path) == "/etc/systemd/system/" + KNOWN[path]


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(st.lists(PATHS, min_size=20, max_size=60))
def test_systemd_names_them_all_so(paths: list[str]) -> None:
    if ESCAPE is None:
        pytest.skip("no systemd-escape on this machine; the known pairs alone hold the names")
    plain = [path for path in map(plain_path, paths) if path != "/" and ".." not in path]
    assume(plain)
    argv = [ESCAPE, "--path", "--suffix=mount", *plain]
    named = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    assert [mount_unit(path) for path in plain] == named


def test_a_mount_unit_says_what_is_mounted_where_and_how() -> None:
    text = render_mount_unit("/data/x.btrfs", "/srv/docker", "btrfs", ["loop", "nofail", "noatime"])
    lines = text.splitlines()
    assert is_written_by_us(text)
    mount = lines[lines.index("[Mount]") + 1 :]
    assert mount[:4] == [
        "What=/data/x.btrfs",
        "Where=/srv/docker",
        "Type=btrfs",
        "Options=loop,nofail,noatime",
    ]
    # With nofail a boot wants it, and goes on without it.
    assert lines[-2:] == ["[Install]", "WantedBy=local-fs.target"]


def test_direct_io_comes_with_the_mount_and_its_failure_is_none() -> None:
    text = render_direct_io("/data/x.btrfs", "/srv/docker-x")
    lines = text.splitlines()
    assert is_written_by_us(text)
    assert "After=srv-docker\\x2dx.mount" in lines
    assert "WantedBy=srv-docker\\x2dx.mount" in lines
    assert "Type=oneshot" in lines
    (command,) = (line for line in lines if line.startswith("ExecStart="))
    assert command.startswith("ExecStart=-/bin/sh -c '")
    assert command.endswith("' sh /data/x.btrfs")
    # systemd makes one $ of two, and only the shell replaces them.
    assert "$" not in command.replace("$$", "")


def test_a_guard_requires_the_mount_and_asserts_it() -> None:
    lines = render_guard("/srv/docker").splitlines()
    assert lines[1:] == [
        "[Unit]",
        "RequiresMountsFor=/srv/docker",
        "AssertPathIsMountPoint=/srv/docker",
        "AssertPathExists=!/srv/docker/.dockwright-copying",
    ]


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(PATHS, PATHS)
def test_systemd_fills_nothing_in(file: str, mount_point: str) -> None:
    texts = [
        render_mount_unit(file, mount_point, "btrfs", ["loop"]),
        render_direct_io(file, mount_point),
        render_guard(mount_point),
    ]
    for text in texts:
        assert "%" not in text.replace("%%", "")
    assert f"\nWhat={file.replace('%', '%%')}\n" in texts[0]
    guard = {DAEMON_GUARD: FileObserved(kind="file", text=texts[2])}
    assert guarded_mount_point(guard) == mount_point


def test_without_a_guard_docker_waits_for_nothing() -> None:
    assert guarded_mount_point({}) == ""
    assert guarded_mount_point({DAEMON_GUARD: FileObserved(kind="file", text="[Unit]\n")}) == ""


def test_containerd_is_guarded_where_its_root_is() -> None:
    guard = StagedFile(render_guard("/srv/docker"))
    assert guards("/srv/docker", "/var/lib/containerd") == {
        DAEMON_GUARD: guard,
        RUNTIME_GUARD: StagedFile(None),
    }
    for root in ("/srv/docker", "/srv/docker/containerd"):
        assert guards("/srv/docker", root) == {DAEMON_GUARD: guard, RUNTIME_GUARD: guard}


def test_a_folder_is_under_itself_and_not_under_its_names_beginning() -> None:
    assert is_under("/a", "/a")
    assert is_under("/a/b", "/a/")
    assert not is_under("/ab", "/a")
    assert not is_under("/", "/a")
    assert is_under("/a", "/")


def test_what_is_looked_at() -> None:
    assert look_at_storage(StorageDeclaration()).storage is None
    look = look_at_storage(StorageDeclaration("/x.btrfs", mount_point="/srv/docker-x"))
    assert "/etc/systemd/system/srv-docker\\x2dx.mount" in look.files
    # A pattern uses a backslash itself.
    assert look.globs == (
        "/etc/systemd/system/*.mount",
        "/etc/systemd/system/srv-docker[\\]x2dx.mount.d/*.conf",
    )
    assert look.storage is not None
    assert (look.storage.file, look.storage.mount_point) == ("/x.btrfs", "/srv/docker-x")


def test_a_unit_of_somebody_else() -> None:
    assert not is_written_by_us("[Mount]\nWhat=/x\n")
    assert not is_written_by_us("")
