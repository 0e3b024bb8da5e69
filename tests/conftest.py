"""What all tests share: the lab, brought up once and taken down whatever happens.

With `make test` several processes share the files (pytest-xdist), each with its own lab.
"""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from tests.lab import LAB, LANE, LANE_VARIABLE, ROOT, Lab, chosen_hosts, keep

# What takes longest comes first, so that no process is left alone with it at the end. Before it
# comes what needs no lab, and runs while another process builds the images.
FIRST = (
    "test_lint.py",
    "test_published.py",
    "test_scenarios.py",
    "test_tamperings.py",
    "test_commit.py",
    "test_cut_off.py",
    "test_replacement.py",
    "test_storage_cut_off.py",
    "test_storage_consents.py",
    "test_faulty_sites.py",
    "test_proxy_secrets.py",
    "test_daemon_options.py",
    "test_drop_in.py",
)
LAST = "unit"
# How many characters of a failure the list at the end shows, and how many of the slowest parts.
FAILURE, SLOWEST = 240, 10
SHARED_BY_ALL = "the lab: up and down"
_seconds: dict[str, float] = defaultdict(float)


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Bare lab hosts; with KEEP=1 they stay after a failure, and the way to them is told."""
    # It ends the run through `finally`, as Ctrl-C does; SystemExit would end only one test.
    signal.signal(signal.SIGTERM, end)
    hosts = chosen_hosts()
    began = time.monotonic()
    try:
        with shown_at_once(request.config):
            print(f"\n== lab: bringing up {', '.join(hosts)}", flush=True)
            # What a cut-off run or a demo has left must not be taken for bare hosts.
            subprocess.run([sys.executable, str(LAB), "down"], check=True, cwd=ROOT)
            subprocess.run([sys.executable, str(LAB), "up", *hosts], check=True, cwd=ROOT)
        _seconds[SHARED_BY_ALL] += time.monotonic() - began
        yield Lab(hosts)
    finally:
        began = time.monotonic()
        with shown_at_once(request.config):
            if keep() and request.session.testsfailed:
                print(f"\n== lab: kept. Look around: python molecule/lab ssh {hosts[0]}")
                print("== lab: when done: make lab-down", flush=True)
            else:
                subprocess.run([sys.executable, str(LAB), "down"], check=False, cwd=ROOT)
        _seconds[SHARED_BY_ALL] += time.monotonic() - began


def shown_at_once(config: pytest.Config) -> AbstractContextManager[None]:
    """Let output through to the terminal, if this process has one; else a failure shows it."""
    if LANE:
        return nullcontext()
    capture = config.pluginmanager.getplugin("capturemanager")
    disabled: AbstractContextManager[None] = capture.global_and_fixture_disabled()
    return disabled


def end(*_signal: object) -> None:
    """Have SIGTERM end a run as a person's Ctrl-C does."""
    pytest.exit("ended by SIGTERM", 143)


def shares_out(config: pytest.Config) -> bool:
    """Whether this process only has others run tests."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Let SIGTERM also end the process that distributes the tests in an orderly way."""
    if shares_out(config):
        signal.signal(signal.SIGTERM, end)
        config.pluginmanager.register(OfProcesses())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take down the labs of processes that were ended before they could do it."""
    if not shares_out(config):
        return
    kept = sorted(path.name.removeprefix(".lab") for path in ROOT.glob("molecule/.lab-*"))
    if keep() and kept:
        print(f"== lab: kept, one for each process: {' '.join(kept)}. Look around:")
        print(f"   {LANE_VARIABLE}={kept[0]} python molecule/lab ssh {chosen_hosts()[0]}")
        print("== lab: when done: make lab-down")
        return
    for lane in kept:
        environment = {**os.environ, LANE_VARIABLE: lane}
        subprocess.run([sys.executable, str(LAB), "down"], check=False, cwd=ROOT, env=environment)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, each as a whole."""

    def place(item: pytest.Item) -> tuple[bool, int]:
        name = item.path.name
        return LAST in item.path.parts, FIRST.index(name) if name in FIRST else len(FIRST)

    items.sort(key=place)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the time of each file with its fixtures; count the lab's own time separately too."""
    if report.when in ("setup", "call"):
        _seconds[report.nodeid.split("::")[0]] += report.duration


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Give the lab's time to the process that distributes the tests."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[SHARED_BY_ALL] = _seconds[SHARED_BY_ALL]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print where the time went and, a line each, the failures: a cut log still ends with them."""
    terminalreporter.section(f"where the time went: the {SLOWEST} slowest parts, and the others")
    parts = sorted(_seconds.items(), key=lambda item: -item[1])
    others = sum(seconds for _part, seconds in parts[SLOWEST:])
    told = [*parts[:SLOWEST], (f"{len(parts) - SLOWEST} others", others)]
    told.append(("all, by as many processes as share them", sum(_seconds.values())))
    for part, seconds in told if len(parts) > SLOWEST else parts:
        if seconds >= 1:
            terminalreporter.write_line(f"{seconds:8.1f} s  {part}")
    ended_badly = [
        report for how in ("error", "failed") for report in terminalreporter.getreports(how)
    ]
    if ended_badly:
        terminalreporter.section("what failed")
    for report in ended_badly:
        crash = getattr(report.longrepr, "reprcrash", None)
        words = f"line {crash.lineno}: {crash.message}" if crash else str(report.longrepr)
        name = report.nodeid.removeprefix("tests/")
        terminalreporter.write_line(f"{name} {report.when}: {' '.join(words.split())}"[:FAILURE])


def pytest_report_header() -> list[str]:
    """Say what the hosts are made of, if they are up already."""
    return [f"lab hosts: {', '.join(chosen_hosts())}"]


class OfProcesses:
    """Hooks of pytest-xdist, for when it is in use."""

    def pytest_testnodedown(self, node: Any) -> None:
        """Add the time of a process's own lab."""
        _seconds[SHARED_BY_ALL] += getattr(node, "workeroutput", {}).get(SHARED_BY_ALL, 0.0)
