"""Dockwright's own files on a host: the staged set, a commit under way, the record."""

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import applied, staged
from ansible_collections.dockwright.host.plugins.module_utils.observers.host.files import (
    observe_file,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    ActivationRecord,
    Applied,
    FailedSet,
    StagedFile,
    StagedSet,
)

SET: dict[str, Any] = {
    "schema_version": 1,
    "files": {
        "/etc/docker/daemon.json": {"text": "{}\n", "mode": 0o600},
        "/etc/systemd/system/docker.service.d/x.conf": {"text": None, "mode": 0o644},
    },
    "declared": {"daemon_json *": "abc"},
}
RECORD: dict[str, Any] = {
    "schema_version": 1,
    "machine_id": "m",
    "salt": "s",
    "applied": {"daemon_json /debug": "abc"},
    "activation": {"invocation": "run 1", "keys": {"debug": "d"}, "unit_files": {"/u": "e"}},
    "failed": {"digest": "f", "at": "then", "reason": "why"},
}


def observe_set(folder: Path, text: str) -> StagedSet:
    path = folder / "staged.json"
    path.write_text(text)
    return staged.observe_staged(str(path))


def test_a_staged_set_is_read(tmp_path: Path) -> None:
    assert observe_set(tmp_path, json.dumps(SET)) == StagedSet(
        {
            "/etc/docker/daemon.json": StagedFile("{}\n", 0o600),
            "/etc/systemd/system/docker.service.d/x.conf": StagedFile(None),
        },
        {"daemon_json *": "abc"},
    )


def test_no_staged_set_is_an_empty_one(tmp_path: Path) -> None:
    assert staged.observe_staged(str(tmp_path / "staged.json")) == StagedSet()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        json.dumps({**SET, "files": None}),
        json.dumps({**SET, "files": {"/a": {"text": "x"}}}),
        json.dumps({**SET, "files": {"/a": {"text": 1, "mode": 420}}}),
        json.dumps({**SET, "files": {"/a": {"text": "x", "mode": "0644"}}}),
        json.dumps({"schema_version": 1}),
    ],
)
def test_a_damaged_set_is_told_and_holds_nothing(tmp_path: Path, text: str) -> None:
    assert observe_set(tmp_path, text) == StagedSet(unreadable="it is damaged")


def test_a_set_of_another_version_is_told(tmp_path: Path) -> None:
    found = observe_set(tmp_path, json.dumps({**SET, "schema_version": 2}))
    assert found == StagedSet(unreadable="another version of Dockwright has written it")


def test_a_commit_is_cut_off_while_its_saved_set_is_there(tmp_path: Path) -> None:
    assert not staged.is_commit_cut_off(str(tmp_path / "saved"))
    (tmp_path / "saved").mkdir()
    assert staged.is_commit_cut_off(str(tmp_path / "saved"))


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "applied.json"
    monkeypatch.setattr(applied, "RECORD", str(path))
    monkeypatch.setattr(applied, "machine_id", lambda: "m")
    return path


def test_the_record_tells_what_is_ours_and_what_the_daemon_has_read(record: Path) -> None:
    record.write_text(json.dumps(RECORD))
    assert applied.observe_applied() == Applied(
        digests={"daemon_json /debug": "abc"},
        trusted=True,
        salt="s",
        activation=ActivationRecord(
            invocation="run 1", keys={"debug": "d"}, unit_files={"/u": "e"}
        ),
        failed=FailedSet("f", "then", "why"),
    )


def test_a_record_from_before_an_activation_tells_none(record: Path) -> None:
    old = {key: RECORD[key] for key in ("schema_version", "machine_id", "applied")}
    record.write_text(json.dumps(old))
    found = applied.observe_applied()
    assert (found.trusted, found.activation, found.failed) == (True, None, None)
    assert len(found.salt) == 32


def test_a_clone_keeps_what_is_ours_and_knows_of_no_activation(record: Path) -> None:
    record.write_text(json.dumps({**RECORD, "machine_id": "another"}))
    assert applied.observe_applied() == Applied(
        digests={"daemon_json /debug": "abc"}, trusted=False, salt="s"
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "it is empty"),
        ("\n", "it is empty"),
        ('{"schema_version": 1, "mach', "it is damaged"),
        ("[" * 100000, "it is damaged"),
        ("[]", "it is damaged"),
        ("null", "it is damaged"),
        ("{}", "it does not say its version"),
        (json.dumps({**RECORD, "schema_version": "1"}), "it does not say its version"),
        (json.dumps({**RECORD, "schema_version": True}), "it does not say its version"),
        (json.dumps({**RECORD, "applied": []}), "it is damaged"),
        (json.dumps({**RECORD, "applied": {"daemon_json /debug": None}}), "it is damaged"),
        (json.dumps({**RECORD, "applied": {"kernel.sysctl \udcff": "abc"}}), "it is damaged"),
        (json.dumps({**RECORD, "salt": 7}), "it is damaged"),
    ],
)
def test_a_damaged_record_is_told_and_names_nothing(record: Path, text: str, word: str) -> None:
    record.write_text(text)
    found = applied.observe_applied()
    assert found._replace(salt="") == Applied({}, lost=word)
    assert found.salt


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ({"activation": {"invocation": "run 1"}}, "it is damaged"),
        ({"activation": 7}, "it is damaged"),
        ({"failed": {"digest": "f"}}, "it is damaged"),
        ({"failed": [1]}, "it is damaged"),
        ({"machine_id": ""}, "it does not say which machine it is of"),
        ({"machine_id": None}, "it does not say which machine it is of"),
        ({"machine_id": "uninitialized"}, "it does not say which machine it is of"),
    ],
)
def test_what_is_ours_is_known_though_another_part_be_damaged(
    record: Path, part: dict[str, Any], word: str
) -> None:
    record.write_text(json.dumps({**RECORD, **part}))
    assert applied.observe_applied() == Applied(
        digests={"daemon_json /debug": "abc"}, trusted=False, salt="s", lost=word
    )


def test_bytes_that_are_no_text_are_damage(record: Path) -> None:
    record.write_bytes(b'{"schema_version": 1, "\xff": 1}')
    assert applied.observe_applied().lost == "it is damaged"


def test_a_record_of_a_newer_version_says_which(record: Path) -> None:
    record.write_text(json.dumps({**RECORD, "schema_version": 2}))
    assert applied.observe_applied()._replace(salt="") == Applied({}, newer=2)


def test_a_folder_and_a_link_are_no_record(record: Path) -> None:
    record.mkdir()
    assert applied.observe_applied().lost == "a directory is in its place"
    record.rmdir()
    record.symlink_to("/dev/null")
    assert applied.observe_applied().lost == "a link is in its place"


def test_a_record_that_others_could_have_written_is_not_believed(record: Path) -> None:
    record.write_text(json.dumps(RECORD))
    record.chmod(0o666)
    found = applied.observe_applied()
    assert (found.digests, found.trusted) == ({}, False)
    assert found.lost.startswith("others than root could have written it (mode 0666, owner ")


def test_a_record_that_cannot_be_read_says_why(record: Path) -> None:
    record.write_text("x" * (1024 * 1024 + 1))
    assert applied.observe_applied().lost == "it cannot be read: it is larger than 1048576 bytes"


def test_without_an_id_nobody_knows_whose_the_record_is(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applied, "machine_id", lambda: "")
    for name in ("m", ""):
        record.write_text(json.dumps({**RECORD, "machine_id": name}))
        found = applied.observe_applied()
        assert found == Applied(
            digests={"daemon_json /debug": "abc"}, trusted=False, salt="s", nameless=True
        )


@pytest.mark.parametrize("text", ["", "\n", "uninitialized\n"])
def test_what_systemd_has_not_filled_in_is_no_id(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "machine-id").write_text(text)
    seen = observe_file(str(tmp_path / "machine-id"))
    monkeypatch.setattr(applied, "observe_file", lambda _path: seen)
    assert applied.machine_id() == ""


def test_a_record_is_lost_where_its_folder_is_there(record: Path) -> None:
    assert applied.observe_applied().lost == "it is gone"
    record.parent.rmdir()
    record.parent.write_text("")
    assert applied.observe_applied().lost == f"it is gone, and {record.parent} is no folder"


def test_a_record_is_lost_where_a_file_says_that_a_run_has_written_it(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = record.parent / "docker-proxy.conf"
    monkeypatch.setattr(applied, "RECORD", str(record.parent / "state" / "applied.json"))
    monkeypatch.setattr(applied, "_WRITTEN_HERE", (f"{record.parent}/*.conf",))
    assert applied.observe_applied().lost == ""
    written.write_text("# Written by somebody.\n")
    assert applied.observe_applied().lost == ""
    written.write_text("# Written by Dockwright (role docker_proxy).\n")
    assert applied.observe_applied().lost == f"it is gone, though Dockwright has written {written}"


def test_two_lost_records_have_two_salts(record: Path) -> None:
    assert not record.exists()
    assert applied.observe_applied().salt != applied.observe_applied().salt
