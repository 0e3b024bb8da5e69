"""What became of a container: its own end, somebody's deed, or a loss that a commit answers for."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.containers.fate import (
    FORGOTTEN,
    KNOWN,
    RUNS,
    ContainerDue,
    are_due,
    is_missing,
    judge,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.docker.containers import (
    ContainerListed,
    ContainerSeen,
)

GONE = "the daemon does not know containers that it had before: shop"
ORPHAN = "containers run on, and the daemon does not know that they run: shop"
ENDED = "containers that ran before do not run: shop"


@pytest.mark.parametrize(
    ("due", "seen", "sentence"),
    [
        # The daemon says 404, and the container's folder is still in its place: it is lost.
        (RUNS, ContainerSeen(), GONE),
        (KNOWN, ContainerSeen(), GONE),
        (FORGOTTEN, ContainerSeen(), ""),
        # Somebody removed it, or it removed itself at its end (--rm): no folder is left.
        (RUNS, ContainerSeen(has_folder=False), ""),
        (RUNS, ContainerSeen(deeds=("kill", "destroy")), ""),
        # Its shim runs on, which no consent covers.
        (RUNS, ContainerSeen(has_shim=True, has_folder=False), ORPHAN),
        (KNOWN, ContainerSeen(has_shim=True), ORPHAN),
        (FORGOTTEN, ContainerSeen(has_shim=True), ORPHAN),
        (RUNS, ContainerSeen(status="exited", exit_code=255, has_shim=True), ORPHAN),
        (
            KNOWN,
            ContainerSeen(status="exited", exit_code=255, restarts=True, has_shim=True),
            ORPHAN,
        ),
        # The daemon knows it, and it has ended: by itself, by a signal, or with its shim.
        (RUNS, ContainerSeen(status="exited", exit_code=0), ""),
        (RUNS, ContainerSeen(status="exited", exit_code=1), ""),
        (RUNS, ContainerSeen(status="exited", exit_code=137), ENDED),
        (RUNS, ContainerSeen(status="exited", exit_code=255), ENDED),
        (KNOWN, ContainerSeen(status="exited", exit_code=137), ""),
        (RUNS, ContainerSeen(status="exited", exit_code=0, restarts=True), ENDED),
        (RUNS, ContainerSeen(status="created", exit_code=128, restarts=True), ENDED),
        # Somebody has stopped it meanwhile.
        (
            RUNS,
            ContainerSeen(status="exited", exit_code=143, restarts=True, deeds=("kill", "stop")),
            "",
        ),
        # It is being removed or started; a paused one has its processes.
        (RUNS, ContainerSeen(status="removing", exit_code=137, has_shim=True), ""),
        (RUNS, ContainerSeen(status="dead", exit_code=137), ""),
        (KNOWN, ContainerSeen("created", has_shim=True), ""),
        (RUNS, ContainerSeen(status="restarting", exit_code=1, restarts=True), ""),
        (RUNS, ContainerSeen("paused", has_shim=True), ""),
    ],
)
def test_what_became_of_one(due: str, seen: ContainerSeen, sentence: str) -> None:
    verdict = judge([(ContainerDue("a" * 64, "shop", due), seen)])
    assert verdict.sentence == sentence
    # A container that has only ended may come back while the daemon is still waited for.
    assert verdict.is_lost is (sentence in (GONE, ORPHAN))


def test_each_kind_is_told_with_its_names() -> None:
    seen = [
        (ContainerDue("a" * 64, "shop"), ContainerSeen()),
        (ContainerDue("b" * 64, ""), ContainerSeen(has_shim=True)),
        (ContainerDue("c" * 64, "door"), ContainerSeen(status="exited", exit_code=137)),
    ]
    assert judge(seen).sentence == "; ".join(
        [ORPHAN.replace("shop", "b" * 12), GONE, ENDED.replace("shop", "door")]
    )
    many = [(ContainerDue(str(n), f"c{n:02}"), ContainerSeen()) for n in range(12)]
    assert judge(many).sentence.endswith("c08, c09 and 2 more")
    assert judge([]).sentence == ""


@pytest.mark.parametrize(
    ("due", "status", "has_shim", "missing"),
    [
        (RUNS, "running", True, False),
        (RUNS, "paused", True, False),
        (RUNS, "exited", False, True),
        (RUNS, "", False, True),
        (KNOWN, "exited", False, False),
        (KNOWN, "exited", True, True),
        (KNOWN, "", False, True),
        (FORGOTTEN, "", False, False),
        (FORGOTTEN, "", True, True),
    ],
)
def test_which_call_for_a_closer_look(due: str, status: str, has_shim: bool, missing: bool) -> None:
    assert is_missing(ContainerDue("a" * 64, "shop", due), status, has_shim) is missing


def test_what_is_due_of_a_container_follows_from_how_it_is() -> None:
    statuses = ("running", "paused", "restarting", "created", "exited", "dead")
    listed = [ContainerListed(status, status, status) for status in statuses]
    assert [each.due for each in are_due(listed, RUNS)] == [RUNS] * 2 + [KNOWN] * 4
