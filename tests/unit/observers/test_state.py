"""What Dockwright itself has left on a host: the staged set, a commit under way, the record."""

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    ActivationRecord,
    Applied,
    FailedSet,
    StagedFile,
    StagedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers import applied, staged

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
        {"daemon_json /debug": "abc"},
        True,
        "s",
        ActivationRecord("run 1", {"debug": "d"}, {"/u": "e"}),
        FailedSet("f", "then", "why"),
    )


def test_a_record_from_before_an_activation_tells_none(record: Path) -> None:
    old = {key: RECORD[key] for key in ("schema_version", "machine_id", "applied")}
    record.write_text(json.dumps(old))
    found = applied.observe_applied()
    assert (found.trusted, found.activation, found.failed) == (True, None, None)
    assert len(found.salt) == 32


def test_a_clone_keeps_what_is_ours_and_knows_of_no_activation(record: Path) -> None:
    record.write_text(json.dumps({**RECORD, "machine_id": "another"}))
    assert applied.observe_applied() == Applied({"daemon_json /debug": "abc"}, False, "s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        json.dumps({**RECORD, "schema_version": 2}),
        json.dumps({**RECORD, "applied": []}),
        json.dumps({**RECORD, "activation": {"invocation": "run 1"}}),
        json.dumps({**RECORD, "failed": {"digest": "f"}}),
    ],
)
def test_a_damaged_record_is_none(record: Path, text: str) -> None:
    record.write_text(text)
    found = applied.observe_applied()
    assert found._replace(salt="") == Applied({})
    assert found.salt


def test_two_lost_records_have_two_salts(record: Path) -> None:
    assert not record.exists()
    assert applied.observe_applied().salt != applied.observe_applied().salt
