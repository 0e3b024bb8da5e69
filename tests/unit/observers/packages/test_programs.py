"""Whether a program is its package's own file, by the package database and by the record."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.observers.packages import programs
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    PackageObserved,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.programs import (
    PackagedProgram,
    ProgramObserved,
)


class Host:
    """A program below a folder, and the package databases that know it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "dockerd"
        self.path.write_text("its own")
        self.path.chmod(0o755)
        self._folder = folder
        self._monkeypatch = monkeypatch
        (folder / "info").mkdir()
        monkeypatch.setattr(programs, "_DPKG", str(folder))
        monkeypatch.setattr(programs, "VERIFIED", str(folder / "programs.json"))
        self.name_in("docker-ce.md5sums")

    def name_in(self, name: str) -> None:
        digest = hashlib.md5(b"its own", usedforsecurity=False).hexdigest()
        (self._folder / "info" / name).write_text(f"00  usr/x\n{digest}  {str(self.path)[1:]}\n")

    def answer_rpm(self, text: str) -> None:
        output = command.Output(0, text, "")
        self._monkeypatch.setattr(command, "read", lambda _argv, **_how: output)

    def record(self, identity: str, version: str) -> None:
        each = {"identity": identity, "version": version}
        contents = {"programs": {str(self.path): each}}
        (self._folder / "programs.json").write_text(json.dumps(contents))

    def look(self, family: str = "deb") -> ProgramObserved:
        program = PackagedProgram(str(self.path), "docker-ce", "docker.service")
        packages = {"docker-ce": PackageObserved("1")}
        return programs.observe_programs(family, [program], packages)[str(self.path)]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


def test_dpkgs_digest_says_it(host: Host) -> None:
    seen = host.look()
    assert (seen.kind, seen.mode, seen.owner) == ("file", 0o755, os.geteuid())
    assert seen.installed == seen.found != ""
    host.path.write_text("another")
    assert host.look().installed != host.look().found


def test_dpkg_may_name_the_architecture_too(host: Host, tmp_path: Path) -> None:
    (tmp_path / "info" / "docker-ce.md5sums").rename(tmp_path / "info" / "docker-ce:amd64.md5sums")
    assert host.look().installed == host.look().found != ""


def test_rpms_digest_says_it(host: Host) -> None:
    digest = hashlib.sha256(b"its own").hexdigest()
    host.answer_rpm(f"8\n/usr/x\t\n{host.path}\t{digest}\n")
    assert host.look("rpm").installed == host.look("rpm").found == digest


@pytest.mark.parametrize("family", ["deb", "rpm"])
def test_without_a_digest_nobody_knows(host: Host, tmp_path: Path, family: str) -> None:
    (tmp_path / "info" / "docker-ce.md5sums").unlink()
    host.answer_rpm("8\n/usr/x\t00\n")
    assert host.look(family).unknown == "the package database has no digest of it"


def test_what_is_on_record_is_not_read_again(host: Host) -> None:
    identity = host.look().identity
    host.record(identity, "1")
    assert host.look().found == "verified"
    host.record(identity, "2")
    assert host.look().found not in ("verified", "")
    host.record(identity, "1")
    host.path.write_text("its 0wn")
    assert host.look().found not in ("verified", "")


@pytest.mark.usefixtures("host")
def test_a_damaged_record_names_nothing(tmp_path: Path) -> None:
    for text in ("", "[]", '{"programs": {"/x": 1}}', '{"programs": null}'):
        (tmp_path / "programs.json").write_text(text)
        assert programs.read_verified() == {}


def test_a_diversion_is_seen(host: Host, tmp_path: Path) -> None:
    (tmp_path / "diversions").write_text(f"/usr/x\n/usr/y\n:\n{host.path}\n/usr/z\nother\n")
    assert host.look().diverted == "/usr/z"
    assert host.look("rpm").diverted == ""


def test_what_is_gone_or_a_link(host: Host) -> None:
    host.path.rename(host.path.with_name("real"))
    assert host.look().kind == "absent"
    host.path.symlink_to("real")
    assert host.look().kind == "link"


def test_a_package_that_is_not_installed_has_no_program(host: Host) -> None:
    program = PackagedProgram(str(host.path), "docker-ce", "docker.service")
    assert programs.observe_programs("deb", [program], {"docker-ce": PackageObserved()}) == {}
