"""The record of what was applied: each writer changes its own part, and no change is lost."""

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import applied
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import (
    applied as observer,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declared import Declared
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import Plan
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    ActivationRecord,
    Applied,
    FailedSet,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.resources import Resource

ACTIVATION = ActivationRecord(
    invocation="run 1", keys={"debug": "d"}, unit_files={"/u": "e"}, identity="1:2"
)
FAILED = FailedSet("f", "then", "why")


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "state" / "applied.json"
    monkeypatch.setattr(observer, "RECORD", str(path))
    monkeypatch.setattr(observer, "_WRITTEN_HERE", ())
    monkeypatch.setattr(observer, "machine_id", lambda: "m")
    return path


def plan(*keys: str, released: tuple[str, ...] = ()) -> Plan:
    parts = [key.partition(" ") for key in keys]
    declared = tuple(
        Declared(resource=Resource(each[0]), role="r", path=each[2], digest="digest of " + each[2])
        for each in parts
    )
    return Plan(declared=declared, released=released)


def keys() -> set[str]:
    return set(observer.observe_applied().digests)


@pytest.mark.usefixtures("record")
def test_a_write_from_an_older_reading_loses_nothing() -> None:
    stale = observer.observe_applied()
    applied.record_applied(plan("kernel.sysctl net.ipv4.ip_forward"), stale)
    applied.record_ownership(["group.member alice"], stale)
    applied.record_activation({"daemon_json /debug": "d"}, ACTIVATION, stale)
    applied.record_applied(plan("engine.package docker-ce"), stale)
    found = observer.observe_applied()
    assert set(found.digests) == {
        "kernel.sysctl net.ipv4.ip_forward",
        "group.member alice",
        "daemon_json /debug",
        "engine.package docker-ce",
    }
    assert (found.trusted, found.activation, found.salt) == (True, ACTIVATION, stale.salt)


def write_many(name: str) -> None:
    stale = observer.observe_applied()
    for number in range(25):
        applied.record_ownership([f"{name} {number}"], stale)


@pytest.mark.usefixtures("record")
def test_two_writers_at_one_time_lose_nothing() -> None:
    applied.begin_record(observer.observe_applied())
    writers = [
        multiprocessing.get_context("fork").Process(target=write_many, args=(name,))
        for name in ("kernel.sysctl", "group.member", "engine.package")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(keys()) == 75


@pytest.mark.usefixtures("record")
def test_a_role_takes_what_it_declares_now_for_what_it_declared_before() -> None:
    applied.record_applied(plan("group.member alice", "kernel.sysctl a"), Applied({}))
    applied.record_applied(plan("group.member bob"), Applied({}))
    assert keys() == {"group.member bob", "kernel.sysctl a"}


@pytest.mark.usefixtures("record")
def test_of_two_of_a_kind_none_drops_the_others() -> None:
    first = plan("storage.file /a", "storage.mount /A", "docker.limits.drop_in /docker/limits.conf")
    second = plan(
        "storage.file /b", "storage.mount /B", "docker.limits.drop_in /socket/limits.conf"
    )
    applied.record_applied(first, Applied({}))
    applied.record_applied(second, Applied({}))
    assert len(keys()) == 6
    # What a writer gives up is removed.
    applied.record_applied(plan(released=("storage.file /a", "storage.mount /A")), Applied({}))
    assert "storage.file /b" in keys()
    assert len(keys()) == 4


@pytest.mark.usefixtures("record")
def test_a_set_that_failed_takes_back_what_it_was_the_first_to_declare_and_no_more() -> None:
    applied.record_applied(plan("daemon_json /debug"), Applied({}))
    applied.record_ownership(["group.member alice", "storage.signature uuid"], Applied({}))
    staged = ["daemon_json /debug", "daemon_json /mtu"]
    applied.record_ownership(staged, Applied({}))
    applied.record_failure(FAILED, None, Applied({}), staged)
    found = observer.observe_applied()
    assert set(found.digests) == {
        "daemon_json /debug",
        "group.member alice",
        "storage.signature uuid",
    }
    assert (found.failed, found.activation) == (FAILED, None)


@pytest.mark.parametrize("text", ["", '{"schema_version": 1, "mach'])
def test_a_damaged_record_is_kept_aside_and_begun_anew(record: Path, text: str) -> None:
    for number in ("", "-2"):
        record.parent.mkdir(exist_ok=True)
        record.write_text(text)
        record.chmod(0o644)
        applied.begin_record(observer.observe_applied())
        aside = record.with_name(f"applied.json.damaged{number}")
        assert (aside.read_text(), aside.stat().st_mode & 0o777) == (text, 0o600)
        assert observer.observe_applied().trusted
        assert record.stat().st_mode & 0o777 == 0o600


def test_a_folder_in_the_records_place_is_kept_aside(record: Path) -> None:
    record.mkdir(parents=True)
    (record / "theirs").write_text("")
    applied.record_ownership(["daemon_json /debug"], observer.observe_applied())
    assert keys() == {"daemon_json /debug"}
    assert (record.parent / "applied.json.damaged" / "theirs").exists()


def test_a_link_in_the_records_place_is_kept_aside_and_not_followed(record: Path) -> None:
    record.parent.mkdir()
    theirs = record.parent / "theirs"
    theirs.write_text("")
    theirs.chmod(0o644)
    record.symlink_to(theirs)
    applied.begin_record(observer.observe_applied())
    assert (record.parent / "applied.json.damaged").is_symlink()
    assert (theirs.read_text(), theirs.stat().st_mode & 0o777) == ("", 0o644)
    assert not record.is_symlink()


def test_a_file_in_the_place_of_the_folder_is_kept_aside(record: Path) -> None:
    record.parent.write_text("theirs")
    applied.begin_record(observer.observe_applied())
    assert record.parent.with_name("state.damaged").read_text() == "theirs"
    assert observer.observe_applied().trusted


def test_what_a_damaged_record_still_names_stays_ours(record: Path) -> None:
    applied.record_applied(plan("daemon_json /debug"), Applied({}))
    contents = json.loads(record.read_text())
    record.write_text(json.dumps({**contents, "activation": 7}))
    applied.begin_record(observer.observe_applied())
    found = observer.observe_applied()
    assert (found.digests, found.salt) == ({"daemon_json /debug": "?"}, contents["salt"])
    assert (record.parent / "applied.json.damaged").exists()


def test_a_record_of_a_newer_version_is_not_written_over(record: Path) -> None:
    record.parent.mkdir()
    record.write_text('{"schema_version": 9}')
    writes: tuple[Callable[[], None], ...] = (
        lambda: applied.begin_record(observer.observe_applied()),
        lambda: applied.record_ownership(["daemon_json /debug"], Applied({})),
        lambda: applied.record_failure(FAILED, None, Applied({})),
    )
    for write in writes:
        with pytest.raises(ApplyFailed, match="its schema_version is 9, and this one knows 1"):
            write()
    assert record.read_text() == '{"schema_version": 9}'


def test_what_would_change_nothing_is_not_written(record: Path) -> None:
    applied.record_applied(plan("daemon_json /debug"), observer.observe_applied())
    before = record.stat().st_ino
    applied.record_applied(plan("daemon_json /debug"), observer.observe_applied())
    applied.record_ownership(["daemon_json /debug"], observer.observe_applied())
    assert record.stat().st_ino == before
    assert not list(record.parent.glob("*.damaged*"))


def test_a_run_that_wrote_nothing_leaves_no_record(record: Path) -> None:
    before = observer.observe_applied()
    applied.begin_record(before)
    applied.withdraw_record(before)
    assert not record.parent.exists()


def test_a_record_stays_beside_what_a_run_has_written(record: Path) -> None:
    before = observer.observe_applied()
    applied.begin_record(before)
    (record.parent / "staged.json").touch()
    applied.withdraw_record(before)
    assert record.exists()


def test_a_record_of_earlier_runs_stays(record: Path) -> None:
    applied.record_applied(plan("engine.package docker-ce"), observer.observe_applied())
    before = observer.observe_applied()
    applied.begin_record(before)
    applied.withdraw_record(before)
    assert record.exists()
