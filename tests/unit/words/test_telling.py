"""How a plan is shown: each item once on one line, what is in the way first."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words import impacts, resources
from ansible_collections.dockwright.host.plugins.module_utils.words.difference import (
    Difference,
    Plan,
    Refusal,
    Unverifiable,
    as_result,
    complaint,
    in_words,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.impacts import Impact
from ansible_collections.dockwright.host.plugins.module_utils.words.telling import told

NOTHING = "Nothing is changed on this host until what is refused or not judged is settled."


def difference(sentence: str, impact: Impact = impacts.NONE, **more: Any) -> Difference:
    given = {"resource": resources.DAEMON_JSON, "path": "/mtu", **more}
    return Difference(
        role="docker_daemon", expected="", actual="", impact=impact, sentence=sentence, **given
    )


def test_nothing_is_told_of_a_host_that_is_as_declared() -> None:
    assert told(Plan(notes=("A note.",))) == []


def test_what_is_refused_is_told_once_and_first_and_what_costs_most_before_the_rest() -> None:
    refusal = Refusal(found="/etc/a is theirs.", remedy="Move it away.")
    plan = Plan(
        differences=(
            difference("set debug to true", impacts.RELOAD),
            difference("set bip to 1", refusal=refusal),
            difference("set mtu to 2", impacts.RESTART),
            difference("set mtu to 3", impacts.RESTART, refusal=refusal),
            difference(
                "bob is root.", resource=resources.GROUP_MEMBER, path="bob", only_reported=True
            ),
        ),
        unverifiable=(
            Unverifiable(
                resource=resources.STORAGE_UNIT,
                role="docker_storage",
                path="/srv",
                reason="systemctl\n  is silent",
            ),
        ),
        warnings=("Mind this.",),
    )
    assert told(plan) == [
        "2 refused, 1 not judged, 2 to change (restarts dockerd), 1 to mend by hand, "
        f"1 to be warned of. {NOTHING}",
        "Refused: /etc/a is theirs. Move it away.",
        "Not judged: storage.unit /srv: systemctl is silent",
        "To change: /etc/docker/daemon.json: set mtu to 2 (restarts dockerd)",
        "To change: /etc/docker/daemon.json: set debug to true (reloads dockerd)",
        "By hand: bob is root.",
        "Warning: Mind this.",
    ]
    assert complaint(plan).splitlines() == told(plan)[1:3]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (difference("set mtu to 1", impacts.RESTART), "{json}: set mtu to 1 (restarts dockerd)"),
        (difference("take a out of daemon.json"), "take a out of {json}"),
        (difference("take a out of /srv/daemon.json"), "{json}: take a out of /srv/daemon.json"),
        (
            difference(
                "restart docker.service", impacts.RESTART, resource="service.running", path="x"
            ),
            "restart docker.service",
        ),
        (
            difference("delete /srv/a", impacts.DATA, resource="storage.file", path="/srv/a"),
            "delete /srv/a",
        ),
        (
            difference("clear it", impacts.DATA, resource="storage.file", path="/srv/a"),
            "/srv/a: clear it (moves or deletes data)",
        ),
        (
            difference("have it boot anew", impacts.REBOOT, resource="kernel.boot", path="a"),
            "have it boot anew (reboots the host)",
        ),
    ],
)
def test_a_sentence_says_where_and_what_the_cure_disturbs(given: Difference, words: str) -> None:
    assert in_words(given) == words.replace("{json}", "/etc/docker/daemon.json")
    (answered,) = as_result(Plan((given,)))["differences"]
    assert answered["sentence"] == in_words(given)
