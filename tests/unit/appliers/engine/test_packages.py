"""What the distribution lacks is installed, even if somebody else's source is broken."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.engine import packages
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host.command import (
    ApplyFailed,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.engine import apt
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.proxy import (
    ProxyDeclaration,
)


@pytest.fixture
def apt_without_locks(monkeypatch: pytest.MonkeyPatch) -> packages.Apt:
    """An apt whose locks nobody holds, whatever this machine does meanwhile."""
    monkeypatch.setattr(apt, "LOCKS", ())
    monkeypatch.setattr(apt, "JOURNAL", "/nonexistent")
    monkeypatch.setattr(packages, "on_record", _without_record)
    return packages.Apt(0, ProxyDeclaration())


@contextlib.contextmanager
def _without_record(_packages: Mapping[str, object]) -> Iterator[None]:
    yield


def test_a_broken_source_does_not_keep_the_certificates_away(
    apt_without_locks: packages.Apt, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []

    def run(argv: Sequence[str], *_: object) -> str:
        ran.append(argv[1])
        if argv[1] == "update":
            raise ApplyFailed("E: The repository 'http://broken' has no Release file.")
        return ""

    monkeypatch.setattr(command, "run", run)
    apt_without_locks.install_prerequisites(["ca-certificates"])
    assert ran == ["update", "install", "install"]


def test_where_they_cannot_be_had_both_troubles_are_told(
    apt_without_locks: packages.Apt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(argv: Sequence[str], *_: object) -> str:
        raise ApplyFailed(f"{argv[1]} failed.")

    monkeypatch.setattr(command, "run", run)
    with pytest.raises(ApplyFailed, match=r"^install failed\. update failed\.$"):
        apt_without_locks.install_prerequisites(["ca-certificates"])
