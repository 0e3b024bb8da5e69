"""The files of a question, and what becomes of one that cannot be asked."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.packages import private_view
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Answer,
    Question,
)

COLLECTIONS = Path(__file__).parents[4] / ".collections"
LAYS_OUT = """
import locale, sys
from ansible_collections.dockwright.host.plugins.module_utils.observers.packages import private_view
private_view._lay_out(sys.argv[1], {"daemon.json": "\\u00fc\\udcff"})
print(locale.getpreferredencoding(False))
"""
PRINTS = """
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import command
assert command.read(["printf", "%s", "\\u00fc"]).stdout == "\\u00fc"
print("ok")
"""


@pytest.mark.usefixtures("narrow_umask")
def test_apts_own_user_reads_them_whatever_roots_umask(tmp_path: Path) -> None:
    private_view._lay_out(str(tmp_path / "view"), {"docker.asc": "a key"})
    assert (tmp_path / "view").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "view" / "docker.asc").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "view" / "docker.asc").read_text() == "a key"


def test_they_hold_what_is_written_whatever_the_locale(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ran = subprocess.run(
        [sys.executable, "-c", LAYS_OUT, str(tmp_path / "view")],
        env={**plain, "PYTHONPATH": str(COLLECTIONS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "ANSI_X3.4-1968"
    assert (tmp_path / "view" / "daemon.json").read_bytes() == b"\xc3\xbc\xff"


def ask(monkeypatch: pytest.MonkeyPatch, *commands: tuple[str, ...], seconds: float = 10) -> Answer:
    """Ask without a view, since this is no lab host."""
    monkeypatch.setattr(private_view, "enter_view", lambda _offline: None)
    monkeypatch.setattr(private_view, "_lay_out", lambda _folder, _files: None)
    return private_view.ask(Question(commands, seconds=seconds))


def test_an_answer_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask(monkeypatch, ("printf", "a"), ("sh", "-c", "echo b >&2; exit 3"))
    assert answer == Answer((0, 3), ("a", "b\n"))


def test_what_the_host_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_offline: bool) -> None:
        raise OSError("an overlay over / (vfat) was refused: Invalid argument")

    monkeypatch.setattr(private_view, "enter_view", refuse)
    answer = private_view.ask(Question((("true",),)))
    assert answer.unasked == (
        "a view of the host could not be made: an overlay over / (vfat) was refused: "
        "Invalid argument"
    )


def test_a_command_that_does_not_end_ends_with_all_it_has_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = time.monotonic()
    # The second sleep holds the output open, and is no child of ours.
    answer = ask(monkeypatch, ("sh", "-c", "sleep 30 & sleep 30"), seconds=1)
    assert time.monotonic() - began < 15
    assert answer.unasked == "sh -c sleep 30 & sleep 30 did not end within 1 s"


def test_a_view_that_is_never_made_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(_offline: bool) -> None:
        time.sleep(60)

    monkeypatch.setattr(private_view, "enter_view", hang)
    monkeypatch.setattr(private_view, "_SPARE_SECONDS", 1)
    answer = private_view.ask(Question((("true",),), seconds=0))
    assert answer.unasked == "a view of the host could not be made in time"


def test_an_argument_of_any_letters_whatever_the_locale() -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ran = subprocess.run(
        [sys.executable, "-c", PRINTS],
        env={**plain, "PYTHONPATH": str(COLLECTIONS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "ok"
