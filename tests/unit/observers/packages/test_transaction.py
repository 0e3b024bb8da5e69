"""What dpkg has half-way, what a run of ours has on record, and who uses the package manager."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.engine import (
    transaction as applier,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.packages import transaction
from ansible_collections.dockwright.host.plugins.module_utils.observers.packages.locks import (
    Holder,
    see_holder,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.transaction import (
    BegunPackage,
    UnfinishedPackage,
)

DOCKER = {"docker-ce": BegunPackage("5:26.1.5", "5:28.5.2"), "libnftables1": BegunPackage()}


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "state" / "transaction.json"
    for module in (transaction, applier):
        monkeypatch.setattr(module, "TRANSACTION_RECORD", str(path))
    return path


def test_what_is_whole_is_left_out() -> None:
    text = (
        "docker-ce\t5:28.5.2\thalf-installed\treinstreq\thold\n"
        "docker-ce-cli\t5:28.5.2\tinstalled\tok\thold\n"
        "containerd.io\t2.1.9\tinstalled\treinstreq\tinstall\n"
        "libc6:i386\t2.41\tunpacked\tok\tinstall\n"
        "vim\t\tnot-installed\tok\tunknown\n"
        "nginx\t1.26\tconfig-files\tok\tdeinstall\n"
    )
    assert transaction.parse_unfinished(text) == {
        "docker-ce": UnfinishedPackage(
            version="5:28.5.2", state="half-installed", reinstall=True, wanted="hold"
        ),
        "containerd.io": UnfinishedPackage(
            version="2.1.9", state="installed", reinstall=True, wanted="install"
        ),
        "libc6:i386": UnfinishedPackage(version="2.41", state="unpacked"),
    }


def test_a_transaction_is_on_record_until_it_has_ended(record: Path) -> None:
    with applier.on_record(DOCKER):
        assert transaction.read_begun() == DOCKER
        assert record.stat().st_mode & 0o777 == 0o600
    assert not record.exists()


def test_one_that_fails_stays_on_record_beside_what_was_there(record: Path) -> None:
    earlier = {"ca-certificates": BegunPackage()}
    with pytest.raises(RuntimeError), applier.on_record(earlier):
        raise RuntimeError
    with applier.on_record(DOCKER):
        assert transaction.read_begun() == {**earlier, **DOCKER}
    assert transaction.read_begun() == earlier
    applier.forget_begun(earlier)
    assert not record.exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"packages": []}', '{"packages": {"docker-ce": {"to": "1"}}}']
)
def test_a_damaged_record_names_nothing(record: Path, text: str) -> None:
    record.parent.mkdir()
    record.write_text(text)
    assert transaction.read_begun() == {}


def test_a_record_that_others_could_write_names_nothing(record: Path) -> None:
    record.parent.mkdir()
    packages = {"packages": {"docker-ce": {"before": "", "to": "5:28.5.2"}}}
    record.write_text(json.dumps(packages))
    assert "docker-ce" in transaction.read_begun()
    record.chmod(0o666)
    assert transaction.read_begun() == {}


def test_a_lock_is_seen_that_another_process_holds(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    assert see_holder([str(path), str(tmp_path / "none")], []) is None
    held = "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX)"
    script = f"{held}; print(flush=True); sys.stdin.read()"
    argv = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert see_holder([str(path)], []) == Holder(process.pid, str(path))
        process.communicate()


def test_a_number_is_a_lock_while_its_process_is_there(tmp_path: Path) -> None:
    path = tmp_path / "rpmdb_lock.pid"
    path.write_text(str(os.getpid()))
    assert see_holder([], [str(path)]) == Holder(os.getpid(), str(path))
    path.write_text("99999999")
    assert see_holder([], [str(path)]) is None
