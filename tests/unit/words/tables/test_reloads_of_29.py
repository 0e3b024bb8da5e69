"""What a reload does on engine 29.7.2, by captured answers.

The lab has no such engine. For each key ``engine_29_reload.json`` has what ``GET /info`` and others
told before it was set, with it, and after it was removed, each after a reload.
"""

import json
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.tables.daemon_options import (
    OPTIONS,
    RELOAD,
    RESTART,
    effect_of,
    is_taken,
)

ENGINE = (29, 7, 2)
CAPTURED = json.loads(Path(__file__).with_name("engine_29_reload.json").read_text())
KEYS = CAPTURED["keys"]


def test_the_daemon_lived_through_all_of_them() -> None:
    assert CAPTURED["same_daemon"] is True


@pytest.mark.parametrize("key", sorted(key for key in OPTIONS if is_taken(OPTIONS[key], ENGINE)))
def test_a_key_takes_what_it_took(key: str) -> None:
    changed, removed = RESTART, RESTART
    if key in KEYS:
        told = KEYS[key]
        assert told["with"] != told["before"]
        changed = RELOAD
        removed = RELOAD if told["without"] == told["before"] else RESTART
    assert (effect_of(key, False, ENGINE), effect_of(key, True, ENGINE)) == (changed, removed)


def test_every_captured_key_is_known() -> None:
    assert [key for key in KEYS if not is_taken(OPTIONS[key], ENGINE)] == []
