"""Where containerd keeps its data, by its flags, its files and its process."""

import gzip
import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon import containerd
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.toml_head import (
    read_head,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.containerd import (
    ContainerdObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    DaemonObserved,
    UnitObserved,
)
from hypothesis import given
from hypothesis import strategies as st

DEFAULT, MOVED = "/var/lib/containerd", "/srv/containerd"
METADATA = "io.containerd.metadata.v1.bolt/meta.db"
CAPTURED = gzip.decompress((Path(__file__).with_name("containerd_meta.db.gz")).read_bytes())


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", DEFAULT),
        ('version = 2\nroot = "/srv/containerd"\n[grpc]\n', MOVED),
        ("root='/srv/containerd' # moved\n", MOVED),
        ('root="/srv/containerd"', MOVED),
        ('\t"root"\t=\t"/srv/containerd"\r\n[grpc]\r\n', MOVED),
        ("Root = '/srv/containerd'\n", MOVED),
        ('root = "/srv/\\u0063ontainerd"\n', MOVED),
        ('root = """\n/srv/containerd"""\n', MOVED),
        ("root = '''/srv/containerd'''\n", MOVED),
        ('disabled_plugins = ["cri"]\nversion = 3\nroot = "/srv/containerd"\n', MOVED),
        (
            "required_plugins = [\n  # one\n  'a',\n  [\"b]\"],\n]\nroot = '/srv/containerd'\n",
            MOVED,
        ),
        ("debug = {level = 'x', a = [1, 2]}\noom_score = -5\nroot = '/srv/containerd'\n", MOVED),
        ("debug.level = 'x'\nroot = '/srv/containerd'\n", MOVED),
        ("temp = '''\nroot = \"/not/this\"\n'''\n", DEFAULT),
        ("temp = \"a # b\"\nroot = '/srv/containerd'\n", MOVED),
        ('#root = "/srv/containerd"\n', DEFAULT),
        ('[plugins]\n  root = "/srv/containerd"\n', DEFAULT),
        ('  [plugins]\nroot = "/srv/containerd"\n', DEFAULT),
        ('root_path = "/srv/containerd"\n', DEFAULT),
        ('plugins.root = "/srv/containerd"\n', DEFAULT),
        ('root = ""\n', DEFAULT),
        ('root = "srv"\n', DEFAULT),
        ('root = "/srv', DEFAULT),
    ],
)
def test_the_root_is_read_as_containerd_reads_it(tmp_path: Path, text: str, root: str) -> None:
    (tmp_path / "config.toml").write_bytes(text.encode())
    arguments = ("--config", str(tmp_path / "config.toml"))
    assert containerd.root_said(arguments).root == root


def test_what_a_file_imports_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    first, second = tmp_path / "conf.d/1.toml", tmp_path / "conf.d/2.toml"
    first.write_text('root = "/first"\nimports = ["../config.toml", "../last.toml"]\n')
    second.write_text('root = "/second"\n')
    main = tmp_path / "config.toml"
    main.write_text('imports = ["conf.d/*.toml"]\nroot = "/main"\n')
    arguments = ("-c", str(main))
    assert containerd.root_said(arguments) == ("/second", str(second))
    (tmp_path / "last.toml").write_text('root = "/last"\n')
    assert containerd.root_said(arguments) == ("/last", str(tmp_path / "last.toml"))
    assert containerd.root_said((*arguments, "--root=/flag")) == ("/flag", "containerd.service")
    assert containerd.root_said(("--root", "/flag")).root == "/flag"


def test_the_root_is_where_links_lead_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    told = containerd.told_root(("--root", str(tmp_path / "link")))
    assert told.root == os.path.realpath(tmp_path / "target")


@given(st.text(max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert isinstance(read_head(text), dict)


def test_a_containerd_that_runs_is_asked_for_the_file_it_has_open(tmp_path: Path) -> None:
    folder = tmp_path / "7/fd"
    folder.mkdir(parents=True)
    (folder / "3").symlink_to("/dev/null")
    (folder / "9").symlink_to(f"/old/{METADATA}")
    units = {"containerd.service": UnitObserved(main_pid=7, start_arguments=("--root", "/new"))}
    seen = containerd.observe_containerd(units, "/x", False, str(tmp_path))
    assert (seen.running_root, seen.root, seen.said_by) == ("/old", "/new", "containerd.service")
    assert seen.present_root == "/old"
    assert containerd.running_root(8, str(tmp_path)) == ""


def test_images_are_counted_wherever_they_may_lie(tmp_path: Path) -> None:
    for root in ("moved", "data/containerd/daemon"):
        file = tmp_path / root / METADATA
        file.parent.mkdir(parents=True)
        file.write_bytes(CAPTURED)
    units = {
        "containerd.service": UnitObserved(start_arguments=("--root", str(tmp_path / "moved")))
    }
    seen = containerd.observe_containerd(units, str(tmp_path / "data"), True)
    own = str(tmp_path / "data/containerd/daemon")
    assert seen.images[str(tmp_path / "moved")] == {"moby": 2}
    assert seen.images[own] == {"moby": 2}
    (tmp_path / "data/containerd/daemon" / METADATA).write_bytes(b"no database")
    assert containerd.observe_containerd({}, str(tmp_path / "data"), True).images[own] is None
    assert containerd.observe_containerd(units, str(tmp_path / "data"), False).images == {}


def test_layers_lie_where_the_containerd_that_runs_keeps_them() -> None:
    folder = "/io.containerd.snapshotter.v1.overlayfs"
    daemon = DaemonObserved(
        server_version="28.5.2", containers_running=0, live_restore=True, layers=DEFAULT + folder
    )
    moved = ContainerdObserved(root=DEFAULT, said_by="", running_root=MOVED)
    laid = containerd.with_layers(daemon, moved, "/var/lib/docker")
    assert laid is not None
    assert laid.layers == MOVED + folder
    own = daemon._replace(layers="/var/lib/docker/containerd/daemon" + folder)
    assert containerd.with_layers(own, moved, "/var/lib/docker") == own
    graph = daemon._replace(layers="/var/lib/docker/overlay2")
    assert containerd.with_layers(graph, moved, "/var/lib/docker") == graph
