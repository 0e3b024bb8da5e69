"""What all tests share: the lab, brought up once and taken down whatever happens."""

import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import LAB, ROOT, Lab, chosen_hosts, keep

_seconds: dict[str, float] = defaultdict(float)


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Bare lab hosts; with KEEP=1 they stay after a failure, and the way to them is told."""
    # Ends the run through `finally`, as Ctrl-C does; SystemExit would end one test alone.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("ended by SIGTERM", 143))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    hosts = chosen_hosts()
    began = time.monotonic()
    try:
        with capture.global_and_fixture_disabled():
            print(f"\n== lab: bringing up {', '.join(hosts)}", flush=True)
            # What a run that was cut off, or a demo, has left must not be taken for bare hosts.
            subprocess.run([sys.executable, str(LAB), "down"], check=True, cwd=ROOT)
            subprocess.run([sys.executable, str(LAB), "up", *hosts], check=True, cwd=ROOT)
        _seconds["the lab: up and down"] += time.monotonic() - began
        yield Lab(hosts)
    finally:
        began = time.monotonic()
        with capture.global_and_fixture_disabled():
            if keep() and request.session.testsfailed:
                print(f"\n== lab: kept. Look around: python molecule/lab ssh {hosts[0]}")
                print("== lab: when done: make lab-down", flush=True)
            else:
                subprocess.run([sys.executable, str(LAB), "down"], check=False, cwd=ROOT)
        _seconds["the lab: up and down"] += time.monotonic() - began


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the time of each part of the suite; the lab's own is counted apart."""
    if report.when == "call":
        _seconds[str(Path(report.nodeid.split("::")[0]).parent)] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print where the time went, before pytest's line of totals."""
    terminalreporter.section("where the time went")
    for part, seconds in sorted(_seconds.items(), key=lambda item: -item[1]):
        terminalreporter.write_line(f"{seconds:8.1f} s  {part}")


def pytest_report_header() -> list[str]:
    """Say what the hosts are made of, if they are up already."""
    return [f"lab hosts: {', '.join(chosen_hosts())}"]
