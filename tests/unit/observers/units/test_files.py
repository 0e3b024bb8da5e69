"""What systemd cannot read of a unit's files, found in a tree of files."""

import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.units import (
    files as unit_files,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.units.files import (
    UnitFaultObserved,
)

UNIT = "docker.service"
SOUND = b"[Service]\nExecStart=/usr/bin/dockerd\n"


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(unit_files, "ROOT", str(tmp_path))
    for folder in ("etc/systemd/system", "usr/lib/systemd/system", "dev"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "dev/null").touch()
    (tmp_path / "usr/lib/systemd/system" / UNIT).write_bytes(SOUND)
    (tmp_path / "etc/systemd/system/docker.service.d").mkdir()
    return tmp_path / "etc/systemd/system"


def found(*names: str) -> list[UnitFaultObserved]:
    return list(unit_files.observe_unit_faults(names or (UNIT,)))


def test_sound_files_have_no_fault(etc: Path) -> None:
    drop_ins = etc / "docker.service.d"
    (drop_ins / "empty.conf").touch()
    (drop_ins / "remark.conf").write_bytes(b"[Service]\n # \xff\n;\xfe\nEnvironment=A=\xc3\xa9\n")
    (drop_ins / "masked.conf").symlink_to(etc.parents[1] / "../dev/null")
    (drop_ins / "other.txt").write_bytes(b"\xff")
    assert found(UNIT, "docker.socket", "containerd.service") == []


def test_each_fault_of_a_drop_in_is_told(etc: Path) -> None:
    drop_ins = etc / "docker.service.d"
    (drop_ins / "a.conf").write_bytes(b"[Service]\n\nEnvironment=\xff\n")
    (drop_ins / "b.conf").mkdir()
    (drop_ins / "c.conf").symlink_to("/nowhere/at/all")
    os.mkfifo(drop_ins / "d.conf")
    of = UnitFaultObserved(unit=UNIT, path="")
    assert found() == [
        of._replace(path=str(drop_ins / "a.conf"), line=3),
        of._replace(path=str(drop_ins / "b.conf"), kind="directory"),
        of._replace(path=str(drop_ins / "c.conf"), kind="link"),
        of._replace(path=str(drop_ins / "d.conf"), kind="other"),
    ]


def test_a_drop_in_of_every_service_counts_unless_one_of_that_name_hides_it(etc: Path) -> None:
    for folder in ("service.d", "docker.service.d"):
        (etc / folder).mkdir(exist_ok=True)
    (etc / "service.d/x.conf").write_bytes(b"\xff")
    assert [each.path for each in found()] == [str(etc / "service.d/x.conf")]
    (etc / "docker.service.d/x.conf").write_bytes(SOUND)
    assert found() == []


@pytest.mark.parametrize(
    ("contents", "fault"),
    [(b"\xff=1\n", {"line": 1}), (b"", {"is_empty": True}), (SOUND, None)],
)
def test_the_first_file_of_a_unit_counts(
    etc: Path, contents: bytes, fault: dict[str, object] | None
) -> None:
    (etc / UNIT).write_bytes(contents)
    of = UnitFaultObserved(unit=UNIT, path=str(etc / UNIT), is_drop_in=False)
    assert found() == ([] if fault is None else [of._replace(**fault)])  # type: ignore[arg-type]


def test_a_link_to_nothing_hides_the_packages_and_a_directory_does_not(etc: Path) -> None:
    (etc / UNIT).symlink_to("/nowhere/at/all")
    (etc.parents[2] / "usr/lib/systemd/system" / UNIT).write_bytes(b"\xff")
    assert [(each.kind, each.line) for each in found()] == [("link", 0)]
    (etc / UNIT).unlink()
    (etc / UNIT).mkdir()
    assert [(each.kind, each.line) for each in found()] == [("directory", 0), ("file", 1)]
