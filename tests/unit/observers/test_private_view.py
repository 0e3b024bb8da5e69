"""The files of a question to the package manager."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers import private_view


@pytest.mark.usefixtures("narrow_umask")
def test_apts_own_user_reads_them_whatever_roots_umask(tmp_path: Path) -> None:
    private_view._lay_out(str(tmp_path / "view"), {"docker.asc": "a key"})
    assert (tmp_path / "view").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "view" / "docker.asc").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "view" / "docker.asc").read_text() == "a key"
