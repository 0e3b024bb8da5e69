"""Look at the files that daemon.json names, and at a host's plugins."""

import json
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon import named_files
from ansible_collections.dockwright.host.plugins.module_utils.observers.daemon.named_files import (
    observe_named_file,
    observe_named_files,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.named_files import (
    NamedFileObserved,
    NamedFilesLook,
    look_at_named,
)


def program(path: Path, mode: int = 0o755) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return str(path)


def test_a_document_names_its_files() -> None:
    document = {
        "runtimes": {
            "a": {"path": "/a", "runtimeArgs": ["/no"]},
            "b": {"RuntimeType": "/b"},
            "c": {"runtimeType": "io.containerd.c.v2"},
            "d": None,
        },
        "seccomp-profile": "/s",
        "init-path": "tini",
        "tlskey": 5,
        "log-opts": {"syslog-address": "unix:///dev/log", "syslog-tls-key": "/k"},
    }
    look = look_at_named(document)
    assert sorted(look.names) == ["/a", "/b", "/dev/log", "/k", "/s", "tini"]
    assert look.profiles == ("/s",)
    assert look_at_named({"seccomp-profile": "unconfined"}) == NamedFilesLook()
    assert look_at_named([]) == NamedFilesLook()


def test_a_path_is_what_it_leads_to(tmp_path: Path) -> None:
    path = program(tmp_path / "runsc")
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    assert observe_named_file(str(tmp_path / "link")) == NamedFileObserved(
        kind="file", found=str(tmp_path / "link"), executable=True
    )
    assert observe_named_file(str(tmp_path / "broken")) == NamedFileObserved()
    assert observe_named_file(str(tmp_path)).kind == "directory"
    assert observe_named_file("/dev/null").kind == "other"
    assert not observe_named_file(program(tmp_path / "plain", 0o644)).executable
    assert observe_named_file("/a\0b") == NamedFileObserved()


def test_a_bare_name_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = program(tmp_path / "a" / "crun", 0o644)
    monkeypatch.setattr(named_files, "SEARCHED", (str(tmp_path / "a"), str(tmp_path / "b")))
    assert observe_named_file("crun") == NamedFileObserved(kind="file", found=plain)
    path = program(tmp_path / "b" / "crun")
    assert observe_named_file("crun") == NamedFileObserved(kind="file", found=path, executable=True)
    assert observe_named_file("runsc") == NamedFileObserved()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", ""),
        ('{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"action": "SCMP_ACT_ALLOW"}]}', ""),
        ("hello", "line 1, column 1: Expecting value"),
        ("[]", "it holds no JSON object"),
        ('{"defaultAction": "SCMP_ACT_NOPE"}', "SCMP_ACT_NOPE is no action"),
        ('{"syscalls": [{"action": "ALLOW"}]}', "ALLOW is no action"),
    ],
)
def test_a_profile_is_read(tmp_path: Path, text: str, told: str) -> None:
    profile = tmp_path / "seccomp"
    profile.write_text(text)
    live = json.dumps({"seccomp-profile": str(profile)})
    observed = observe_named_files(NamedFilesLook(), live, str(tmp_path))
    assert observed.files[str(profile)].no_profile == told
    # A file that is not used as a profile is not read.
    other = observe_named_files(NamedFilesLook((str(profile),)), "no JSON", str(tmp_path))
    assert other.files[str(profile)].no_profile == ""


def test_owners_are_asked_for() -> None:
    owners = ("root", "root:root", "0:0", "nobody-of-that-name", "root:no-such-group", "4294967290")
    observed = observe_named_files(NamedFilesLook(owners=owners), "", "/nowhere")
    assert observed.unknown_owners == {
        "nobody-of-that-name": "user nobody-of-that-name",
        "root:no-such-group": "group no-such-group",
        "4294967290": "user 4294967290",
    }
    assert look_at_named({"userns-remap": "default"}).owners == ()
    assert look_at_named({"userns-remap": "alice"}).owners == ("alice",)


def test_plugins_are_known_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    managed = tmp_path / "plugins" / "4f7c" / "config.json"
    managed.parent.mkdir(parents=True)
    managed.write_text(json.dumps({"plugin": {"Name": "loki:latest"}}))
    broken = tmp_path / "plugins" / "5a" / "config.json"
    broken.parent.mkdir()
    broken.write_text("{}")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "json.sock").touch()
    monkeypatch.setattr(named_files, "_PLUGIN_FILES", (str(tmp_path / "run" / "*.sock"),))
    observed = observe_named_files(NamedFilesLook(), "", str(tmp_path))
    assert observed.plugins == ("json", "loki:latest")
