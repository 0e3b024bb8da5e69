"""The folder from which a package site is looked into."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.appliers.engine import packages, sites
from ansible_collections.dockwright.host.plugins.module_utils.appliers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.proxy import (
    ProxyDeclaration,
)


@pytest.mark.usefixtures("narrow_umask")
def test_apts_own_user_reads_the_folder_whatever_roots_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "_PROBE", str(tmp_path / "probe"))
    monkeypatch.setattr(command, "run", lambda *_: "")
    with sites._probe_folder() as folder:
        packages.Apt(0, ProxyDeclaration()).offered(folder, ["docker-ce"])
        for path in (Path(folder), Path(folder) / "lists"):
            assert path.stat().st_mode & 0o777 == 0o755
