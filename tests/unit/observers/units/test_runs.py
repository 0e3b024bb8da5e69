"""What systemd says of a unit's run, in old and new words."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.units.runs import (
    parse_jobs,
    parse_run,
    parse_span,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.units.run import (
    UnitRun,
)


def test_a_run_is_read() -> None:
    shown = {
        "LoadState": "loaded",
        "ActiveState": "activating",
        "SubState": "start",
        "Job": "812",
        "Result": "success",
        "InvocationID": "09af",
        "NRestarts": "2",
        "ExecMainStartTimestampMonotonic": "812659775",
        "ExecMainCode": "1",
        "ExecMainStatus": "203",
        "TimeoutStartUSec": "infinity",
        "TimeoutStopUSec": "1min 30s",
        "ConditionResult": "no",
        "AssertResult": "yes",
        "ConditionTimestampMonotonic": "7",
        "AssertTimestampMonotonic": "8",
        "Requires": "docker.socket sysinit.target",
        "BindsTo": "containerd.service docker.socket",
    }
    assert parse_run(shown) == UnitRun(
        load_state="loaded",
        active_state="activating",
        sub_state="start",
        job="812",
        result="success",
        invocation="09af",
        main_started=812659775,
        main_code=1,
        main_status=203,
        restarts=2,
        start_limit=None,
        stop_limit=90.0,
        checked=(7, 8),
        conditions_met=False,
        assertions_met=True,
        needs=("docker.socket", "sysinit.target", "containerd.service"),
    )


def test_what_an_old_systemd_leaves_out_is_nothing() -> None:
    run = parse_run({"LoadState": "loaded", "ActiveState": "active", "Job": "0"})
    assert run == UnitRun(active_state="active")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("infinity", None),
        ("", None),
        ("5s", 5.0),
        ("1min 30s", 90.0),
        ("2h 500ms", 7200.5),
        ("1month", 2629800.0),
    ],
)
def test_spans_of_time(text: str, seconds: float | None) -> None:
    assert parse_span(text) == seconds


def test_jobs_that_run_are_what_others_wait_for() -> None:
    listed = "101 docker.service start waiting\n99 network-online.target start running\n\n"
    assert parse_jobs(listed) == ("network-online.target",)
