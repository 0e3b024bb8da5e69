"""How a start goes, by systemd's words: what is waited for, how it ended, and who said no.

systemd's words were seen on systemd 257.
"""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.activation.host_faults import (
    host_fault,
)
from ansible_collections.dockwright.host.plugins.module_utils.planners.units.start import (
    DOWN,
    ENDED,
    UP,
    WAITING,
    judge_run,
    judge_settled,
    judge_start,
    judge_stop,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.units.run import (
    UnitRun,
)

NAME = "docker.service"
DOWN_BEFORE = UnitRun(invocation="run 1", main_started=1, checked=(1, 1))
UP_BEFORE = DOWN_BEFORE._replace(active_state="active", sub_state="running")
# Each is seen after a start was asked for.
BEGUN = DOWN_BEFORE._replace(invocation="run 2", checked=(2, 2))
RAN = BEGUN._replace(main_started=2)
STARTING = RAN._replace(active_state="activating", sub_state="start", start_limit=90.0)

WAITS = {
    "a start of its main process": (STARTING, "starting", 90.0),
    "a command before it": (STARTING._replace(sub_state="start-pre"), "starting", 90.0),
    "a command after it": (STARTING._replace(sub_state="start-post"), "starting", 90.0),
    "a start without a time-out": (STARTING._replace(start_limit=None), "starting", None),
    "a stop before it": (
        RAN._replace(active_state="deactivating", sub_state="stop-sigterm", stop_limit=30.0),
        "stopping",
        30.0,
    ),
    "a job whose turn has not come": (
        DOWN_BEFORE._replace(job="7"),
        "waiting for its turn",
        None,
    ),
    "a job after a run that failed": (
        DOWN_BEFORE._replace(active_state="failed", job="7"),
        "waiting for its turn",
        None,
    ),
}
FAILED = RAN._replace(active_state="failed", sub_state="failed", main_code=1)
ENDS = {
    "dockerd says no": (
        FAILED._replace(result="exit-code", main_status=1),
        "its main process ended with status 1",
        True,
    ),
    "dockerd says no, and is to be started over": (
        RAN._replace(
            active_state="activating",
            sub_state="auto-restart",
            result="exit-code",
            main_code=1,
            main_status=1,
        ),
        "its main process ended with status 1",
        True,
    ),
    "dockerd ends before it is ready": (
        FAILED._replace(result="protocol", main_status=0),
        "ended with status 0",
        True,
    ),
    "dockerd crashes": (
        FAILED._replace(result="core-dump", main_code=3, main_status=11),
        "signal 11",
        True,
    ),
    "somebody kills it": (
        FAILED._replace(result="signal", main_code=2, main_status=9),
        "signal 9",
        False,
    ),
    "memory runs out": (
        FAILED._replace(result="oom-kill", main_code=2, main_status=9),
        "memory",
        False,
    ),
    "its unit has a time-out": (
        FAILED._replace(result="timeout", main_code=2, main_status=9, start_limit=90.0),
        "time-out of its own unit (90 s)",
        False,
    ),
    "its watchdog": (
        FAILED._replace(result="watchdog", main_code=3, main_status=6),
        "alive",
        False,
    ),
    "dockerd is not there": (
        FAILED._replace(result="exit-code", main_status=203),
        "could not run its program (status 203)",
        False,
    ),
    "a namespace cannot be made": (
        FAILED._replace(result="exit-code", main_status=226),
        "could not run its program (status 226)",
        False,
    ),
    "a command before it fails": (
        BEGUN._replace(active_state="failed", result="exit-code", main_code=1, main_status=0),
        "ExecStartPre=",
        False,
    ),
    "a command before it fails, and nothing is known of a main process": (
        BEGUN._replace(active_state="failed", result="exit-code", main_started=0),
        "ExecStartPre=",
        False,
    ),
    "a command after it fails": (
        FAILED._replace(result="exit-code", main_status=0),
        "ExecStartPost=",
        False,
    ),
    "it was started too often": (
        DOWN_BEFORE._replace(active_state="failed", result="start-limit-hit"),
        "too often",
        False,
    ),
    "no resources": (BEGUN._replace(active_state="failed", result="resources"), "needs", False),
    "a condition": (
        DOWN_BEFORE._replace(conditions_met=False, checked=(2, 1)),
        "a condition of its unit is not met",
        False,
    ),
    "an assertion": (
        DOWN_BEFORE._replace(assertions_met=False, checked=(2, 2)),
        "an assertion of its unit is not met",
        False,
    ),
    "a unit that it needs": (DOWN_BEFORE, "a unit that it needs did not come up", False),
    "a mask": (DOWN_BEFORE._replace(load_state="masked"), "it is masked", False),
    "a unit file with a mistake": (
        DOWN_BEFORE._replace(load_state="bad-setting"),
        "it is bad-setting",
        False,
    ),
    "somebody stops it": (RAN._replace(main_code=1), "somebody had it stop", False),
    "a restart that nobody saw": (STARTING._replace(restarts=1), "was started over", None),
}


@pytest.mark.parametrize("name", WAITS)
def test_what_is_on_its_way_is_waited_for(name: str) -> None:
    now, phase, limit = WAITS[name]
    verdict = judge_start(NAME, DOWN_BEFORE, now)
    assert (verdict.kind, verdict.phase, verdict.limit) == (WAITING, phase, limit)


@pytest.mark.parametrize("name", ENDS)
def test_why_it_ended_and_whose_no_it_was(name: str) -> None:
    now, words, said_no = ENDS[name]
    verdict = judge_start(NAME, DOWN_BEFORE, now)
    assert (verdict.kind, verdict.said_no) == (ENDED, said_no), verdict
    assert words in verdict.sentence


def test_what_never_ran_names_what_it_needs() -> None:
    needs = ("docker.socket", "sysinit.target")
    assert judge_start(NAME, DOWN_BEFORE, DOWN_BEFORE._replace(needs=needs)).needs == needs


def test_a_restart_is_done_with_another_run() -> None:
    assert judge_start(NAME, UP_BEFORE, UP_BEFORE).kind == UP
    queued = UP_BEFORE._replace(job="7")
    assert judge_start(NAME, UP_BEFORE, queued, anew=True).phase == "waiting for its turn"
    over = judge_start(NAME, UP_BEFORE, UP_BEFORE, anew=True)
    assert (over.kind, over.said_no) == (ENDED, False)
    again = RAN._replace(active_state="active", sub_state="running")
    assert judge_start(NAME, UP_BEFORE, again, anew=True).kind == UP
    # It is seen only when its job is done, so the earlier run is unknown.
    assert judge_start(NAME, UnitRun(), queued, anew=True).kind == WAITING


def test_a_start_that_somebody_else_began_says_no_as_well() -> None:
    joined = STARTING._replace(start_limit=None)
    ended = FAILED._replace(result="exit-code", main_status=1)
    assert judge_start(NAME, joined, ended).said_no
    early = joined._replace(sub_state="start-pre", main_started=1)
    assert not judge_start(NAME, early, ended._replace(main_started=1)).said_no


def test_a_stop_is_waited_for() -> None:
    stopping = UP_BEFORE._replace(
        active_state="deactivating", sub_state="stop-sigterm", stop_limit=90.0
    )
    verdict = judge_stop(NAME, stopping)
    assert (verdict.kind, verdict.phase, verdict.limit) == (WAITING, "stopping", 90.0)
    assert judge_stop(NAME, UP_BEFORE._replace(job="7")).kind == WAITING
    assert judge_stop(NAME, UP_BEFORE).kind == ENDED
    assert judge_stop(NAME, DOWN_BEFORE).kind == judge_stop(NAME, FAILED).kind == DOWN


def test_a_run_that_was_well_ends_by_evidence_alone() -> None:
    well = RAN._replace(active_state="active", sub_state="running")
    assert judge_run(NAME, well, well).kind == UP
    assert judge_run(NAME, well, well._replace(active_state="reloading")).kind == UP
    # Somebody else's restart is another run, which is watched in turn.
    assert judge_run(NAME, well, STARTING).kind == WAITING
    assert judge_run(NAME, well, well._replace(restarts=1)).said_no is None
    ended = judge_run(NAME, well, FAILED._replace(result="exit-code", main_status=1))
    assert (ended.kind, ended.said_no) == (ENDED, True)
    assert "came up, and then ended" in ended.sentence
    stopped = judge_run(NAME, well, RAN._replace(main_code=1))
    assert (stopped.kind, stopped.said_no) == (ENDED, False)


def test_between_two_tries_a_unit_is_down() -> None:
    assert judge_settled(STARTING).kind == WAITING
    assert judge_settled(STARTING._replace(sub_state="auto-restart")).kind == UP
    assert judge_settled(DOWN_BEFORE._replace(job="7")).kind == WAITING
    assert judge_settled(DOWN_BEFORE).kind == UP


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("failed to start daemon: write /data/x: no space left on device", "a filesystem is full"),
        ("failed to start daemon: mkdir /data: read-only file system", "a filesystem is read-only"),
        (
            "failed to start daemon, ensure docker is not running or delete /var/run/docker.pid: "
            "process with PID 42 is still running",
            "another daemon runs",
        ),
        (
            'failed to start daemon: failed to dial "/run/containerd/containerd.sock": '
            "failed to dial: context deadline exceeded",
            "containerd did not answer",
        ),
        ("failed to start daemon: unknown log opt 'no-such-option' for json-file log driver", ""),
        ("failed to start daemon: listen tcp 127.0.0.1:22: bind: address already in use", ""),
    ],
)
def test_dockerd_s_own_words_tell_the_host_s_faults(words: str, fault: str) -> None:
    assert host_fault(words) == fault
